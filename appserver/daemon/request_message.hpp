// SPDX-License-Identifier: Apache-2.0
// One request as it travels from a front to Python: a fixed part, the site's constant variables
// (prepared once), the request's own variables, and a small body. Written by handlers/wsgi, read by
// wsgi/environ; no transport in it. Native byte order: both ends are one program on one machine.
// The daemon believes the front.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace appserver::daemon {

/// Environ keys that have a number on the wire and an interned string in the interpreter.
/// request_message.cpp has the texts.
enum class Key : std::uint8_t {
  custom = 0,  ///< the key's text follows
  // Control entries of the site block: not environ keys.
  process_group,
  application_group,
  callable_object,
  script_file,
  request_handler,
  handler_script,
  first_environ,
  auth_type = first_environ,
  content_length,
  content_type,
  context_document_root,
  context_prefix,
  document_root,
  https,
  path_info,
  query_string,
  remote_addr,
  remote_port,
  remote_user,
  request_method,
  request_scheme,
  request_uri,
  script_filename,
  script_name,
  server_addr,
  server_admin,
  server_name,
  server_port,
  server_protocol,
  server_software,
  http_accept,
  http_accept_charset,
  http_accept_encoding,
  http_accept_language,
  http_authorization,
  http_cache_control,
  http_connection,
  http_cookie,
  http_expect,
  http_forwarded,
  http_host,
  http_if_match,
  http_if_modified_since,
  http_if_none_match,
  http_if_range,
  http_if_unmodified_since,
  http_keep_alive,
  http_origin,
  http_pragma,
  http_range,
  http_referer,
  http_te,
  http_traceparent,
  http_tracestate,
  http_transfer_encoding,
  http_upgrade,
  http_upgrade_insecure_requests,
  http_user_agent,
  http_via,
  http_x_forwarded_for,
  http_x_forwarded_host,
  http_x_forwarded_port,
  http_x_forwarded_proto,
  http_x_forwarded_server,
  http_x_real_ip,
  http_x_request_id,
  http_x_requested_with,
  mod_wsgi_connection_id,
  mod_wsgi_listener_host,
  mod_wsgi_listener_port,
  mod_wsgi_mount_point,
  mod_wsgi_path_info,
  mod_wsgi_request_id,
  mod_wsgi_script_name,
  mod_wsgi_server_pid,
  count_
};

/// The text of an environ key ("HTTP_HOST"); empty for control entries and custom.
std::string_view key_text(Key key) noexcept;
/// The number of an environ key's text, or Key::custom.
Key find_key(std::string_view text) noexcept;

enum class BodyMode : std::uint8_t {
  none,     ///< no body, or Content-Length: 0
  inline_,  ///< the whole body is in the message
  stream,   ///< it follows through the exchange; `body_length` or unknown
};

/// Flags of RequestFixed::flags.
enum RequestFlag : std::uint8_t {
  kScriptReloading = 1,  ///< WSGIScriptReloading On: look whether the script changed
  kHeadRequest = 2,      ///< the client gets no body
  kCloseDelimited = 4,   ///< HTTP/1.0 client
};

struct RequestFixed {
  std::uint64_t site_id = 0;           ///< same id, same site block: a key for the daemon's cache
  std::int64_t request_start_us = 0;   ///< wall clock, microseconds since the epoch
  std::int64_t queue_start_us = 0;     ///< when the front gave it to the channel
  std::int64_t body_length = 0;        ///< -1: chunked
  std::uint32_t queue_timeout_ms = 0;  ///< older than this at pick-up: 504 (wsgi-hosting 2.2)
  std::uint32_t site_bytes = 0;
  std::uint32_t variables_bytes = 0;
  std::uint32_t inline_body_bytes = 0;
  BodyMode body = BodyMode::none;
  std::uint8_t flags = 0;
  std::uint16_t reserved = 0;
  std::uint32_t application_group_bytes =
      0;  ///< resolved name, after the variables; 0: main interpreter
};

/// Writes entries: {u8 key}{u16 name length, name: custom only}{u32 value length}{value}.
class VariableWriter {
 public:
  explicit VariableWriter(std::string& out) : out_(out) {}
  void add(Key key, std::string_view value) {
    out_.push_back(static_cast<char>(key));
    add_value(value);
  }
  /// A key without a number: uses its number all the same when it has one.
  void add(std::string_view name, std::string_view value);
  /// A key known to have no number.
  void add_custom(std::string_view name, std::string_view value);

 private:
  void add_value(std::string_view value) {
    const auto n = static_cast<std::uint32_t>(value.size());
    char length[4];
    std::memcpy(length, &n, 4);
    out_.append(length, 4);
    out_.append(value);
  }
  std::string& out_;
};

struct Variable {
  Key key = Key::custom;
  std::string_view name;  ///< for Key::custom
  std::string_view value;
};

/// Walks a block of entries.
class VariableReader {
 public:
  explicit VariableReader(std::string_view block) : rest_(block) {}
  bool next(Variable& out) noexcept;  ///< false at the end (a broken block ends early)

 private:
  std::string_view rest_;
};

/// A received request: views into the receive buffer, which outlives the exchange.
struct RequestMessage {
  RequestFixed fixed;
  std::string_view site;  ///< constant variables and control entries
  std::string_view variables;
  std::string_view application_group;
  std::string_view inline_body;
};

/// Splits a message; false when the lengths do not add up.
bool split_message(std::string_view bytes, RequestMessage& out) noexcept;

}  // namespace appserver::daemon
