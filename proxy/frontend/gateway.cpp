// SPDX-License-Identifier: Apache-2.0
#include "proxy/frontend/gateway.hpp"

#include "base/http/field_name.hpp"
#include "base/http/request_target.hpp"
#include "proxy/exchange/forward_headers.hpp"
#include "proxy/exchange/request_target.hpp"
#include "proxy/routing/route.hpp"

#include <array>
#include <charconv>

namespace proxy::frontend {

using base::http::BodyKind;
using base::http::FieldName;

namespace {

// The name by which ProxyPreserveHost Off asks a backend.
std::string backend_name(const base::net::Endpoint& backend) {
  return backend.kind == base::net::Endpoint::Kind::unix_path ? "localhost" : backend.text();
}

}  // namespace

std::string_view reason_phrase(int status) noexcept {
  switch (status) {
    case 400:
      return "Bad Request";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";
  }
}

std::unique_ptr<exchange::Exchange> Gateway::open(exchange::Front& front) {
  auto exchange = services_.exchanges.take();
  exchange->front = &front;
  exchange->host = facts_.hosts->default_host();
  exchange->started = services_.loop.now();
  exchange->start_us = services_.loop.wall_us();
  exchange->keep_alive_count = facts_.requests++;
  services_.counters.exchanges_active.add();
  return exchange;
}

Refusal Gateway::prepare(exchange::Exchange& exchange) {
  auto& head = exchange.head;
  const exchange::TargetProblem problem = exchange::normalise_target(head);
  if (problem.status != 0) return {problem.status, problem.reason};
  const std::size_t query = head.target.find('?');
  exchange.path = head.target.substr(0, query);
  exchange.query =
      query == std::string_view::npos ? std::string_view{} : head.target.substr(query + 1);

  const Generation& generation = *facts_.generation;
  if (head.has_host) {
    std::string key;  // short: stands in the string itself
    base::http::append_host_key(key, base::http::parse_host(head.host)->name);
    exchange.host = facts_.hosts->find(key);
  }
  const config::VirtualHost& host = generation.settings->hosts[exchange.host];
  // A connection made for one certificate does not serve a host that has another (RFC 9110
  // section 15.5.20).
  if (facts_.tls && !facts_.sni.empty() &&
      generation.hosts[exchange.host].tls.get() != facts_.tls_context)
    return {421, "host has another certificate than the connection"};
  const std::uint64_t limit = generation.settings->body_limit_bytes;
  if (limit > 0 && head.body == BodyKind::length && head.content_length > limit)
    return {413, "Content-Length over the limit"};

  std::string mapped;
  const routing::Decision decision =
      routing::route(host, generation.settings->app_server, head.target, mapped);
  if (decision.status != 0) return {decision.status, "path leads above the root"};
  backend_ = decision.backend;
  exchange.backend_timeout = host.backend_timeout;
  exchange.request_chunked = head.body == BodyKind::chunked;

  exchange::ForwardContext context;
  context.trusted = facts_.trusted;
  context.tls = facts_.tls;
  context.client_ip = facts_.client_ip;
  context.local_port = facts_.local_port;
  context.target = decision.target;
  context.default_host =
      host.server_name.empty() ? std::string_view("localhost") : host.server_name;
  std::string name;
  if (!decision.app_server && !host.preserve_host) {
    name = backend_name(*decision.backend);
    context.host_override = name;
  }
  if (decision.app_server) context.hop = facts_.hop;
  context.fresh_id = services_.request_ids.next();
  context.chunked = exchange.request_chunked;
  context.has_length = head.body == BodyKind::length;
  context.length = head.content_length;
  const exchange::ForwardOutcome outcome =
      exchange::append_backend_head(exchange.backend_head, head, context);
  services_.counters.forwarded_dropped.add(outcome.dropped);
  if (outcome.status != 0) return {outcome.status, outcome.reason};
  exchange.request_id = outcome.request_id;
  return {};
}

void Gateway::start(exchange::Exchange& exchange) {
  services_.pool.start(exchange, *backend_);
}

void Gateway::answer(exchange::Exchange& exchange, int status) {
  std::string body = std::to_string(status);
  body.append(" ").append(reason_phrase(status)).append("\n");
  const std::string length = std::to_string(body.size());
  base::http::ResponseHead head;
  head.status = status;
  head.reason = reason_phrase(status);
  head.has_content_length = true;
  head.content_length = body.size();
  head.body = exchange.head.method == base::http::Method::head ? BodyKind::none : BodyKind::length;
  head.fields = {{"Date", services_.date.at(services_.loop.wall_us()), FieldName::date},
                 {"Content-Type", "text/plain", FieldName::content_type},
                 {"Content-Length", length, FieldName::content_length}};
  exchange.status = status;
  exchange.response_started = true;
  exchange.response.reset();
  if (head.body == BodyKind::length) exchange.response.buffer.append(body);
  exchange.response.end();
  exchange.front->on_response_head(head);
  exchange.front->on_response_progress();
}

void Gateway::log_failure(const exchange::Exchange& exchange, int status, const char* reason) {
  using base::observe::LogLevel;
  const auto& log = *facts_.generation->hosts[exchange.host].error_log;
  const bool backend = status >= 502 && status <= 504;
  base::observe::LogLine line(log, backend ? LogLevel::error : LogLevel::info,
                              backend ? "exchange.failed" : "exchange.refused");
  line.add("client", facts_.client_ip).add("status", status).add("error", reason);
  if (!exchange.head.target.empty()) line.add("target", exchange.head.target);
  if (!exchange.request_id.empty()) line.add("exch", exchange.request_id);
}

void Gateway::close(std::unique_ptr<exchange::Exchange> exchange) {
  exchange->abort_backend();
  services_.counters.exchanges_active.subtract();
  const auto duration = std::chrono::duration_cast<std::chrono::microseconds>(services_.loop.now() -
                                                                              exchange->started);
  auto& counters = *facts_.generation->hosts[exchange->host].counters;
  const auto method = static_cast<std::size_t>(exchange->head.method);
  const auto code_class = static_cast<std::size_t>(exchange->status / 100);
  counters.requests[method][code_class < metrics::kCodeClasses ? code_class : 0].add();
  counters.duration.observe_us(duration.count());
  counters.bytes_in.add(exchange->request.taken_bytes());
  counters.bytes_out.add(exchange->response.taken_bytes());
  record(*exchange, duration.count());
  services_.exchanges.give(std::move(exchange));
}

void Gateway::record(const exchange::Exchange& exchange, std::int64_t duration_us) {
  const auto& logs = facts_.generation->hosts[exchange.host].access_logs;
  if (logs.empty()) return;
  const auto& host = facts_.generation->settings->hosts[exchange.host];
  base::observe::ExchangeRecord out;
  out.client = &facts_.client;
  out.peer = &facts_.client;
  out.local = &facts_.local;
  std::string line;
  const bool http1_line = exchange.protocol != "HTTP/2.0";
  if (http1_line) {
    std::string_view text = exchange.head_text;
    while (text.substr(0, 2) == "\r\n") text.remove_prefix(2);
    out.request_line = text.substr(0, text.find('\r'));
  } else {
    line.append(exchange.head.method_text)
        .append(" ")
        .append(exchange.head.target)
        .append(" HTTP/2.0");
    out.request_line = line;
  }
  out.method = exchange.head.method_text;
  out.path = exchange.path;
  out.query = exchange.query;
  out.protocol = exchange.protocol;
  out.server_name = host.server_name;
  std::string key;
  if (const auto parsed = base::http::parse_host(exchange.head.host)) {
    base::http::append_host_key(key, parsed->name);
    out.host = key;
  }
  out.canonical_port = facts_.local.port;
  out.handler = "proxy-server";
  out.request_id = exchange.request_id;
  out.status = exchange.status;
  out.body_bytes_out = exchange.response.taken_bytes();
  out.bytes_in = exchange.head_text.size() + exchange.request.taken_bytes();
  out.bytes_out = exchange.head_bytes_out + exchange.response.taken_bytes();
  out.start_us = exchange.start_us;
  out.duration_us = duration_us;
  out.keep_alive_count = exchange.keep_alive_count;
  out.connection_status = exchange.connection_status;
  out.request = &exchange.head;
  out.response_fields = exchange.response_fields;
  for (const auto& log : logs) {
    log->record(out);
    services_.log_flusher.note(log);
  }
}

}  // namespace proxy::frontend
