// SPDX-License-Identifier: Apache-2.0
// The response side of head.hpp.
#include "base/http/field_line.hpp"
#include "base/http/head.hpp"
#include "base/http/tokens.hpp"

#include <cstring>

namespace base::http {

namespace {

detail::LineResult read_status_line(std::string_view buffer, std::size_t limit,
                                    HeadProgress& progress, ResponseHead& out) {
  const auto settle = [&](const char* reason) {
    return detail::settle_line(buffer, limit, progress, reason);
  };
  const std::string_view rest = buffer.substr(progress.line);
  constexpr std::string_view kVersion = "HTTP/1.";
  constexpr std::size_t kStatusAt = 9;  // behind "HTTP/1.x "
  constexpr std::size_t kStatusEnd = 12;
  const std::size_t shared = rest.size() < kVersion.size() ? rest.size() : kVersion.size();
  // Whoever speaks another protocol there is found out at once.
  if (rest.substr(0, shared) != kVersion.substr(0, shared)) {
    detail::LineResult bad;
    bad.status = ParseStatus::error;
    bad.reason = "answer is not HTTP/1";
    return bad;
  }
  if (!detail::line_has_arrived(buffer, progress)) return settle("");
  if (rest.size() < kStatusEnd + 2 || (rest[7] != '0' && rest[7] != '1') || rest[8] != ' ' ||
      !is_digit(rest[9]) || !is_digit(rest[10]) || !is_digit(rest[11]))
    return settle("bad status line");
  const int status = (rest[kStatusAt] - '0') * 100 + (rest[kStatusAt + 1] - '0') * 10 +
                     (rest[kStatusAt + 2] - '0');
  if (status < 100 || status > 599) return settle("status out of range");
  const char* const begin = rest.data();
  const char* const end = begin + rest.size();
  const char* reason = begin + kStatusEnd;
  if (*reason == ' ') {
    ++reason;
  } else if (*reason != '\r') {
    return settle("bad status line");
  }
  const char* const stop = detail::find_control(reason, end);
  if (end - stop < 2 || stop[0] != '\r' || stop[1] != '\n')
    return settle("control byte in the status line");
  const auto size = static_cast<std::size_t>(stop - begin);
  if (size > limit) return settle("");
  out.status = status;
  out.version_minor = static_cast<std::uint8_t>(rest[7] - '0');
  out.reason = std::string_view(reason, static_cast<std::size_t>(stop - reason));
  progress.line += size + 2;
  return {};
}

/// Why the head is refused, or nullptr (RFC 9112 section 6.3, the stricter choice everywhere).
const char* conclude(ResponseHead& head, Method request_method) noexcept {
  const detail::FramingFields framing = detail::read_framing(head.fields);
  if (framing.content_lengths > 1) return "more than one Content-Length field";
  if (framing.bad_content_length) return "bad Content-Length field";
  if (framing.has_transfer_encoding) {
    if (framing.content_lengths != 0) return "Content-Length beside Transfer-Encoding";
    if (head.version_minor == 0) return "Transfer-Encoding in HTTP/1.0";
    if (!framing.exactly_chunked) return "Transfer-Encoding other than chunked";
  }
  head.has_content_length = framing.content_lengths == 1;
  head.content_length = framing.content_length;
  head.keep_alive = !framing.close && (head.version_minor == 1 || framing.keep_alive);
  const bool never_has_body = head.status < 200 || head.status == 204;
  if (never_has_body || head.status == 304 || request_method == Method::head) {
    head.body = BodyKind::none;
    if (never_has_body && (framing.has_transfer_encoding || framing.content_length != 0))
      head.keep_alive = false;
  } else if (framing.has_transfer_encoding) {
    head.body = BodyKind::chunked;
  } else if (head.has_content_length) {
    head.body = BodyKind::length;
  } else {
    head.body = BodyKind::until_close;
    head.keep_alive = false;
  }
  return nullptr;
}

}  // namespace

ParseStatus ResponseParser::refuse(const char* reason) noexcept {
  error_ = {502, reason};
  return ParseStatus::error;
}

ParseStatus ResponseParser::parse(std::string_view buffer, const HeadLimits& limits,
                                  Method request_method, ResponseHead& out) {
  if (!progress_.started) {
    out.clear();
    out.fields.reserve(detail::kFieldReserve);
    progress_ = HeadProgress();
    progress_.started = true;
    progress_.base = buffer.data();
  } else if (progress_.base != buffer.data()) {
    out.reason = detail::moved(out.reason, progress_.base, buffer.data());
    detail::move_fields(out.fields, progress_.base, buffer.data());
    progress_.base = buffer.data();
  }
  for (;;) {
    const bool first = progress_.fields_at == 0;
    const detail::LineResult line =
        first ? read_status_line(buffer, limits.line_bytes, progress_, out)
              : detail::read_field_line(buffer, limits, progress_, out.fields);
    if (line.status == ParseStatus::error) return refuse(line.reason);
    const bool incomplete = line.status == ParseStatus::incomplete;
    if ((incomplete ? buffer.size() : progress_.line) > limits.head_bytes)
      return refuse("head too long");
    if (incomplete) return ParseStatus::incomplete;
    if (first) progress_.fields_at = progress_.line;
    if (line.last) break;
  }
  if (const char* reason = conclude(out, request_method); reason != nullptr) return refuse(reason);
  consumed_ = progress_.line;
  progress_.started = false;
  return ParseStatus::complete;
}

}  // namespace base::http
