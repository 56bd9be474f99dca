// SPDX-License-Identifier: Apache-2.0
#include "proxy/frontend/http2_request.hpp"

#include "base/http/field_name.hpp"
#include "base/http/request_target.hpp"
#include "base/http/tokens.hpp"

#include <algorithm>
#include <charconv>

namespace proxy::frontend {

using base::http::BodyKind;
using base::http::FieldName;
using base::http::Method;
using base::http::RequestHead;

namespace {

Http2Problem malformed(const char* reason) {
  return {Http2Problem::Kind::malformed, 400, reason};
}
Http2Problem refused(int status, const char* reason) {
  return {Http2Problem::Kind::refused, status, reason};
}
bool is_problem(const Http2Problem& problem) {
  return problem.kind != Http2Problem::Kind::none;
}

struct Pseudo {
  std::string_view method, scheme, authority, path;
  bool has_method = false, has_scheme = false, has_authority = false, has_path = false;
};

Http2Problem take_pseudo(Pseudo& out, std::string_view name, std::string_view value) {
  const auto once = [value](std::string_view& place, bool& seen) {
    if (seen) return malformed("pseudo-field given twice");
    place = value;
    seen = true;
    return Http2Problem{};
  };
  if (name == ":method") return once(out.method, out.has_method);
  if (name == ":scheme") return once(out.scheme, out.has_scheme);
  if (name == ":authority") return once(out.authority, out.has_authority);
  if (name == ":path") return once(out.path, out.has_path);
  return malformed("unknown pseudo-field");
}

Http2Problem check_name(std::string_view name) {
  for (const char c : name) {
    if (!base::http::is_token_char(c)) return malformed("bad byte in a field name");
    if (c >= 'A' && c <= 'Z') return malformed("upper-case letter in a field name");
  }
  return name.empty() ? malformed("empty field name") : Http2Problem{};
}

Http2Problem check_value(std::string_view value) {
  if (!base::http::is_field_value(value)) return malformed("bad byte in a field value");
  if (value != base::http::trim_blanks(value)) return malformed("blank around a field value");
  return {};
}

Method method_of(std::string_view text) {
  constexpr std::pair<std::string_view, Method> kMethods[] = {
      {"GET", Method::get},         {"HEAD", Method::head},      {"POST", Method::post},
      {"PUT", Method::put},         {"DELETE", Method::delete_}, {"PATCH", Method::patch},
      {"OPTIONS", Method::options}, {"TRACE", Method::trace},    {"CONNECT", Method::connect}};
  for (const auto& [name, method] : kMethods) {
    if (name == text) return method;
  }
  return Method::other;
}

Http2Problem take_field(RequestHead& head, std::string_view name, std::string_view value) {
  const FieldName id = base::http::field_name_of(name);
  switch (id) {
    case FieldName::connection:
    case FieldName::proxy_connection:
    case FieldName::keep_alive:
    case FieldName::transfer_encoding:
    case FieldName::upgrade:
    case FieldName::http2_settings:
      return malformed("field of an HTTP/1 connection");
    case FieldName::te:
      if (!base::http::equals_ignore_case(value, "trailers"))
        return malformed("TE other than trailers");
      break;
    case FieldName::content_length: {
      if (head.has_content_length) return malformed("more than one content-length");
      const auto [end, error] =
          std::from_chars(value.data(), value.data() + value.size(), head.content_length);
      const bool digits =
          !value.empty() && std::all_of(value.begin(), value.end(), base::http::is_digit);
      if (!digits || error != std::errc() || end != value.data() + value.size())
        return malformed("bad content-length");
      head.has_content_length = true;
      break;
    }
    case FieldName::host:
      if (head.has_host) return malformed("more than one host");
      head.has_host = true;
      head.host = value;
      break;
    case FieldName::expect:
      head.expect_continue = base::http::equals_ignore_case(value, "100-continue");
      head.bad_expectation = !head.expect_continue;
      break;
    default:
      break;
  }
  head.fields.push_back({name, value, id});
  return {};
}

Http2Problem settle_target(RequestHead& head, const Pseudo& pseudo) {
  if (!pseudo.has_method || !base::http::is_token(pseudo.method))
    return malformed("no or bad :method");
  head.method_text = pseudo.method;
  head.method = method_of(pseudo.method);
  if (head.method == Method::connect) {
    if (pseudo.has_scheme || pseudo.has_path || !pseudo.has_authority)
      return malformed("bad CONNECT");
    return refused(405, "CONNECT: not a tunnel");
  }
  if (!pseudo.has_scheme || !pseudo.has_path) return malformed("no :scheme or :path");
  if (!base::http::equals_ignore_case(pseudo.scheme, "https") &&
      !base::http::equals_ignore_case(pseudo.scheme, "http"))
    return refused(400, "scheme is neither http nor https");
  const std::string_view path = pseudo.path;
  if (path.empty()) return malformed("empty :path");
  if (path.front() != '/' && !(path == "*" && head.method == Method::options))
    return malformed("bad :path");
  const bool bad_byte = std::any_of(path.begin(), path.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '#';
  });
  if (bad_byte) return malformed("bad byte in :path");
  head.target = path;

  if (pseudo.has_authority) {
    if (!base::http::parse_host(pseudo.authority)) return malformed("bad :authority");
    if (head.has_host && !base::http::equals_ignore_case(head.host, pseudo.authority))
      return refused(400, "host differs from :authority");
    head.host = pseudo.authority;
    head.has_host = true;
  } else if (!head.has_host) {
    return malformed("neither :authority nor host");
  } else if (!base::http::parse_host(head.host)) {
    return malformed("bad host");
  }
  return {};
}

}  // namespace

void Http2FieldList::add(std::string_view name, std::string_view value) {
  const auto at = static_cast<std::uint32_t>(text.size());
  text.append(name).append(value);
  places.push_back({at, static_cast<std::uint32_t>(name.size()),
                    at + static_cast<std::uint32_t>(name.size()),
                    static_cast<std::uint32_t>(value.size())});
}

Http2Problem read_http2_request(const Http2FieldList& list, bool end_stream, RequestHead& head) {
  head.clear();
  Pseudo pseudo;
  bool regular = false;
  for (const auto& place : list.places) {
    const std::string_view name = list.name(place);
    const std::string_view value = list.value(place);
    if (const auto problem = check_value(value); is_problem(problem)) return problem;
    if (!name.empty() && name.front() == ':') {
      if (regular) return malformed("pseudo-field after a field");
      if (const auto problem = take_pseudo(pseudo, name, value); is_problem(problem))
        return problem;
      continue;
    }
    regular = true;
    if (const auto problem = check_name(name); is_problem(problem)) return problem;
    if (const auto problem = take_field(head, name, value); is_problem(problem)) return problem;
  }
  if (const auto problem = settle_target(head, pseudo); is_problem(problem)) return problem;
  if (end_stream) {
    if (head.has_content_length && head.content_length != 0)
      return malformed("content-length without a body");
    head.body = head.has_content_length ? BodyKind::length : BodyKind::none;
  } else {
    head.body = head.has_content_length ? BodyKind::length : BodyKind::chunked;
  }
  if (head.bad_expectation) return refused(417, "unknown expectation");
  return {};
}

}  // namespace proxy::frontend
