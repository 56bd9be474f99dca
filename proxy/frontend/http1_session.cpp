// SPDX-License-Identifier: Apache-2.0
// The way in: heads and bodies from the client. http1_response.cpp is the way out.
#include "proxy/frontend/http1_session.hpp"

#include <algorithm>
#include <utility>

namespace proxy::frontend {

using base::http::BodyKind;
using base::http::ChunkedDecoder;
using base::http::ParseStatus;
using base::net::TimePoint;
using Read = Transport::ReadStatus;

Http1Session::Http1Session(Connection& connection)
    : connection_(connection),
      gateway_(connection.services(), connection.facts()),
      since_(connection.now()) {}

Http1Session::~Http1Session() {
  if (!exchange_) return;
  if (phase_ == Phase::head && exchange_->head_text.empty()) {
    // No whole head ever came: nothing to log, nothing to count.
    connection_.services().counters.exchanges_active.subtract();
    connection_.services().exchanges.give(std::move(exchange_));
    return;
  }
  exchange_->connection_status = 'X';
  gateway_.close(std::move(exchange_));
}

void Http1Session::on_input() {
  while (!connection_.ending()) {
    switch (phase_) {
      case Phase::head:
        if (!step_head()) return;
        break;
      case Phase::body:
        if (!step_body()) return;
        break;
      case Phase::response:
        return;
    }
  }
}

// Reads into `in_`. False: nothing came, go no further now.
bool Http1Session::fill_input() {
  Transport& transport = connection_.transport();
  if (input_ended_) on_end_of_input();
  if (input_ended_ || !transport.readable()) return false;
  if (!connection_.share().left(connection_.now())) {
    connection_.resume_next_turn();
    return false;
  }
  const std::size_t before = in_.size();
  const Read status = transport.read(in_, kInputBytes);
  const std::size_t got = in_.size() - before;
  connection_.share().use(got);
  input_ended_ = status == Read::closed || status == Read::truncated;
  if (got > 0) return true;
  in_.release_if_empty();
  if (input_ended_) on_end_of_input();
  return false;
}

bool Http1Session::step_head() {
  if (in_.empty()) return fill_input();
  if (!exchange_) {
    exchange_ = gateway_.open(*this);
    since_ = connection_.now();
  }
  switch (parser_.parse(in_.view(), kHeadLimits, exchange_->head)) {
    case ParseStatus::complete:
      begin_request();
      return true;
    case ParseStatus::error: {
      // Half a head has views into the buffer: for the log its first line is enough.
      const auto text = in_.view();
      exchange_->head.clear();
      exchange_->head_text.assign(text.substr(0, std::min<std::size_t>(text.find('\r'), 256)));
      refuse(parser_.error().status, parser_.error().reason);
      return false;
    }
    case ParseStatus::incomplete:
      break;
  }
  return fill_input();
}

void Http1Session::begin_request() {
  const std::string_view text = in_.view().substr(0, parser_.consumed());
  exchange_->head_text.assign(text);
  exchange_->adopt_head_text(text);
  in_.consume(parser_.consumed());
  parser_.reset();
  decoder_.reset();
  first_ = false;
  after_chunk_ = false;
  auto& head = exchange_->head;
  exchange_->protocol = head.version_minor == 0 ? "HTTP/1.0" : "HTTP/1.1";
  keep_alive_ = head.keep_alive && !connection_.services().draining;
  phase_ = Phase::body;
  body_left_ = head.body == BodyKind::length ? head.content_length : 0;
  body_bytes_ = 0;
  since_ = connection_.now();
  if (head.bad_expectation) return refuse(417, "unknown expectation");
  const Refusal refusal = gateway_.prepare(*exchange_);
  if (refusal.status != 0) return refuse(refusal.status, refusal.reason);
  if (head.body == BodyKind::none || (head.body == BodyKind::length && body_left_ == 0)) {
    end_request_body();
  } else if (head.body == BodyKind::length && !in_.empty()) {
    (void)take_length_body();  // so that head and first piece leave in one write
  }
  gateway_.start(*exchange_);
}

void Http1Session::end_request_body() {
  exchange_->request.end();
  phase_ = Phase::response;
}

bool Http1Session::step_body() {
  // The answer is there and the rest of the upload has no taker any more.
  if (exchange_->back == nullptr) return false;
  if (exchange_->request.room() == 0) return false;
  const bool moved =
      exchange_->head.body == BodyKind::chunked ? take_chunked_body() : take_length_body();
  if (moved) {
    since_ = connection_.now();
    exchange_->request_progress();
  }
  return moved;
}

bool Http1Session::take_length_body() {
  auto& pipe = exchange_->request;
  std::size_t moved = 0;
  if (!in_.empty()) {
    moved = std::min({in_.size(), pipe.room(), static_cast<std::size_t>(body_left_)});
    pipe.buffer.append(in_.view().substr(0, moved));
    in_.consume(moved);
  } else {
    Transport& transport = connection_.transport();
    if (input_ended_) on_end_of_input();
    if (input_ended_ || !transport.readable()) return false;
    if (!connection_.share().left(connection_.now())) {
      connection_.resume_next_turn();
      return false;
    }
    const std::size_t before = pipe.buffer.size();
    const Read status = transport.read(
        pipe.buffer, static_cast<std::size_t>(std::min<std::uint64_t>(pipe.room(), body_left_)));
    moved = pipe.buffer.size() - before;
    connection_.share().use(moved);
    input_ended_ = status == Read::closed || status == Read::truncated;
    if (moved == 0 && input_ended_) on_end_of_input();
  }
  body_left_ -= moved;
  if (body_left_ == 0 && moved > 0) end_request_body();
  return moved > 0;
}

bool Http1Session::take_chunked_body() {
  if (in_.empty() && !fill_input()) return false;
  auto& pipe = exchange_->request;
  const auto step = decoder_.next(in_.view().substr(0, pipe.room()));
  if (step.status == ChunkedDecoder::Status::error) {
    refuse(400, step.reason);
    return false;
  }
  pipe.buffer.append(step.data);
  body_bytes_ += step.data.size();
  in_.consume(step.consumed);
  const std::uint64_t limit = connection_.settings().body_limit_bytes;
  if (limit > 0 && body_bytes_ > limit) {
    refuse(413, "body over the limit");
    return false;
  }
  if (step.status == ChunkedDecoder::Status::end) end_request_body();
  return true;
}

void Http1Session::on_end_of_input() {
  switch (phase_) {
    case Phase::head:
      return connection_.end(End::clean);
    case Phase::body:
      // Half a body: what the backend has of it must not look whole.
      if (exchange_->status == 0) {
        exchange_->status = 400;
        gateway_.log_failure(*exchange_, 400, "client.closed_in_body");
      }
      return connection_.end(End::cut);
    case Phase::response:
      return;
  }
}

// Answers from here and ends the connection: after a refusal nobody knows where the next request
// begins.
void Http1Session::refuse(int status, const char* reason) {
  connection_.services().counters.bad_requests.add();
  gateway_.log_failure(*exchange_, status, reason);
  keep_alive_ = false;
  exchange_->abort_backend();
  phase_ = Phase::body;  // not whole: the end will linger
  if (exchange_->response_started) return connection_.end(End::cut);
  gateway_.answer(*exchange_, status);
}

void Http1Session::on_request_taken(std::size_t) {
  connection_.schedule();
}

void Http1Session::on_hang_up() {
  connection_.end(End::cut);
}

TimePoint Http1Session::deadline() const {
  const auto& settings = connection_.settings();
  switch (phase_) {
    case Phase::head:
      return since_ + (exchange_ || first_ ? settings.head_timeout : settings.keep_alive_timeout);
    case Phase::body:
      // Only while the client is what is waited for.
      return exchange_->back != nullptr && exchange_->request.room() > 0
                 ? since_ + settings.io_timeout
                 : TimePoint::max();
    case Phase::response:
      break;
  }
  return TimePoint::max();
}

void Http1Session::on_deadline() {
  if (!exchange_) return connection_.end(End::clean);
  if (phase_ == Phase::head) exchange_->head.clear();  // half a head has views into the buffer
  refuse(408, phase_ == Phase::head ? "client.slow_head" : "client.slow_body");
}

void Http1Session::drain() {
  keep_alive_ = false;
  if (!exchange_) connection_.end(End::clean);
}

}  // namespace proxy::frontend
