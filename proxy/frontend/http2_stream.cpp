// SPDX-License-Identifier: Apache-2.0
#include "proxy/frontend/http2_stream.hpp"

#include "proxy/frontend/http2_callbacks.hpp"
#include "proxy/frontend/http2_session.hpp"
#include "proxy/frontend/response_fields.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace proxy::frontend {

using base::http::BodyKind;
using base::net::TimePoint;

namespace {

nghttp2_nv nv_of(std::string_view name, std::string_view value) {
  // nghttp2 copies both, and lowers the name's letters while it does.
  const auto bytes = [](std::string_view text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

/// The head as nghttp2 wants it; `digits` holds the status.
void fill_fields(std::vector<nghttp2_nv>& out, std::array<char, 3>& digits,
                 const base::http::ResponseHead& head) {
  digits = {static_cast<char>('0' + head.status / 100),
            static_cast<char>('0' + head.status / 10 % 10),
            static_cast<char>('0' + head.status % 10)};
  out.clear();
  out.push_back(nv_of(":status", {digits.data(), digits.size()}));
  const bool names_fields = connection_names_fields(head);
  for (const auto& field : head.fields) {
    if (passes_to_client(head, field, names_fields)) out.push_back(nv_of(field.name, field.value));
  }
}

std::vector<nghttp2_nv>& scratch_fields() {
  thread_local std::vector<nghttp2_nv> fields;
  return fields;
}

}  // namespace

Http2Stream::Http2Stream(Http2Session& session, std::int32_t id)
    : session_(session),
      id_(id),
      exchange_(session.gateway_.open(*this)),
      progress_(session.connection_.now()) {
  exchange_->protocol = "HTTP/2.0";
}

Http2Stream::FieldVerdict Http2Stream::add_field(std::string_view name, std::string_view value) {
  constexpr std::size_t kFieldOverhead = 32;  // RFC 9113 section 6.5.2
  list_bytes_ += name.size() + value.size() + kFieldOverhead;
  if (list_bytes_ > kHeaderBombBytes) return FieldVerdict::bomb;
  too_large_ |= list_bytes_ > kMaxHeaderListBytes || fields_.places.size() >= kMaxHeaderFields;
  if (!too_large_) fields_.add(name, value);
  return FieldVerdict::ok;
}

void Http2Stream::head_complete(bool end_stream) {
  head_done_ = true;
  request_ended_ = end_stream;
  progress_ = session_.connection_.now();
  session_.note(*this);
}

void Http2Stream::add_data(std::string_view data) {
  received_bytes_ += data.size();
  unconsumed_bytes_ += data.size();
  progress_ = session_.connection_.now();
  // Who has been answered gets its window back at once and is told to stop by RST_STREAM.
  if (exchange_->response.ended() || reset_) {
    on_request_taken(data.size());
    return;
  }
  exchange_->request.buffer.append(data);
  session_.note(*this);
}

void Http2Stream::end_request() {
  request_ended_ = true;
  session_.note(*this);
}

Http2Stream::Readable Http2Stream::readable(std::size_t limit) {
  auto& body = exchange_->response;
  Readable out;
  out.bytes = std::min(limit, body.buffer.size());
  out.end = body.ended() && out.bytes == body.buffer.size();
  out.deferred = out.bytes == 0 && !out.end;
  deferred_ = out.deferred;
  return out;
}

void Http2Stream::start() {
  started_ = true;
  auto& gateway = session_.gateway_;
  if (too_large_) {
    exchange_->head.clear();
    if (!session_.floods_.allow(metrics::Flood::headers, session_.connection_.now()))
      return session_.calm_down(metrics::Flood::headers);
    return refuse(431, "header list over the limit");
  }
  auto& head = exchange_->head;
  const bool empty_body = request_ended_ && received_bytes_ == 0;
  const Http2Problem problem = read_http2_request(fields_, empty_body, head);
  if (problem.kind == Http2Problem::Kind::malformed) {
    session_.connection_.services().counters.bad_requests.add();
    gateway.log_failure(*exchange_, 400, problem.reason);
    exchange_->status = 400;
    return reset(NGHTTP2_PROTOCOL_ERROR);
  }
  // The views go with the text.
  const std::string_view old_text = fields_.text;
  exchange_->head_text.assign(old_text);
  exchange_->adopt_head_text(old_text);
  if (problem.kind == Http2Problem::Kind::refused) return refuse(problem.status, problem.reason);
  if (request_ended_ && head.body == BodyKind::chunked) {
    // The whole body is here: its length is known after all.
    head.body = BodyKind::length;
    head.content_length = received_bytes_;
  }
  const Refusal refusal = gateway.prepare(*exchange_);
  if (refusal.status != 0) return refuse(refusal.status, refusal.reason);
  if (!request_ended_ || (head.body == BodyKind::length && received_bytes_ > head.content_length)) {
    if (head.body == BodyKind::length && received_bytes_ > head.content_length)
      return reset(NGHTTP2_PROTOCOL_ERROR);
  } else {
    if (head.body == BodyKind::length && received_bytes_ != head.content_length)
      return reset(NGHTTP2_PROTOCOL_ERROR);
    exchange_->request.end();
  }
  gateway.start(*exchange_);
}

void Http2Stream::pass_request_on() {
  if (reset_ || exchange_->request.ended()) return;
  const auto& head = exchange_->head;
  // nghttp2 compares DATA with content-length too; the backend must never depend on that alone.
  const bool over = head.body == BodyKind::length && received_bytes_ > head.content_length;
  const bool under =
      request_ended_ && head.body == BodyKind::length && received_bytes_ < head.content_length;
  if (over || under) {
    exchange_->abort_backend();
    exchange_->status = 400;
    return reset(NGHTTP2_PROTOCOL_ERROR);
  }
  const std::uint64_t limit = session_.connection_.settings().body_limit_bytes;
  if (limit > 0 && received_bytes_ > limit) {
    exchange_->abort_backend();
    if (exchange_->response_started) return reset(NGHTTP2_CANCEL);
    return refuse(413, "body over the limit");
  }
  if (request_ended_) exchange_->request.end();
  exchange_->request_progress();
}

void Http2Stream::refuse(int status, const char* reason) {
  session_.connection_.services().counters.bad_requests.add();
  session_.gateway_.log_failure(*exchange_, status, reason);
  session_.gateway_.answer(*exchange_, status);
}

void Http2Stream::reset(std::uint32_t error_code) {
  if (reset_ || closed_) return;
  reset_ = true;
  (void)nghttp2_submit_rst_stream(session_.session_.get(), NGHTTP2_FLAG_NONE, id_, error_code);
  session_.connection_.schedule();
}

bool Http2Stream::stalled_at(TimePoint now, TimePoint& due) const {
  const auto& settings = session_.connection_.settings();
  if (closed_ || reset_) return false;
  if (!head_done_) {
    due = progress_ + settings.head_timeout;
  } else if (!exchange_->response.buffer.empty() && exchange_->response_started) {
    due = progress_ + settings.io_timeout;  // the client opens no window
  } else if (!request_ended_ && exchange_->back != nullptr && exchange_->request.room() > 0) {
    due = progress_ + settings.io_timeout;  // the client owes body
  } else {
    return false;
  }
  return due <= now;
}

void Http2Stream::on_interim(const base::http::ResponseHead& head) {
  std::array<char, 3> digits{};
  auto& fields = scratch_fields();
  fill_fields(fields, digits, head);
  (void)nghttp2_submit_headers(session_.session_.get(), NGHTTP2_FLAG_NONE, id_, nullptr,
                               fields.data(), fields.size(), nullptr);
  session_.connection_.schedule();
}

void Http2Stream::on_response_head(const base::http::ResponseHead& head) {
  std::array<char, 3> digits{};
  auto& fields = scratch_fields();
  fill_fields(fields, digits, head);
  for (const auto& field : fields) exchange_->head_bytes_out += field.namelen + field.valuelen;
  if (session_.connection_.facts().generation->logs_response_fields) {
    for (const auto& field : head.fields)
      exchange_->response_fields.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  const bool no_body =
      head.body == BodyKind::none || (head.body == BodyKind::length && head.content_length == 0);
  const nghttp2_data_provider provider = data_provider_of(*this);
  progress_ = session_.connection_.now();
  if (nghttp2_submit_response(session_.session_.get(), id_, fields.data(), fields.size(),
                              no_body ? nullptr : &provider) != 0)
    reset(NGHTTP2_INTERNAL_ERROR);
  session_.connection_.schedule();
}

void Http2Stream::on_response_progress() {
  if (deferred_ && !closed_) {
    deferred_ = false;
    progress_ = session_.connection_.now();
    (void)nghttp2_session_resume_data(session_.session_.get(), id_);
  }
  session_.connection_.schedule();
}

void Http2Stream::on_request_taken(std::size_t bytes) {
  bytes = std::min(bytes, unconsumed_bytes_);
  unconsumed_bytes_ -= bytes;
  progress_ = session_.connection_.now();
  if (closed_) {
    (void)nghttp2_session_consume_connection(session_.session_.get(), bytes);
  } else {
    (void)nghttp2_session_consume(session_.session_.get(), id_, bytes);
  }
  session_.connection_.schedule();
}

void Http2Stream::on_failure(const exchange::Failure& failure) {
  session_.gateway_.log_failure(*exchange_, failure.status, failure.reason);
  if (exchange_->response_started) return reset(NGHTTP2_INTERNAL_ERROR);
  session_.gateway_.answer(*exchange_, failure.status);
}

}  // namespace proxy::frontend
