// SPDX-License-Identifier: Apache-2.0
// The way out of an HTTP/1 session: heads as text, bodies by length, in chunks or until the
// connection closes.
#include "base/http/chunked.hpp"
#include "base/http/field_rules.hpp"
#include "proxy/frontend/http1_session.hpp"
#include "proxy/frontend/response_fields.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace proxy::frontend {

using base::http::BodyKind;
using base::http::FieldName;

namespace {

void append_status_line(memory::ByteBuffer& out, int status, std::string_view reason) {
  const std::array<char, 4> digits{static_cast<char>('0' + status / 100),
                                   static_cast<char>('0' + status / 10 % 10),
                                   static_cast<char>('0' + status % 10), ' '};
  out.append("HTTP/1.1 ");
  out.append({digits.data(), digits.size()});
  out.append(reason);
  out.append("\r\n");
}

}  // namespace

void Http1Session::append_head(const base::http::ResponseHead& head, bool final) {
  append_status_line(heads_, head.status, head.reason);
  const bool names_fields = connection_names_fields(head);
  const std::size_t fields_at = heads_.size();
  for (const auto& field : head.fields) {
    if (!passes_to_client(head, field, names_fields)) continue;
    heads_.append(field.name);
    heads_.append(": ");
    heads_.append(field.value);
    heads_.append("\r\n");
  }
  if (final && connection_.facts().generation->logs_response_fields)
    exchange_->response_fields.assign(heads_.view().substr(fields_at));
}

void Http1Session::on_interim(const base::http::ResponseHead& head) {
  if (exchange_->head.version_minor == 0) return;  // HTTP/1.0 knows no interim responses
  append_head(head, false);
  heads_.append("\r\n");
  connection_.schedule();
}

void Http1Session::on_response_head(const base::http::ResponseHead& head) {
  const std::size_t before = heads_.size();
  switch (head.body) {
    case BodyKind::none:
      framing_ = Framing::none;
      break;
    case BodyKind::length:
      framing_ = Framing::length;
      break;
    case BodyKind::chunked:
    case BodyKind::until_close:
      framing_ = exchange_->head.version_minor == 0 ? Framing::until_close : Framing::chunked;
      break;
  }
  if (framing_ == Framing::until_close || connection_.services().draining) keep_alive_ = false;
  append_head(head, true);
  if (framing_ == Framing::chunked) heads_.append("Transfer-Encoding: chunked\r\n");
  if (!keep_alive_) {
    heads_.append("Connection: close\r\n");
  } else if (exchange_->head.version_minor == 0) {
    heads_.append("Connection: keep-alive\r\n");
  }
  heads_.append("\r\n");
  exchange_->head_bytes_out += heads_.size() - before;
  connection_.schedule();
}

void Http1Session::on_response_progress() {
  connection_.schedule();
}

void Http1Session::on_failure(const exchange::Failure& failure) {
  gateway_.log_failure(*exchange_, failure.status, failure.reason);
  if (exchange_->response_started) return connection_.end(End::cut);
  if (phase_ != Phase::response) keep_alive_ = false;
  gateway_.answer(*exchange_, failure.status);
}

void Http1Session::on_turn_end() {
  Transport& transport = connection_.transport();
  if (transport.pending() > 0) transport.flush();
  if (exchange_) produce();
  transport.flush();
  if (exchange_) exchange_->response_taken();
  // The socket took so much that there is room again, and no event will say so.
  if (exchange_ && transport.room() && !exchange_->response.buffer.empty() &&
      exchange_->response_started)
    connection_.schedule();
  on_input();
  in_.release_if_empty();
}

void Http1Session::produce() {
  Transport& transport = connection_.transport();
  if (!heads_.empty()) {
    transport.put(heads_.view());
    heads_.release();
  }
  if (!exchange_->response_started) return;
  produce_body();
  if (exchange_->response.finished()) complete();
}

void Http1Session::produce_body() {
  Transport& transport = connection_.transport();
  auto& body = exchange_->response;
  if (body.buffer.empty() || !transport.room()) return;
  const std::string_view piece = body.buffer.view();
  if (framing_ == Framing::chunked) {
    std::array<char, 24> line{};
    const std::size_t start = after_chunk_ ? 2 : 0;
    std::copy_n("\r\n", start, line.data());
    const std::size_t size =
        start + base::http::write_chunk_size(line.data() + start, piece.size());
    transport.put({line.data(), size});
    after_chunk_ = true;
  }
  transport.put(piece);
  body.take(piece.size());
}

// The response is whole and given to the transport.
void Http1Session::complete() {
  if (framing_ == Framing::chunked)
    connection_.transport().put(after_chunk_ ? "\r\n0\r\n\r\n" : "0\r\n\r\n");
  const bool request_whole = phase_ == Phase::response;
  const bool keep = keep_alive_ && request_whole && !input_ended_;
  exchange_->connection_status = keep ? '+' : '-';
  gateway_.close(std::move(exchange_));
  if (!keep) {
    const bool more_may_come = !request_whole || !in_.empty() || connection_.transport().readable();
    return connection_.end(more_may_come && !input_ended_ ? End::linger : End::clean);
  }
  phase_ = Phase::head;
  since_ = connection_.now();
}

}  // namespace proxy::frontend
