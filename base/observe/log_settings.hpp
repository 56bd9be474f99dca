// SPDX-License-Identifier: Apache-2.0
// Where logs go, as configured.
#pragma once

#include <cstdint>
#include <string>

namespace base::observe {

/// Apache's levels (wsgi-hosting 1.14); a line is written when its level is at most the configured
/// one.
enum class LogLevel : std::uint8_t {
  emerg,
  alert,
  crit,
  error,
  warn,
  notice,
  info,
  debug,
  trace1,
  trace2,
  trace3,
  trace4,
  trace5,
  trace6,
  trace7,
  trace8,
};

struct ErrorLogSettings {
  std::string destination;  ///< path, "/dev/stderr"; empty: standard error
  LogLevel level = LogLevel::warn;
  friend bool operator==(const ErrorLogSettings&, const ErrorLogSettings&) = default;
};

struct AccessLogSettings {
  std::string destination;  ///< path or /dev/stdout
  std::string format;       ///< LogFormat text, nickname already resolved
  friend bool operator==(const AccessLogSettings&, const AccessLogSettings&) = default;
};

}  // namespace base::observe
