// SPDX-License-Identifier: Apache-2.0
// From a parsed head to its answer, and what is written down about it afterwards.
#include "appserver/daemon/frame.hpp"
#include "appserver/handlers/error_page.hpp"
#include "appserver/handlers/static_file.hpp"
#include "appserver/net/connection.hpp"
#include "appserver/net/wsgi_exchange.hpp"
#include "base/assert.hpp"

#include <variant>

namespace appserver::net {

namespace {

using base::http::BodyKind;
using base::http::Method;
using base::http::ParseStatus;
using base::observe::LogLevel;

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

}  // namespace

void Connection::process() {
  processing_ = true;
  for (;;) {
    if (state_ == State::collecting) {
      if (in_.size() < head_bytes_ + inline_bytes_) break;
      start_wsgi(false);
      continue;
    }
    if (state_ != State::reading || in_.empty()) break;
    const ParseStatus parsed = parser_.parse(in_.view(), {}, head_);
    if (parsed == ParseStatus::error) {
      parse_failed();
      continue;
    }
    if (parsed == ParseStatus::incomplete) {
      // The whole head has a deadline; a byte now and then does not move it.
      if (head_started_ == base::net::TimePoint::max()) {
        head_started_ = context_.loop.now();
        context_.loop.disarm(*this);
        wait_until(head_started_ + context_.model.timeouts.head);
      }
      break;
    }
    head_bytes_ = parser_.consumed();
    begin_request();
  }
  processing_ = false;
}

void Connection::parse_failed() {
  const base::http::ParseError& error = parser_.error();
  auto& counters = context_.metrics.front(context_.front);
  using metrics::BadRequest;
  counters
      .bad_requests[error.status == 414   ? BadRequest::too_large
                    : error.status >= 500 ? BadRequest::unsupported
                                          : BadRequest::malformed]
      .add();
  refuse_head(error.status, error.reason);
}

/// Answers a head that cannot be trusted to mean what it says: nothing of it is looked at again.
void Connection::refuse_head(int status, std::string_view detail) {
  head_.clear();
  head_.method_text = "-";
  head_.body = BodyKind::chunked;  // what follows is unknown: linger, do not reset
  mapped_.host = context_.model.hosts.data();
  mapped_.host_index = 0;
  start_ = base::net::Clock::now();
  start_us_ = context_.loop.wall_us();
  accounted_ = false;
  status_ = 0;
  body_bytes_out_ = 0;
  keep_alive_ = false;
  body_taken_ = false;
  send_error(status, detail, LogLevel::info);
}

void Connection::begin_request() {
  start_ = context_.loop.now();
  start_us_ = context_.loop.wall_us();
  head_started_ = base::net::TimePoint::max();
  accounted_ = false;
  status_ = 0;
  body_bytes_out_ = body_bytes_in_ = 0;
  logged_fields_.clear();
  request_id_.clear();
  if (++requests_ > 1) context_.metrics.front(context_.front).connections_reused.add();
  const unsigned most = context_.model.max_keep_alive_requests;
  keep_alive_ = head_.keep_alive && context_.model.keep_alive && !context_.draining &&
                (most == 0 || requests_ < most);
  body_taken_ =
      head_.body == BodyKind::none || (head_.body == BodyKind::length && head_.content_length == 0);
  if (facts_.is_our_proxy)
    keep_alive_ = head_.keep_alive && !context_.draining;  // its pool decides about limits
  context_.mapper.map(head_, facts_, mapped_);
  using metrics::ForwardedDropped;
  auto& dropped = context_.metrics.front(context_.front).forwarded_dropped;
  if (const auto n =
          mapped_.forwarded.dropped[static_cast<std::size_t>(trust::DropReason::untrusted)];
      n > 0)
    dropped[ForwardedDropped::untrusted_peer].add(n);
  if (const auto n =
          mapped_.forwarded.dropped[static_cast<std::size_t>(trust::DropReason::synonym)];
      n > 0)
    dropped[ForwardedDropped::not_declared].add(n);
  if (mapped_.client.hop_ignored) dropped[ForwardedDropped::hop].add();
  answer_target();
}

void Connection::answer_target() {
  if (head_.bad_expectation) {
    send_error(417, "the expectation is not 100-continue", LogLevel::info);
    return;
  }
  std::visit(Overloaded{
                 [this](const mapping::ErrorTarget& target) {
                   if (target.close) keep_alive_ = false;
                   send_error(target.status, target.detail,
                              target.status >= 500 ? LogLevel::error : LogLevel::info);
                 },
                 [this](const mapping::StaticTarget& target) { answer_static(target); },
                 [this](const mapping::WsgiTarget& target) { answer_wsgi(target); },
                 [this](const mapping::RedirectTarget& target) {
                   std::string fields = "Location: " + target.location + "\r\n";
                   fields += "Content-Type: ";
                   fields += handlers::kErrorPageType;
                   fields += "\r\n";
                   answer_plain(target.status, fields,
                                handlers::redirect_page(target.status, target.location));
                 },
                 [this](const mapping::ServerOptionsTarget&) { answer_plain(200, "", ""); },
             },
             mapped_.target);
}

void Connection::answer_plain(int status, std::string_view fields, std::string_view body) {
  if (head_.expect_continue)
    keep_alive_ = false;  // the client may send the body or not: nobody can tell
  std::string& out = context_.head;
  out.clear();
  append_head_start(out, {status, {}, head_.version_minor, context_.date_text()});
  out.append(fields);
  if (!bodiless(status)) append_content_length(out, body.size());
  append_head_end(out, head_.version_minor, keep_alive_);
  note_status(status);
  note_fields(fields);
  if (head_.method == Method::head || bodiless(status)) body = {};
  note_body_bytes(body.size());
  send(out, body);
  if (state_ != State::closed) response_complete();
}

void Connection::answer_static(const mapping::StaticTarget& target) {
  handlers::StaticRequest request;
  request.head = &head_;
  request.file = {target.path, target.root.size(), handlers::Symlinks::follow};
  request.url_path = mapped_.path;
  request.query = mapped_.query;
  request.has_query = head_.target.find('?') != std::string_view::npos;
  request.scheme = mapped_.client.scheme();
  request.authority =
      mapped_.authority.empty() ? std::string_view(mapped_.host->server_name) : mapped_.authority;
  handlers::StaticAnswer answer =
      context_.files.answer(request, context_.loop.now(), context_.loop.wall_us());
  if (head_.expect_continue) keep_alive_ = false;
  std::string& out = context_.head;
  out.clear();
  append_head_start(out, {answer.status, {}, head_.version_minor, context_.date_text()});
  out.append(answer.shared_fields);
  out.append(answer.own_fields);
  if (answer.has_content_length) append_content_length(out, answer.content_length);
  append_head_end(out, head_.version_minor, keep_alive_);
  note_status(answer.status);
  note_fields(answer.own_fields);
  using Body = handlers::StaticAnswer::Body;
  switch (answer.body) {
    case Body::none:
      send(out);
      break;
    case Body::text:
      note_body_bytes(answer.text.size());
      send(out, answer.text);
      break;
    case Body::memory:
      note_body_bytes(answer.memory.size());
      send(out, answer.memory);
      break;
    case Body::file: {
      note_body_bytes(answer.length);
      const int fd = answer.file->fd.get();
      output_.append(out);
      state_ = State::flushing;  // after_flush ends the request when the file is out
      send_file(std::move(answer.file), fd, answer.offset, answer.length);
      return;
    }
  }
  if (state_ != State::closed) response_complete();
}

void Connection::send_error(int status, std::string_view detail, LogLevel level) {
  const base::observe::ErrorLog& log = *context_.logs[mapped_.host_index].error;
  if (!detail.empty() && log.enabled(level)) {
    base::observe::LogLine(log, level, "request.refused")
        .add("client", mapped_.client.client_text)
        .add("method", head_.method_text)
        .add("target", head_.target)
        .add("status", status)
        .add("error", detail);
  }
  std::string fields = "Content-Type: ";
  fields += handlers::kErrorPageType;
  fields += "\r\n";
  if (status == 405 || status == 501) fields += "Allow: GET, HEAD, OPTIONS\r\n";
  answer_plain(status, fields, handlers::error_page(status));
}

void Connection::answer_wsgi(const mapping::WsgiTarget&) {
  if (body_taken_) {
    inline_bytes_ = 0;
    start_wsgi(false);
    return;
  }
  const bool small =
      head_.body == BodyKind::length && head_.content_length <= daemon::kInlineBodyLimit;
  if (!small || head_.expect_continue) {
    start_wsgi(true);
    return;
  }
  inline_bytes_ = static_cast<std::size_t>(head_.content_length);
  const std::size_t whole = head_bytes_ + inline_bytes_;
  if (in_.size() < whole && in_.make_room(context_.buffers, whole)) {
    // The bytes have moved: the views of head and mapping are made anew (rare: a body larger than
    // the first buffer).
    parser_.reset();
    GH_ASSERT(parser_.parse(in_.view(), {}, head_) == ParseStatus::complete);
    context_.mapper.map(head_, facts_, mapped_);
    if (!std::holds_alternative<mapping::WsgiTarget>(mapped_.target)) {
      send_error(500, "the target changed while the body arrived", LogLevel::error);
      return;
    }
  }
  state_ = State::collecting;
  wait_until(context_.loop.now() + context_.model.timeouts.io);
}

void Connection::start_wsgi(bool streamed) {
  state_ = State::running;
  context_.loop.disarm(*this);
  if (!streamed) {
    body_taken_ = true;
    body_bytes_in_ = inline_bytes_;
  }
  const auto& target = std::get<mapping::WsgiTarget>(mapped_.target);
  const std::size_t group = target.group.value_or(context_.embedded_group);
  if (!wsgi_) wsgi_ = std::make_unique<WsgiExchange>(*this);
  wsgi_->start(context_.channel.group(group), context_.metrics.group(context_.front, group),
               streamed);
}

bool Connection::body_unread() const noexcept {
  return !body_taken_ && !(wsgi_ && wsgi_->streamed_body_ended());
}

void Connection::note_fields(std::string_view fields) {
  if (!context_.logs[mapped_.host_index].access.empty()) logged_fields_.assign(fields);
}

std::string_view Connection::connection_id() {
  if (connection_id_.empty()) connection_id_ = context_.make_id();
  return connection_id_;
}

std::string_view Connection::request_id() {
  if (!mapped_.client.request_id.empty()) return mapped_.client.request_id;
  if (request_id_.empty()) request_id_ = context_.make_id();
  return request_id_;
}

void Connection::finish_accounting() {
  if (accounted_) return;
  accounted_ = true;
  const auto duration =
      std::chrono::duration_cast<std::chrono::microseconds>(base::net::Clock::now() - start_)
          .count();
  metrics::HostCounters& host = context_.metrics.host(context_.front, mapped_.host_index);
  host.answered(metrics::method_class(head_.method), status_, duration);
  host.bytes_in.add(body_bytes_in_);
  host.bytes_out.add(body_bytes_out_);
  if (const auto* target = std::get_if<mapping::WsgiTarget>(&mapped_.target);
      target != nullptr && wsgi_) {
    auto& group =
        context_.metrics.group(context_.front, target->group.value_or(context_.embedded_group));
    group.answered(status_, duration);
    group.bytes_in.add(body_bytes_in_);
    group.bytes_out.add(body_bytes_out_);
  }
  if (!context_.logs[mapped_.host_index].access.empty()) write_access_log(duration);
}

void Connection::write_access_log(std::int64_t duration_us) {
  base::observe::ExchangeRecord record;
  record.client = &mapped_.client.client;
  record.peer = &facts_.peer;
  record.local = &mapped_.client.local;
  record.protocol = !mapped_.client.protocol.empty() ? mapped_.client.protocol
                    : head_.version_minor == 0       ? "HTTP/1.0"
                                                     : "HTTP/1.1";
  std::string request_line(head_.method_text);
  if (!head_.target.empty()) {
    request_line += ' ';
    request_line += head_.target;
    request_line += ' ';
    request_line += record.protocol;
  }
  record.request_line = request_line;
  record.method = head_.method_text;
  record.path = mapped_.path;
  record.query = mapped_.query;
  record.server_name = mapped_.host->server_name;
  record.host = mapped_.host_name;
  record.canonical_port =
      mapped_.host_port != 0 ? mapped_.host_port : (mapped_.client.tls ? 443 : 80);
  record.file = mapped_.file_name;
  record.request_id = request_id();
  record.status = status_;
  record.body_bytes_out = body_bytes_out_;
  record.bytes_in = head_bytes_ + body_bytes_in_;
  record.bytes_out = output_.sent_bytes();
  record.start_us = start_us_;
  record.duration_us = duration_us;
  record.keep_alive_count = requests_ > 0 ? requests_ - 1 : 0;
  record.connection_status = keep_alive_ ? '+' : '-';
  record.request = &head_;
  record.response_fields = logged_fields_;
  for (const auto& log : context_.logs[mapped_.host_index].access) log->record(record);
  if (!context_.log_flusher.armed())
    context_.loop.arm(context_.log_flusher, context_.loop.now() + std::chrono::seconds(1));
  output_.reset_count();
}

}  // namespace appserver::net
