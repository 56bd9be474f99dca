// SPDX-License-Identifier: Apache-2.0
#include "proxy/exchange/forward_headers.hpp"

#include "base/http/field_name.hpp"
#include "base/http/field_rules.hpp"
#include "base/http/hop.hpp"
#include "base/http/tokens.hpp"

#include <algorithm>
#include <charconv>

namespace proxy::exchange {

namespace {

using base::http::Field;
using base::http::FieldName;
using base::http::RequestHead;

constexpr std::string_view kForwardedPrefix = "x-forwarded-";

bool is_forwarded(const Field& field) {
  if (base::http::is_forwarded_registry(field.id)) return true;
  return field.id == FieldName::other && field.name.size() > kForwardedPrefix.size() &&
         base::http::equals_ignore_case(field.name.substr(0, kForwardedPrefix.size()),
                                        kForwardedPrefix);
}

void append_number(std::string& out, std::uint64_t number) {
  char text[20];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  out.append(text, static_cast<std::size_t>(end - text));
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

/// What `Connection` fields name beside the usual words.
struct ConnectionOptions {
  bool names_fields = false;  ///< there is a name that some field could have
  bool attack = false;
};

ConnectionOptions read_connection(const RequestHead& head) {
  ConnectionOptions out;
  for (const Field& field : head.fields) {
    if (field.id != FieldName::connection) continue;
    std::string_view list = field.value;
    std::string_view member;
    while (base::http::next_list_member(list, member)) {
      if (base::http::equals_ignore_case(member, "close") ||
          base::http::equals_ignore_case(member, "keep-alive"))
        continue;
      const FieldName id = base::http::field_name_of(member);
      const Field named{member, {}, id};
      if (id == FieldName::other && !is_forwarded(named)) {
        out.names_fields = true;
      } else if (!base::http::is_hop_by_hop(id)) {
        out.attack = true;
      }
    }
  }
  return out;
}

bool connection_names(const RequestHead& head, std::string_view name) {
  return std::any_of(head.fields.begin(), head.fields.end(), [name](const Field& field) {
    return field.id == FieldName::connection && base::http::list_has_token(field.value, name);
  });
}

/// What the walk over the client's fields found for the stamps after it.
struct Seen {
  int cookies = 0;
  int forwarded_for = 0;
  bool proto = false;
  bool host = false;
  bool port = false;
  std::string_view request_id;
  std::string_view traceparent;
};

/// Whether a field passes untouched. Those that are joined or stamped are noted in `seen`.
bool passes(const Field& field, const ForwardContext& context, Seen& seen,
            ForwardOutcome& outcome) {
  if (base::http::is_hop_by_hop(field.id)) return false;
  switch (field.id) {
    case FieldName::host:
    case FieldName::content_length:
    case FieldName::expect:
      return false;  // stamped from what the parser decided
    case FieldName::gatehouse_hop:
      ++outcome.dropped;
      return false;
    case FieldName::cookie:
      ++seen.cookies;
      return false;
    case FieldName::traceparent:
      if (seen.traceparent.empty()) seen.traceparent = field.value;
      return false;
    case FieldName::tracestate:
      return false;  // goes with its traceparent
    case FieldName::x_request_id:
      if (context.trusted && seen.request_id.empty() && is_request_id(field.value)) {
        seen.request_id = field.value;
      } else {
        ++outcome.dropped;
      }
      return false;
    default:
      break;
  }
  if (!base::http::may_reach_environ(field.id, field.name)) {
    ++outcome.dropped;
    return false;
  }
  if (!is_forwarded(field)) return true;
  if (!context.trusted) {
    ++outcome.dropped;
    return false;
  }
  seen.proto |= field.id == FieldName::x_forwarded_proto;
  seen.host |= field.id == FieldName::x_forwarded_host;
  seen.port |= field.id == FieldName::x_forwarded_port;
  if (field.id != FieldName::x_forwarded_for) return true;
  ++seen.forwarded_for;
  return false;
}

/// Joins all fields with this id in one line.
void append_joined(std::string& out, const RequestHead& head, FieldName id,
                   std::string_view separator) {
  bool first = true;
  for (const Field& field : head.fields) {
    if (field.id != id || field.value.empty()) continue;
    if (!first) out.append(separator);
    out.append(field.value);
    first = false;
  }
}

void append_forwarded(std::string& out, const RequestHead& head, const ForwardContext& context,
                      std::string_view host, const Seen& seen) {
  if (!context.client_ip.empty() || seen.forwarded_for > 0) {
    out.append("X-Forwarded-For: ");
    const std::size_t start = out.size();
    if (seen.forwarded_for > 0) append_joined(out, head, FieldName::x_forwarded_for, ", ");
    if (!context.client_ip.empty()) {
      if (out.size() > start) out.append(", ");
      out.append(context.client_ip);
    }
    out.append("\r\n");
  }
  if (!seen.proto) append_field(out, "X-Forwarded-Proto", context.tls ? "https" : "http");
  if (!seen.host && !host.empty()) append_field(out, "X-Forwarded-Host", host);
  if (!seen.port && !context.local_port.empty())
    append_field(out, "X-Forwarded-Port", context.local_port);
}

void append_trace(std::string& out, const RequestHead& head, const ForwardContext& context,
                  const Seen& seen) {
  if (is_traceparent(seen.traceparent)) {
    append_field(out, "traceparent", seen.traceparent);
    for (const Field& field : head.fields) {
      if (field.id == FieldName::tracestate) append_field(out, "tracestate", field.value);
    }
    return;
  }
  out.append("traceparent: 00-").append(context.fresh_id).append("-");
  out.append(context.fresh_id.substr(context.fresh_id.size() - 16)).append("-00\r\n");
}

void append_framing(std::string& out, const RequestHead& head, const ForwardContext& context) {
  if (context.chunked) {
    out.append("Transfer-Encoding: chunked\r\n");
  } else if (context.has_length) {
    out.append("Content-Length: ");
    append_number(out, context.length);
    out.append("\r\n");
  }
  if (head.expect_continue) out.append("Expect: 100-continue\r\n");
}

bool is_hex_lower(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}
bool is_zero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

}  // namespace

bool is_request_id(std::string_view text) noexcept {
  if (text.empty() || text.size() > 128) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return base::http::is_alpha(c) || base::http::is_digit(c) || c == '-' || c == '_' || c == '.';
  });
}

bool is_traceparent(std::string_view text) noexcept {
  if (text.size() != 55 || text.substr(0, 3) != "00-" || text[35] != '-' || text[52] != '-')
    return false;
  const std::string_view trace = text.substr(3, 32);
  const std::string_view parent = text.substr(36, 16);
  return is_hex_lower(trace) && is_hex_lower(parent) && is_hex_lower(text.substr(53)) &&
         !is_zero(trace) && !is_zero(parent);
}

ForwardOutcome append_backend_head(std::string& out, const RequestHead& head,
                                   const ForwardContext& context) {
  ForwardOutcome outcome;
  const ConnectionOptions options = read_connection(head);
  if (options.attack) {
    outcome.status = 400;
    outcome.reason = "Connection names a field that is not one connection's own";
    return outcome;
  }
  const std::string_view client_host = head.host.empty() ? context.default_host : head.host;
  out.append(head.method_text).append(" ").append(context.target).append(" HTTP/1.1\r\n");
  append_field(out, "Host", context.host_override.empty() ? client_host : context.host_override);

  Seen seen;
  for (const Field& field : head.fields) {
    if (!passes(field, context, seen, outcome)) continue;
    if (options.names_fields && connection_names(head, field.name)) continue;
    append_field(out, field.name, field.value);
  }
  if (seen.cookies > 0) {
    out.append("Cookie: ");
    append_joined(out, head, FieldName::cookie, "; ");
    out.append("\r\n");
  }
  append_forwarded(out, head, context, client_host, seen);
  outcome.request_id = seen.request_id.empty() ? context.fresh_id : seen.request_id;
  append_field(out, "X-Request-ID", outcome.request_id);
  append_trace(out, head, context, seen);
  if (!context.hop.empty()) {
    out.append(base::http::kHopFieldName).append(": ").append(context.hop);
    out.append(";i=").append(outcome.request_id).append("\r\n");
  }
  append_framing(out, head, context);
  out.append("\r\n");
  return outcome;
}

}  // namespace proxy::exchange
