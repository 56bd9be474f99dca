// SPDX-License-Identifier: Apache-2.0
// A LogFormat text compiled into steps, and the steps run over one exchange.
// Sources: wsgi-hosting 1.14; httpd mod_log_config's documentation for letters and modifiers.
#pragma once

#include "base/observe/access_log.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace base::observe {

class LogFormat {
 public:
  /// Errors name the letter or the argument at fault.
  static Result<LogFormat> compile(std::string_view text);

  /// Appends one line with its end. Not from two threads at once: formatted seconds are kept from
  /// line to line.
  void append(std::string& out, const ExchangeRecord& exchange);

  enum class What : std::uint8_t {
    literal,
    client_address,    // %h %a
    peer_address,      // %{c}a
    local_address,     // %A
    nothing,           // %l and what nobody tells us: "-"
    user,              // %u
    time,              // %t: the common log format
    time_text,         // %{strftime}t
    time_seconds,      // %{sec}t
    time_millis,       // %{msec}t
    time_micros,       // %{usec}t
    time_millis_part,  // %{msec_frac}t
    time_micros_part,  // %{usec_frac}t
    request_line,      // %r
    status,            // %s %>s
    body_bytes,        // %B
    body_bytes_clf,    // %b
    duration_us,       // %D %{us}T
    duration_ms,       // %{ms}T
    duration_s,        // %T %{s}T
    file,              // %f
    path,              // %U
    query,             // %q
    method,            // %m
    protocol,          // %H
    server_name,       // %v
    host,              // %V
    canonical_port,    // %p
    local_port,        // %{local}p
    client_port,       // %{remote}p
    process_id,        // %P
    thread_id,         // %{tid}P
    thread_id_hex,     // %{hextid}P
    bytes_in,          // %I
    bytes_out,         // %O
    bytes_both,        // %S
    keep_alive,        // %k
    connection,        // %X
    request_id,        // %L
    handler,           // %R
    request_field,     // %{X}i
    response_field,    // %{X}o
    environment,       // %{X}e
    cookie,            // %{X}C
  };
  enum class When : std::uint8_t { begin, end };  // of the exchange: %{begin:...}t, %{end:...}t

 private:
  struct Step {
    What what = What::literal;
    When when = When::begin;
    bool unless = false;              // %!200,304...: not for these
    std::vector<int> statuses;        // only for these; empty: always
    std::string text;                 // literal, name or strftime format
    std::int64_t second = INT64_MIN;  // that `formatted` is for
    std::string formatted;
  };
  static Result<Step> compile_item(std::string_view text, std::size_t& at);
  static Result<> compile_time(Step& step, std::string_view argument);
  static bool wanted(const Step& step, int status) noexcept;
  static void append_step(std::string& out, Step& step, const ExchangeRecord& x);
  static void append_time(std::string& out, Step& step, const ExchangeRecord& exchange);

  std::vector<Step> steps_;
};

}  // namespace base::observe
