// SPDX-License-Identifier: Apache-2.0
// What a request line's second word and a Host field say: forms, host and port, the decoded path.
// Pure; the proxy's routing and the app server's mapping both use it.
// Sources: RFC 9112 section 3.2; wsgi-hosting 1.6, 4.1 step 3, 4.9, 7.9.
#pragma once

#include "base/http/head.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace base::http {

/// `name[:port]` taken apart; views into the text given.
struct HostPort {
  std::string_view name;   ///< as sent: case, brackets and a trailing dot included
  std::uint16_t port = 0;  ///< 0: none written
};

/// Parses a Host field's value (blanks around it allowed) or an authority. Nothing for what
/// wsgi-hosting 1.6 answers with 400: an empty name, an empty label, port 0 or above 65535,
/// userinfo, any byte but letters, digits, `.-_`.
std::optional<HostPort> parse_host(std::string_view value) noexcept;
/// Appends the name as hosts are compared: lower case, without a trailing dot.
void append_host_key(std::string& out, std::string_view name);

struct RequestTarget {
  enum class Form : std::uint8_t {
    origin,     ///< /path?query
    absolute,   ///< http://host/path?query: `authority` replaces Host for everything that follows
    asterisk,   ///< `*`, OPTIONS only
    authority,  ///< CONNECT only: answer 405
  };
  Form form = Form::origin;
  std::string_view
      path;  ///< undecoded; "/" when an absolute form has none; empty for `*` and authority
  std::string_view query;  ///< without the `?`
  bool has_query = false;
  bool https = false;          ///< scheme of the absolute form
  std::string_view authority;  ///< of absolute and authority form, as sent; else empty
};

/// Splits the target. Nothing: answer 400 (relative, `*` beside OPTIONS, a fragment, blank or
/// control byte, another scheme, a bad authority, CONNECT with a path).
std::optional<RequestTarget> split_target(Method method, std::string_view target) noexcept;

/// AllowEncodedSlashes (wsgi-hosting 7.9).
enum class EncodedSlashes : std::uint8_t { off, on, no_decode };
/// MergeSlashes (wsgi-hosting 1.4).
enum class MergeSlashes : std::uint8_t { off, on };

/// Decodes `path` once and removes `.` and `..` segments; `out` is replaced and begins with `/`.
/// Returns 0, or the status to answer: 400 for a bad escape, %00, a raw control byte or a way above
/// the root; 404 for %2F when `off`.
int normalize_path(std::string_view path, EncodedSlashes slashes, MergeSlashes merge,
                   std::string& out);

}  // namespace base::http
