// SPDX-License-Identifier: Apache-2.0
#include "base/http/head.hpp"

#include "base/http/field_line.hpp"
#include "base/http/request_target.hpp"
#include "base/http/tokens.hpp"

#include <cstring>

namespace base::http {

namespace {

struct MethodText {
  std::string_view text;
  Method method;
};
constexpr MethodText kMethods[] = {
    {"GET", Method::get},         {"HEAD", Method::head},      {"POST", Method::post},
    {"PUT", Method::put},         {"DELETE", Method::delete_}, {"PATCH", Method::patch},
    {"OPTIONS", Method::options}, {"TRACE", Method::trace},    {"CONNECT", Method::connect},
};

const Field* find_in(const std::vector<Field>& fields, FieldName id) noexcept {
  for (const Field& field : fields)
    if (field.id == id) return &field;
  return nullptr;
}

/// "HTTP/1.0" or "HTTP/1.1" from `p`, CRLF behind it; says what is wrong otherwise.
struct VersionResult {
  int status = 0;  // 0: fine
  const char* reason = "";
  std::uint8_t minor = 1;
};
VersionResult read_version(const char* p, const char* end) noexcept {
  constexpr std::size_t kSize = 8;  // HTTP/d.d
  if (end - p < static_cast<std::ptrdiff_t>(kSize) || std::memcmp(p, "HTTP/", 5) != 0 ||
      !is_digit(p[5]) || p[6] != '.' || !is_digit(p[7]))
    return {400, "bad HTTP version"};
  const char* after = p + kSize;
  if (end - after < 2 || after[0] != '\r' || after[1] != '\n')
    return {400, after != end && *after == '\n' ? "line ended by a bare LF"
                                                : "something after the HTTP version"};
  if (p[5] != '1' || p[7] > '1') return {505, "HTTP version not offered"};
  return {0, "", static_cast<std::uint8_t>(p[7] - '0')};
}

struct StartLine {
  ParseStatus status = ParseStatus::complete;
  int code = 400;
  const char* reason = "";
};

StartLine read_request_line(std::string_view buffer, std::size_t limit, HeadProgress& progress,
                            RequestHead& out) {
  const auto settle = [&](int code, const char* reason) -> StartLine {
    const detail::LineResult line = detail::settle_line(buffer, limit, progress, reason);
    return {line.status, line.over_limit ? 414 : code, line.reason};
  };
  if (!detail::line_has_arrived(buffer, progress)) return settle(400, "");
  const char* const begin = buffer.data() + progress.line;
  const char* const end = buffer.data() + buffer.size();
  // Not even a method begins like this (TLS on a plain port, for one): no need to wait for a line
  // end.
  if (begin != end && !is_token_char(*begin))
    return {ParseStatus::error, 400, *begin == '\n' ? "line ended by a bare LF" : "bad method"};
  const char* p = begin;
  while (p != end && is_token_char(*p)) ++p;
  if (p == end || *p != ' ') return settle(400, "bad method");
  const std::string_view method(begin, static_cast<std::size_t>(p - begin));
  const char* const target = ++p;
  p = detail::find_blank_or_control(p, end);
  if (p == end) return settle(400, "");
  if (p == target) return settle(400, "no target, or two blanks before it");
  if (*p != ' ')
    return settle(400, *p == '\r' || *p == '\n' ? "no HTTP version" : "control byte in the target");
  const VersionResult version = read_version(p + 1, end);
  const auto size = static_cast<std::size_t>(p + 9 - begin);
  if (version.status != 0) return settle(version.status, version.reason);
  if (size > limit) return settle(400, "");
  out.method_text = method;
  out.method = method_of(method);
  out.target = std::string_view(target, static_cast<std::size_t>(p - target));
  out.version_minor = version.minor;
  progress.line += size + 2;
  return {};
}

/// Decides framing, persistence and host from the fields. Returns the status to refuse with, or 0.
int conclude(RequestHead& head, const char*& reason) noexcept {
  const detail::FramingFields framing = detail::read_framing(head.fields);
  const auto refuse = [&reason](int status, const char* why) {
    reason = why;
    return status;
  };
  bool has_upgrade_field = false;
  for (const Field& field : head.fields) {
    if (field.id == FieldName::host) {
      if (head.has_host) return refuse(400, "more than one Host field");
      head.has_host = true;
      head.host = field.value;
      if (!parse_host(field.value)) return refuse(400, "bad Host field");
    } else if (field.id == FieldName::expect && head.version_minor == 1 && !field.value.empty()) {
      if (equals_ignore_case(field.value, "100-continue")) {
        head.expect_continue = true;
      } else {
        head.bad_expectation = true;
      }
    } else if (field.id == FieldName::upgrade) {
      has_upgrade_field = true;
    }
  }
  if (!head.has_host && head.version_minor == 1) return refuse(400, "no Host field");
  if (framing.content_lengths > 1) return refuse(400, "more than one Content-Length field");
  if (framing.bad_content_length) return refuse(400, "bad Content-Length field");
  if (framing.has_transfer_encoding) {
    if (framing.content_lengths != 0) return refuse(400, "Content-Length beside Transfer-Encoding");
    if (head.version_minor == 0) return refuse(400, "Transfer-Encoding in HTTP/1.0");
    if (!framing.ends_in_chunked) return refuse(400, "Transfer-Encoding does not end in chunked");
    if (!framing.exactly_chunked) return refuse(501, "Transfer-Encoding other than chunked");
    head.body = BodyKind::chunked;
  } else if (framing.content_lengths == 1) {
    head.body = BodyKind::length;
    head.content_length = framing.content_length;
    head.has_content_length = true;
  }
  head.keep_alive = !framing.close && (head.version_minor == 1 || framing.keep_alive);
  head.upgrade = framing.upgrade && has_upgrade_field;
  return 0;
}

}  // namespace

std::string_view text_of(Method method) noexcept {
  for (const MethodText& row : kMethods)
    if (row.method == method) return row.text;
  return {};
}

Method method_of(std::string_view text) noexcept {
  for (const MethodText& row : kMethods)
    if (row.text == text) return row.method;
  return Method::other;
}

const Field* RequestHead::find(FieldName id) const noexcept {
  return find_in(fields, id);
}

void RequestHead::clear() noexcept {
  std::vector<Field> kept = std::move(fields);
  kept.clear();
  *this = RequestHead();
  fields = std::move(kept);
}

const Field* ResponseHead::find(FieldName id) const noexcept {
  return find_in(fields, id);
}

void ResponseHead::clear() noexcept {
  std::vector<Field> kept = std::move(fields);
  kept.clear();
  *this = ResponseHead();
  fields = std::move(kept);
}

ParseStatus RequestParser::refuse(int status, const char* reason) noexcept {
  error_ = {status, reason};
  return ParseStatus::error;
}

ParseStatus RequestParser::parse(std::string_view buffer, const HeadLimits& limits,
                                 RequestHead& out) {
  if (!progress_.started) {
    out.clear();
    out.fields.reserve(detail::kFieldReserve);
    progress_ = HeadProgress();
    progress_.started = true;
    progress_.base = buffer.data();
  } else if (progress_.base != buffer.data()) {
    out.method_text = detail::moved(out.method_text, progress_.base, buffer.data());
    out.target = detail::moved(out.target, progress_.base, buffer.data());
    detail::move_fields(out.fields, progress_.base, buffer.data());
    progress_.base = buffer.data();
  }
  const auto over_head_limit = [&](std::size_t bytes) { return bytes > limits.head_bytes; };
  if (progress_.fields_at == 0) {
    while (buffer.substr(progress_.line, 2) == "\r\n") progress_.line += 2;
    if (over_head_limit(progress_.line)) return refuse(400, "head too long");
    if (buffer.substr(progress_.line) == "\r" || progress_.line == buffer.size())
      return ParseStatus::incomplete;
    const StartLine line = read_request_line(buffer, limits.line_bytes, progress_, out);
    if (line.status == ParseStatus::error) return refuse(line.code, line.reason);
    if (line.status == ParseStatus::incomplete)
      return over_head_limit(buffer.size()) ? refuse(400, "head too long") : line.status;
    progress_.fields_at = progress_.line;
  }
  for (;;) {
    const detail::LineResult line = detail::read_field_line(buffer, limits, progress_, out.fields);
    if (line.status == ParseStatus::error) return refuse(400, line.reason);
    const bool incomplete = line.status == ParseStatus::incomplete;
    if (over_head_limit(incomplete ? buffer.size() : progress_.line))
      return refuse(400, "head too long");
    if (incomplete) return ParseStatus::incomplete;
    if (line.last) break;
  }
  if (progress_.line - progress_.fields_at > limits.field_bytes &&
      detail::merged_field_over(out.fields, limits.field_bytes))
    return refuse(400, "repeated field too long");
  const char* reason = "";
  if (const int status = conclude(out, reason); status != 0) return refuse(status, reason);
  consumed_ = progress_.line;
  progress_.started = false;
  return ParseStatus::complete;
}

}  // namespace base::http
