// SPDX-License-Identifier: Apache-2.0
// Access logs: a LogFormat compiled once into steps, one line a finished exchange, written in
// batches. Source: wsgi-hosting 1.14; httpd mod_log_config for the letters.
#pragma once

#include "base/http/head.hpp"
#include "base/net/endpoint.hpp"
#include "base/observe/log_settings.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace base::observe {

/// What one line can tell; views hold during `record`. Both programs fill the same struct.
struct ExchangeRecord {
  const net::SocketAddress* client = nullptr;      ///< %h %a
  const net::SocketAddress* peer = nullptr;        ///< %{c}a
  const net::SocketAddress* local = nullptr;       ///< %A %{local}p
  std::string_view request_line;                   ///< %r as received
  std::string_view method, path, query, protocol;  ///< %m %U %q %H; query without its `?`
  std::string_view server_name;                    ///< %v: ServerName
  std::string_view host;                           ///< %V: the request's host, lower-cased, no port
  std::uint16_t canonical_port = 0;                ///< %p
  std::string_view user;                           ///< %u
  std::string_view file, handler, request_id;      ///< %f %R %L
  int status = 0;                                  ///< %>s %s
  std::uint64_t body_bytes_out = 0;                ///< %b %B
  std::uint64_t bytes_in = 0, bytes_out = 0;       ///< %I %O
  std::int64_t start_us = 0;                       ///< %t: wall clock, microseconds since the epoch
  std::int64_t duration_us = 0;                    ///< %D %T
  std::uint32_t keep_alive_count = 0;              ///< %k
  char connection_status = '-';                    ///< %X
  const http::RequestHead* request = nullptr;      ///< %{X}i %{X}C
  std::string_view response_fields;                ///< %{X}o: raw "Name: value\r\n" lines
  std::span<const std::pair<std::string, std::string>> environment;  ///< %{X}e: SetEnv; last wins
};

/// Lines are whole whoever else appends to the file. Threads may share one log; one thread or
/// process each is quicker. A reader that is slow (a pipe) or a full disk costs lines, counted,
/// never time.
class AccessLog {
 public:
  /// Opens the destination and compiles the format. Unknown letters are errors that name the
  /// letter.
  static Result<std::shared_ptr<AccessLog>> open(const AccessLogSettings& settings);
  /// Appends one line to the buffer of this process; flushed by `flush` (end of an event-loop turn
  /// at most 1 s later), or at once when the buffer holds 32 KiB.
  void record(const ExchangeRecord& exchange);
  void flush() noexcept;
  [[nodiscard]] bool pending() const noexcept;
  /// Lines that could not be written since the last call.
  [[nodiscard]] std::uint64_t take_lines_lost() noexcept;
  Result<> reopen();
  ~AccessLog();  ///< flushes

 private:
  AccessLog();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Checks a format without opening anything: for configuration errors.
Result<> check_log_format(std::string_view format);

}  // namespace base::observe
