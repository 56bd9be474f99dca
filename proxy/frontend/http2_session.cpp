// SPDX-License-Identifier: Apache-2.0
#include "proxy/frontend/http2_session.hpp"

#include "proxy/frontend/http2_callbacks.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace proxy::frontend {

using base::net::TimePoint;

namespace {
// Between the notice that no more streams are wanted and the last word on which were taken: a round
// trip.
constexpr std::chrono::milliseconds kDrainNotice{500};
}  // namespace

Http2Session::Http2Session(Connection& connection)
    : connection_(connection),
      gateway_(connection.services(), connection.facts()),
      session_(make_h2_session(*this)),
      idle_since_(connection.now()) {}

Http2Session::~Http2Session() {
  for (auto& stream : streams_) {
    stream->closed_ = true;
    stream->exchange_->connection_status = 'X';
    if (stream->started_) {
      gateway_.close(std::move(stream->exchange_));
    } else {
      connection_.services().counters.exchanges_active.subtract();
    }
  }
}

void Http2Session::begin_stream(std::int32_t id) {
  streams_.push_back(std::make_unique<Http2Stream>(*this, id));
  streams_.back()->place_ = streams_.size() - 1;
  (void)nghttp2_session_set_stream_user_data(session_.get(), id, streams_.back().get());
  connection_.services().counters.h2_streams.add();
  first_ = false;
  schedule_stall_check();
}

void Http2Session::note(Http2Stream& stream) {
  if (std::exchange(stream.noted_, true)) return;
  noted_.push_back(&stream);
  connection_.schedule();
}

void Http2Session::on_input() {
  Transport& transport = connection_.transport();
  while (!failed_ && !input_ended_ && !connection_.ending() && transport.readable()) {
    if (!connection_.share().left(connection_.now())) {
      connection_.resume_next_turn();
      break;
    }
    const auto status = transport.read(in_, kInputBytes);
    input_ended_ =
        status == Transport::ReadStatus::closed || status == Transport::ReadStatus::truncated;
    const std::string_view bytes = in_.view();
    if (bytes.empty()) break;
    connection_.share().use(bytes.size());
    const ssize_t used = nghttp2_session_mem_recv(
        session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    in_.clear();
    // Not HTTP/2 at all, out of memory, or a flood that nghttp2 itself has seen.
    if (used < 0) {
      failed_ = true;
      connection_.services().counters.bad_requests.add();
      (void)nghttp2_session_terminate_session(session_.get(), used == NGHTTP2_ERR_FLOODED
                                                                  ? NGHTTP2_ENHANCE_YOUR_CALM
                                                                  : NGHTTP2_PROTOCOL_ERROR);
    }
    attend();
    if (nghttp2_session_get_outbound_queue_size(session_.get()) > kMaxOutboundFrames)
      calm_down(metrics::Flood::ping);
  }
  in_.release();
  // Without a client nobody is left to answer: HTTP/2 knows no half-closed connection.
  if (input_ended_) connection_.end(End::cut);
}

// Does what the callbacks have noted.
void Http2Session::attend() {
  for (std::size_t i = 0; i < noted_.size(); ++i) {
    Http2Stream& stream = *noted_[i];
    stream.noted_ = false;
    if (stream.closed_) continue;  // reaped below
    if (stream.head_done_ && !stream.started_) {
      stream.start();
    } else if (stream.started_) {
      stream.pass_request_on();
      stream.exchange_->response_taken();
    }
  }
  noted_.clear();
  reap();
}

void Http2Session::reap() {
  for (std::size_t i = streams_.size(); i-- > 0;) {
    if (!streams_[i]->closed_) continue;
    const std::unique_ptr<Http2Stream> stream = std::move(streams_[i]);
    if (i + 1 != streams_.size()) {
      streams_[i] = std::move(streams_.back());
      streams_[i]->place_ = i;
    }
    streams_.pop_back();
    if (stream->unconsumed_bytes_ > 0) stream->on_request_taken(stream->unconsumed_bytes_);
    stream->exchange_->connection_status = stream->response_ended_ ? '+' : 'X';
    if (stream->started_) {
      gateway_.close(std::move(stream->exchange_));
    } else {
      connection_.services().counters.exchanges_active.subtract();
    }
    idle_since_ = connection_.now();
  }
}

void Http2Session::write() {
  Transport& transport = connection_.transport();
  while (transport.room()) {
    const std::uint8_t* frames = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_.get(), &frames);
    if (size < 0) failed_ = true;
    if (size <= 0) break;
    transport.put({reinterpret_cast<const char*>(frames), static_cast<std::size_t>(size)});
  }
}

void Http2Session::on_turn_end() {
  Transport& transport = connection_.transport();
  if (transport.pending() > 0) transport.flush();
  write();
  transport.flush();
  attend();
  on_input();
  if (connection_.ending()) return;
  if (goaway_at_ != TimePoint::max() && last_goaway_sent_ && streams_.empty())
    return connection_.end(End::clean);
  const bool wants_write = nghttp2_session_want_write(session_.get()) != 0;
  if (!wants_write && (failed_ || nghttp2_session_want_read(session_.get()) == 0))
    return connection_.end(End::linger);
  // There is room and no event will say so.
  if (wants_write && transport.room()) connection_.schedule();
}

void Http2Session::on_hang_up() {
  connection_.end(End::cut);
}

void Http2Session::calm_down(metrics::Flood kind) {
  if (std::exchange(failed_, true)) return;
  connection_.services().counters.h2_floods[static_cast<std::size_t>(kind)].add();
  const auto& facts = connection_.facts();
  base::observe::LogLine(*facts.generation->hosts[facts.hosts->default_host()].error_log,
                         base::observe::LogLevel::warn, "h2.flood")
      .add("client", facts.client_ip)
      .add("kind", static_cast<int>(kind));
  (void)nghttp2_session_terminate_session(session_.get(), NGHTTP2_ENHANCE_YOUR_CALM);
  connection_.schedule();
}

void Http2Session::schedule_stall_check() {
  if (stall_check_ != TimePoint::max()) return;
  const auto& settings = connection_.settings();
  stall_check_ = connection_.now() + std::min(settings.head_timeout, settings.io_timeout);
}

TimePoint Http2Session::deadline() const {
  const auto& settings = connection_.settings();
  TimePoint at = last_goaway_sent_ ? TimePoint::max() : goaway_at_;
  if (streams_.empty())
    return std::min(at,
                    idle_since_ + (first_ ? settings.head_timeout : settings.keep_alive_timeout));
  return std::min(at, stall_check_);
}

void Http2Session::on_deadline() {
  const TimePoint now = connection_.now();
  if (!last_goaway_sent_ && goaway_at_ <= now) {
    last_goaway_sent_ = true;
    (void)nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE,
                                nghttp2_session_get_last_proc_stream_id(session_.get()),
                                NGHTTP2_NO_ERROR, nullptr, 0);
    return;
  }
  if (streams_.empty()) {
    (void)nghttp2_session_terminate_session(session_.get(), NGHTTP2_NO_ERROR);
    return;
  }
  if (stall_check_ <= now) check_stalls();
}

void Http2Session::check_stalls() {
  const TimePoint now = connection_.now();
  stall_check_ = TimePoint::max();
  schedule_stall_check();
  for (const auto& stream : streams_) {
    TimePoint due = TimePoint::max();
    if (stream->stalled_at(now, due)) {
      stream->exchange_->abort_backend();
      stream->reset(NGHTTP2_CANCEL);
      // A head that stays unfinished blocks the whole connection.
      if (!stream->head_done_)
        (void)nghttp2_session_terminate_session(session_.get(), NGHTTP2_ENHANCE_YOUR_CALM);
    } else {
      stall_check_ = std::min(stall_check_, due);
    }
  }
}

void Http2Session::drain() {
  if (goaway_at_ != TimePoint::max()) return;
  (void)nghttp2_submit_shutdown_notice(session_.get());
  goaway_at_ = connection_.now() + kDrainNotice;
  connection_.schedule();
}

}  // namespace proxy::frontend
