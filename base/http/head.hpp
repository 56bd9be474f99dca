// SPDX-License-Identifier: Apache-2.0
// An HTTP/1 head as views into the connection's buffer, with its framing already decided.
// Sources: RFC 9112 sections 2-7, RFC 9110 section 5; wsgi-hosting 1.6, 4.2 step 0, 4.4.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace base::http {

enum class Method : std::uint8_t {
  get,
  head,
  post,
  put,
  delete_,
  patch,
  options,
  trace,
  connect,
  other,  ///< any other token; `RequestHead::method_text` has it
};

/// Fields that some stage looks at. `other` is everything else. field_name.hpp has the texts.
enum class FieldName : std::uint8_t {
  other,
  accept,
  accept_charset,
  accept_encoding,
  accept_language,
  accept_ranges,
  age,
  allow,
  authorization,
  cache_control,
  connection,
  content_encoding,
  content_language,
  content_length,
  content_location,
  content_range,
  content_type,
  cookie,
  date,
  etag,
  expect,
  expires,
  forwarded,
  gatehouse_hop,
  host,
  http2_settings,
  if_match,
  if_modified_since,
  if_none_match,
  if_range,
  if_unmodified_since,
  keep_alive,
  last_modified,
  location,
  origin,
  proxy,
  proxy_authenticate,
  proxy_authorization,
  proxy_connection,
  range,
  referer,
  server,
  set_cookie,
  status,
  te,
  traceparent,
  tracestate,
  trailer,
  transfer_encoding,
  upgrade,
  upgrade_insecure_requests,
  user_agent,
  vary,
  via,
  www_authenticate,
  // The forwarded-header registry of wsgi-hosting 5.2.
  x_client_ip,
  x_forwarded_for,
  x_forwarded_host,
  x_forwarded_https,
  x_forwarded_port,
  x_forwarded_proto,
  x_forwarded_scheme,
  x_forwarded_script_name,
  x_forwarded_server,
  x_forwarded_ssl,
  x_host,
  x_https,
  x_real_ip,
  x_request_id,
  x_requested_with,
  x_scheme,
  x_script_name,
  count_
};

struct Field {
  std::string_view name;   ///< as received
  std::string_view value;  ///< blanks around it trimmed
  FieldName id = FieldName::other;
};

/// How the body that follows a head is delimited (RFC 9112 section 6.3).
enum class BodyKind : std::uint8_t {
  none,
  length,  ///< exactly `content_length` bytes (a request's "Content-Length: 0" included)
  chunked,
  until_close,  ///< responses only
};

struct RequestHead {
  Method method = Method::get;
  std::string_view method_text;
  std::string_view target;         ///< second word of the request line, untouched
  std::uint8_t version_minor = 1;  ///< of HTTP/1.x
  std::vector<Field> fields;       ///< in order; capacity is kept from request to request
  BodyKind body = BodyKind::none;
  std::uint64_t content_length = 0;  ///< for BodyKind::length
  bool has_content_length = false;
  bool keep_alive = true;        ///< from the version and `Connection`
  bool expect_continue = false;  ///< `Expect: 100-continue` of an HTTP/1.1 request
  bool bad_expectation = false;  ///< any other expectation: answer 417
  bool upgrade = false;          ///< `Connection: upgrade` and an `Upgrade` field
  std::string_view host;  ///< value of the single `Host` field; empty when there is none (HTTP/1.0)
  bool has_host = false;

  /// First field with this id, or nullptr.
  [[nodiscard]] const Field* find(FieldName id) const noexcept;
  void clear() noexcept;
};

struct ResponseHead {
  int status = 0;
  std::string_view reason;
  std::uint8_t version_minor = 1;
  std::vector<Field> fields;
  BodyKind body = BodyKind::none;  ///< decided together with the request's method
  std::uint64_t content_length = 0;
  bool has_content_length = false;
  bool keep_alive = true;

  [[nodiscard]] const Field* find(FieldName id) const noexcept;
  void clear() noexcept;
};

struct HeadLimits {
  std::size_t line_bytes = 8190;   ///< request line (LimitRequestLine); over it: 414
  std::size_t field_bytes = 8190;  ///< one field line (LimitRequestFieldSize); over it: 400
  std::size_t fields = 100;        ///< LimitRequestFields; over it: 400
  std::size_t head_bytes =
      65536;  ///< the whole head: what the connection's buffer may grow to; over it: 400
};

enum class ParseStatus : std::uint8_t { incomplete, complete, error };

/// Why a head was refused: what to answer and what to log.
struct ParseError {
  int status = 400;         ///< 400, 414, 501 or 505; 502 for a response head
  const char* reason = "";  ///< fixed sentence, e.g. "blank before the colon of a field"
};

/// Where a parser stands in a head that has not arrived whole. Views already taken move with the
/// buffer.
struct HeadProgress {
  std::size_t line = 0;     ///< where the next line begins
  std::size_t scanned = 0;  ///< no line end stands between `line` and here
  std::size_t fields_at =
      0;  ///< where the first field line begins; 0: the start line is still to come
  const char* base = nullptr;  ///< where the buffer was when the views were taken
  bool started = false;
};

/// Reads one request head. Resumes where the last call stopped: a line that was read is not looked
/// at again. Strict (RFC 9112): CRLF only; token method and field names; no folding; one Host,
/// valid; one Content-Length, digits only; Content-Length beside Transfer-Encoding refused;
/// Transfer-Encoding exactly `chunked` (a list that ends otherwise is 400, one that ends in chunked
/// 501); "HTTP/1.0" or "HTTP/1.1" (other versions 505, none 400); control bytes in the target
/// refused. Leading empty lines (CRLF) are skipped.
class RequestParser {
 public:
  /// `buffer` begins where the last complete head's consumption ended and grows between calls;
  /// views in `out` point into it and hold while it stands. While incomplete, give the same `out`
  /// again. On complete, `consumed()` is the head's length with everything skipped before, and the
  /// next call begins a new head. After an error: reset().
  ParseStatus parse(std::string_view buffer, const HeadLimits& limits, RequestHead& out);
  [[nodiscard]] std::size_t consumed() const noexcept { return consumed_; }
  [[nodiscard]] const ParseError& error() const noexcept { return error_; }
  void reset() noexcept { *this = RequestParser(); }

 private:
  ParseStatus refuse(int status, const char* reason) noexcept;
  HeadProgress progress_;
  std::size_t consumed_ = 0;
  ParseError error_;
};

/// Reads one response head of a backend, with the same rules; errors are 502. `request_method`
/// decides the body of a HEAD's answer. A Content-Length given twice is refused even with equal
/// values. An answer that must not have a body and yet announces one is not `keep_alive`: what
/// follows on the connection would not be believed.
class ResponseParser {
 public:
  ParseStatus parse(std::string_view buffer, const HeadLimits& limits, Method request_method,
                    ResponseHead& out);
  [[nodiscard]] std::size_t consumed() const noexcept { return consumed_; }
  [[nodiscard]] const ParseError& error() const noexcept { return error_; }
  void reset() noexcept { *this = ResponseParser(); }

 private:
  ParseStatus refuse(const char* reason) noexcept;
  HeadProgress progress_;
  std::size_t consumed_ = 0;
  ParseError error_;
};

/// "GET" and so on; empty for `other`.
std::string_view text_of(Method method) noexcept;
/// Method names are case-sensitive: `get` is `other`.
Method method_of(std::string_view text) noexcept;

}  // namespace base::http
