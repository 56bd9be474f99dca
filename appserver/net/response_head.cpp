// SPDX-License-Identifier: Apache-2.0
#include "appserver/net/response_head.hpp"

#include "appserver/handlers/error_page.hpp"
#include "base/http/field_name.hpp"
#include "base/http/field_rules.hpp"
#include "base/http/tokens.hpp"

#include <array>
#include <charconv>

namespace appserver::net {

namespace {

using base::http::FieldName;

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, 24> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  (void)error;  // 20 digits always fit
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

bool parse_length(std::string_view text, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && !text.empty() &&
         base::http::is_digit(text[0]);
}

}  // namespace

void append_head_start(std::string& out, const HeadStart& start) {
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::uint64_t>(start.status));
  out.push_back(' ');
  out.append(start.reason.empty() ? handlers::reason_phrase(start.status) : start.reason);
  out.append("\r\nDate: ");
  out.append(start.date);
  out.append("\r\nServer: ");
  out.append(kServerName);
  out.append("\r\n");
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name);
  out.append(": ");
  out.append(value);
  out.append("\r\n");
}

void append_content_length(std::string& out, std::uint64_t length) {
  out.append("Content-Length: ");
  append_number(out, length);
  out.append("\r\n");
}

void append_head_end(std::string& out, std::uint8_t request_minor, bool keep_alive) {
  if (!keep_alive) {
    out.append("Connection: close\r\n");
  } else if (request_minor == 0) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
}

AnswerFields append_answer_fields(std::string& out, std::string_view fields, int status) {
  AnswerFields result;
  const auto refuse = [&result](const char* why) {
    result.ok = false;
    result.error = why;
    return result;
  };
  daemon::FieldCursor cursor(fields);
  std::string_view name;
  std::string_view value;
  while (cursor.next(name, value)) {
    if (!base::http::is_token(name)) return refuse("a response header's name is no token");
    if (!base::http::is_field_value(value))
      return refuse("a response header's value holds a control byte");
    switch (const FieldName id = base::http::field_name_of(name)) {
      case FieldName::content_length:
        if (!parse_length(value, result.content_length))
          return refuse("Content-Length is no number");
        result.has_content_length = true;
        continue;
      case FieldName::connection:
        result.wants_close = result.wants_close || base::http::equals_ignore_case(value, "close");
        continue;
      case FieldName::date:
      case FieldName::server:
      case FieldName::status:
        continue;
      case FieldName::content_type:
        if (status == 304) continue;
        break;
      default:
        if (base::http::is_hop_by_hop(id)) continue;
        break;
    }
    append_field(out, name, value);
  }
  return cursor.broken() ? refuse("malformed response fields") : result;
}

}  // namespace appserver::net
