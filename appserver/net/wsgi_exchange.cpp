// SPDX-License-Identifier: Apache-2.0
#include "appserver/net/wsgi_exchange.hpp"

#include "appserver/daemon/request_message.hpp"
#include "appserver/mapping/environ_variables.hpp"
#include "appserver/net/connection.hpp"
#include "base/http/chunked.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>

namespace appserver::net {

using base::observe::LogLevel;

WsgiExchange::WsgiExchange(Connection& connection)
    : connection_(connection), pump_(connection.context().loop, *this) {}

WsgiExchange::~WsgiExchange() {
  cancel();
}

void WsgiExchange::start(daemon::GroupClient& group, metrics::GroupFrontCounters& counters,
                         bool streamed) {
  group_ = &group;
  counters_ = &counters;
  running_ = true;
  queue_start_us_ = connection_.context().loop.wall_us();
  streamed_ = streamed;
  head_sent_ = continue_sent_ = discard_body_ = failed_ = stream_complete_ = false;
  stream_received_ = file_left_ = body_left_ = 0;
  stream_expected_ = UINT64_MAX;
  framing_ = Framing::none;
  if (streamed) {
    const base::http::RequestHead& head = connection_.head();
    pump_.begin(head.body, head.content_length,
                connection_.mapped().site->script->body_limit_bytes);
  }
  group.submit(*this);
}

void WsgiExchange::cancel() {
  if (!running_) return;
  running_ = false;
  group_->cancel(*this);
  pump_.close();
  close_stream();
}

void WsgiExchange::encode(std::string& out) {
  const mapping::MapResult& mapped = connection_.mapped();
  const mapping::ScriptSettings& script = *mapped.site->script;
  const base::http::RequestHead& head = connection_.head();
  daemon::RequestFixed fixed;
  fixed.site_id = script.environ_id;
  fixed.request_start_us = connection_.start_us();
  fixed.queue_start_us = queue_start_us_;
  fixed.queue_timeout_ms = group_->settings().queue_timeout_ms;
  if (script.reloading) fixed.flags |= daemon::kScriptReloading;
  if (head.method == base::http::Method::head) fixed.flags |= daemon::kHeadRequest;
  if (head.version_minor == 0) fixed.flags |= daemon::kCloseDelimited;
  const std::string_view body = streamed_ ? std::string_view() : connection_.inline_body();
  if (streamed_) {
    fixed.body = daemon::BodyMode::stream;
    fixed.body_length = head.body == base::http::BodyKind::length
                            ? static_cast<std::int64_t>(head.content_length)
                            : -1;
  } else if (!body.empty()) {
    fixed.body = daemon::BodyMode::inline_;
    fixed.body_length = static_cast<std::int64_t>(body.size());
  }
  const std::size_t at = out.size();
  out.append(reinterpret_cast<const char*>(&fixed), sizeof fixed);
  out.append(script.environ_block);
  const std::size_t variables = out.size();
  mapping::write_request_variables(head, mapped,
                                   {connection_.connection_id(), connection_.request_id()}, out);
  fixed.site_bytes = static_cast<std::uint32_t>(script.environ_block.size());
  fixed.variables_bytes = static_cast<std::uint32_t>(out.size() - variables);
  fixed.application_group_bytes = static_cast<std::uint32_t>(mapped.application_group.size());
  out.append(mapped.application_group);
  fixed.inline_body_bytes = static_cast<std::uint32_t>(body.size());
  out.append(body);
  std::memcpy(out.data() + at, &fixed, sizeof fixed);
}

base::Fd WsgiExchange::open_body() {
  if (!streamed_) return {};
  auto opened = pump_.open();
  if (opened) return std::move(*opened);
  base::observe::LogLine(group_->log(), LogLevel::error, "request.no_body_socket")
      .add("error", opened.error().detail);
  return {};  // the daemon takes the body for empty and short: the application sees an error, not a
              // short body
}

void WsgiExchange::on_accepted() {
  if (!streamed_) return;
  if (connection_.head().expect_continue && !continue_sent_ && !head_sent_) {
    continue_sent_ = true;
    connection_.send("HTTP/1.1 100 Continue\r\n\r\n");
    if (!running_) return;
  }
  pump_.allow();
  const std::string_view early = connection_.take_early_body_bytes();
  if (!early.empty() && !feed(early)) return;
  if (wants_input()) read_client();
}

void WsgiExchange::on_body_room() {
  if (running_) read_client();
}

void WsgiExchange::read_client() {
  while (wants_input()) {
    bool closed = false;
    const std::string_view bytes = connection_.read_body_bytes(closed);
    if (closed) {
      pump_.break_off(base::ErrorCode::peer_closed);
      connection_.refuse_keep_alive();
      connection_.stop_waiting();
      return;
    }
    if (bytes.empty()) {
      connection_.await_body();
      return;
    }
    group_->note_progress(*this);
    if (!feed(bytes)) return;
  }
  connection_.stop_waiting();  // the application decides the pace now
}

bool WsgiExchange::feed(std::string_view bytes) {
  std::size_t used = 0;
  switch (pump_.feed(bytes, used)) {
    case BodyPump::Fed::more:
    case BodyPump::Fed::full:
      return true;
    case BodyPump::Fed::ended:
      connection_.put_back(bytes.substr(used));
      connection_.stop_waiting();
      return false;
    case BodyPump::Fed::bad_chunk:
      body_failed(400, base::ErrorCode::invalid, "malformed chunk in the request body");
      return false;
    case BodyPump::Fed::too_large:
      body_failed(413, base::ErrorCode::too_large, "LimitRequestBody was passed by a chunked body");
      return false;
  }
  return false;
}

void WsgiExchange::body_timeout() {
  body_failed(408, base::ErrorCode::timeout, "timeout reading the request body");
}

void WsgiExchange::body_failed(int status, base::ErrorCode why, const char* detail) {
  connection_.refuse_keep_alive();
  connection_.stop_waiting();
  pump_.break_off(why);
  if (head_sent_) return;  // the application's answer stands, and the connection ends after it
  running_ = false;
  group_->cancel(*this);
  pump_.close();
  connection_.send_error(status, detail, LogLevel::info);
}

void WsgiExchange::on_head(const daemon::AnswerHead& answer, std::string_view body, bool complete) {
  FrontContext& context = connection_.context();
  const base::http::RequestHead& request = connection_.head();
  std::string& out = context.head;
  out.clear();
  append_head_start(out,
                    {answer.status, answer.reason, request.version_minor, context.date_text()});
  const std::size_t fields_at = out.size();
  const AnswerFields fields = append_answer_fields(out, answer.fields, answer.status);
  if (!fields.ok) {
    failed_ = true;
    if (!complete) {  // what follows is dropped
      group_->cancel(*this);
    }
    finish(false, fields.error);
    return;
  }
  connection_.note_status(answer.status);
  connection_.note_fields(std::string_view(out).substr(fields_at));
  if (fields.wants_close || !body_ended()) connection_.refuse_keep_alive();
  discard_body_ = request.method == base::http::Method::head || bodiless(answer.status);
  if (discard_body_) {
    framing_ = Framing::none;
    if (fields.has_content_length && answer.status != 204 && answer.status != 304)
      append_content_length(out, fields.content_length);
  } else if (fields.has_content_length) {
    framing_ = Framing::length;
    body_left_ = fields.content_length;
    append_content_length(out, fields.content_length);
  } else if (complete) {
    framing_ = Framing::length;
    body_left_ = body.size();
    append_content_length(out, body.size());
  } else if (request.version_minor == 0) {
    framing_ = Framing::until_close;
    connection_.refuse_keep_alive();
  } else {
    framing_ = Framing::chunked;
    out.append("Transfer-Encoding: chunked\r\n");
  }
  append_head_end(out, request.version_minor, connection_.keep_alive());
  head_sent_ = true;
  if (framing_ == Framing::length && complete) {
    body =
        body.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(body.size(), body_left_)));
    body_left_ -= body.size();
    connection_.note_body_bytes(body.size());
    connection_.send(out, body);
  } else if (framing_ == Framing::chunked && !body.empty()) {
    std::array<char, 20> size{};
    out.append(size.data(), base::http::write_chunk_size(size.data(), body.size()));
    connection_.note_body_bytes(body.size());
    connection_.send(out, body, "\r\n");
  } else {
    connection_.send(out);
    if (running_ && !body.empty()) send_body(body);
  }
  if (complete && running_) finish(true, "");
}

void WsgiExchange::on_data(std::string_view body, bool complete) {
  if (!body.empty()) send_body(body);
  if (complete && running_) finish(true, "");
}

void WsgiExchange::send_body(std::string_view body) {
  if (discard_body_) return;
  if (framing_ == Framing::length) {
    // Output beyond Content-Length is dropped (wsgi-hosting 4.11), whoever wrote it.
    body =
        body.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(body.size(), body_left_)));
    body_left_ -= body.size();
  }
  connection_.note_body_bytes(body.size());
  if (framing_ != Framing::chunked) {
    connection_.send(body);
    return;
  }
  std::array<char, 20> size{};
  const std::size_t digits = base::http::write_chunk_size(size.data(), body.size());
  connection_.send({size.data(), digits}, body, "\r\n");
}

void WsgiExchange::on_stream(base::Fd socket) {
  stream_ = std::move(socket);
  (void)::fcntl(stream_.get(), F_SETFL, O_NONBLOCK);
  if (auto added = connection_.context().loop.add(stream_.get(), *this, EPOLLIN | EPOLLRDHUP);
      !added) {
    group_->cancel(*this);
    finish(false, "cannot watch the response's socket");
    return;
  }
  relay();
}

void WsgiExchange::on_events(std::uint32_t) {
  relay();
}

void WsgiExchange::relay() {
  std::vector<char>& scratch = connection_.context().relay;
  // Never more in memory than one piece: the next is read when the client has taken this one.
  while (running_ && stream_ && !connection_.output_waits()) {
    const ssize_t n = ::recv(stream_.get(), scratch.data(), scratch.size(), MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (n <= 0) {
      close_stream();
      break;
    }
    stream_received_ += static_cast<std::uint64_t>(n);
    send_body({scratch.data(), static_cast<std::size_t>(n)});
  }
  if (running_ && stream_expected_ != UINT64_MAX) stream_finished();
}

void WsgiExchange::on_end(bool complete, std::uint64_t stream_bytes) {
  stream_expected_ = stream_bytes;
  stream_complete_ = complete;
  if (file_left_ > 0) return;  // on_output_empty ends it
  if (stream_) {
    relay();
  } else {
    stream_finished();
  }
}

void WsgiExchange::stream_finished() {
  if (stream_received_ < stream_expected_ && stream_) return;  // more is on its way
  const bool whole = stream_complete_ && stream_received_ == stream_expected_;
  finish(whole, whole ? "" : "the application's response ended early");
}

void WsgiExchange::on_file(base::Fd file, std::uint64_t offset, std::uint64_t length) {
  if (framing_ == Framing::length) length = std::min(length, body_left_);
  if (discard_body_ || length == 0) return;
  auto keep = std::make_shared<base::Fd>(std::move(file));
  const int fd = keep->get();
  if (framing_ == Framing::chunked) {
    std::array<char, 20> size{};
    const std::size_t digits = base::http::write_chunk_size(size.data(), length);
    connection_.send({size.data(), digits});
    if (!running_) return;
  } else if (framing_ == Framing::length) {
    body_left_ -= length;
  }
  connection_.note_body_bytes(length);
  file_left_ = length;
  connection_.send_file(std::move(keep), fd, offset, length);
}

void WsgiExchange::on_output_empty() {
  if (!running_) return;
  if (file_left_ > 0) {
    file_left_ = 0;
    if (framing_ == Framing::chunked) connection_.send("\r\n");
    if (running_ && stream_expected_ != UINT64_MAX) stream_finished();
    return;
  }
  if (stream_) relay();
}

void WsgiExchange::on_failure(int status, const char* why) {
  if (!head_sent_) {
    running_ = false;
    pump_.close();
    if (!body_ended()) connection_.refuse_keep_alive();
    connection_.send_error(status, why, LogLevel::error);
    return;
  }
  counters_->truncated.add();
  finish(false, why);
}

void WsgiExchange::close_stream() {
  if (!stream_) return;
  connection_.context().loop.remove(stream_.get(), *this);
  stream_.reset();
}

void WsgiExchange::finish(bool complete, const char* why) {
  running_ = false;
  close_stream();
  const bool body_read = body_ended();
  pump_.close();
  if (!head_sent_) {
    connection_.send_error(500, why, LogLevel::error);
    return;
  }
  if (!body_read) connection_.refuse_keep_alive();
  const bool short_body = framing_ == Framing::length && body_left_ > 0;
  if (complete && !short_body) {
    if (framing_ == Framing::chunked) connection_.send("0\r\n\r\n");
    connection_.response_complete();
    return;
  }
  base::observe::LogLine(group_->log(), LogLevel::error, "response.truncated")
      .add("group", group_->settings().name)
      .add("target", connection_.head().target)
      .add("error", complete ? "fewer bytes than Content-Length says" : why);
  connection_.truncate();
}

}  // namespace appserver::net
