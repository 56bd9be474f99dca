// SPDX-License-Identifier: Apache-2.0
// Heads of responses: our own, and an application's with everything checked that a hostile daemon
// could put into it. Sources: RFC 9112; wsgi-hosting 4.11.
#pragma once

#include "appserver/daemon/channel_request.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace appserver::net {

inline constexpr std::string_view kServerName = "Gatehouse";

/// How the body of a response is delimited.
enum class Framing : std::uint8_t { none, length, chunked, until_close };

struct HeadStart {
  int status = 200;
  std::string_view reason;  ///< empty: the standard one
  std::uint8_t request_minor = 1;
  std::string_view date;  ///< "Sun, 22 Nov 2026 21:53:35 GMT"
};

/// Appends status line, Date and Server.
void append_head_start(std::string& out, const HeadStart& start);
void append_field(std::string& out, std::string_view name, std::string_view value);
void append_content_length(std::string& out, std::uint64_t length);
/// The empty line, with `Connection` before it as needed.
void append_head_end(std::string& out, std::uint8_t request_minor, bool keep_alive);

/// What the application's fields say about framing and the connection.
struct AnswerFields {
  bool ok = true;
  const char* error = "";  ///< why not: for the log
  bool has_content_length = false;
  std::uint64_t content_length = 0;
  bool wants_close = false;
};

/// Appends the application's fields. Dropped: Date, Server, Status, Content-Length (returned),
/// hop-by-hop fields
/// (`Connection: close` is honoured). Not ok: a name that is no token, a control byte in a value, a
/// bad Content-Length. `status` 304 also drops Content-Type (wsgi-hosting 4.11).
AnswerFields append_answer_fields(std::string& out, std::string_view fields, int status);

/// True for statuses that never carry a body.
constexpr bool bodiless(int status) noexcept {
  return status < 200 || status == 204 || status == 304;
}

}  // namespace appserver::net
