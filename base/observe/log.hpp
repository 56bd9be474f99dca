// SPDX-License-Identifier: Apache-2.0
// Log lines: one event with fields, written by one write(2) to a file opened once for appending.
// Form: `[2026-11-22T21:53:35.123456Z] [error] [pid 12] daemon.exit group=site signal=9` (a fixed
// zone: wsgi-hosting 6.8).
#pragma once

#include "base/observe/log_settings.hpp"
#include "base/observe/log_sink.hpp"
#include "base/result.hpp"

#include <atomic>
#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace base::observe {

std::string_view level_name(LogLevel level) noexcept;
Result<LogLevel> parse_level(std::string_view word);  ///< "warn", "trace3"; case-blind

/// Appends `value` with control and non-ASCII bytes as \xHH, `"` and `\` with a backslash
/// (wsgi-hosting 1.14).
void append_escaped(std::string& out, std::string_view value);

/// One error log: shared by all who log to the same destination. Safe from any thread and, being
/// one write on an O_APPEND descriptor, from any process that inherited it.
class ErrorLog {
 public:
  /// Opens `settings.destination` for appending (mode 0640), creating it; empty: standard error.
  static Result<std::shared_ptr<ErrorLog>> open(const ErrorLogSettings& settings);
  static std::shared_ptr<ErrorLog> to_stderr(LogLevel level);

  /// Notices are always written, as httpd does: they tell when the server starts, listens, reloads
  /// and stops.
  [[nodiscard]] bool enabled(LogLevel level) const noexcept {
    return level <= level_ || level == LogLevel::notice;
  }
  /// Writes one line; `text` is taken as it stands but for line ends, which become `\n`, and other
  /// control bytes, which become \xHH. `context` (may be empty) stands before it, e.g.
  /// "client=192.0.2.7:5100". A line is cut at 8 KiB; one that cannot be written is lost.
  void write(LogLevel level, std::string_view text, std::string_view context = {}) const noexcept;
  /// Opens the file again (after logrotate): the descriptor number stays, so children that inherit
  /// see it too.
  Result<> reopen();

 private:
  ErrorLog(LogSink sink, LogLevel level) : sink_(std::move(sink)), level_(level) {}
  LogSink sink_;
  LogLevel level_;
  mutable std::atomic<bool> stalled_{
      false};  // the reader did not read lately: lines no longer wait for it
};

/// Builds one line; the destructor writes it. Costs nothing when the level is off.
///   LogLine(log, LogLevel::error, "daemon.exit").add("group", name).add("signal", 9);
class LogLine {
 public:
  LogLine(const ErrorLog& log, LogLevel level, std::string_view event);
  ~LogLine();
  LogLine(const LogLine&) = delete;
  LogLine& operator=(const LogLine&) = delete;
  LogLine& add(std::string_view key,
               std::string_view value);  ///< escaped; quoted when it has blanks
  LogLine& add(std::string_view key, std::int64_t value);
  template <class T>
  requires std::integral<T> LogLine& add(std::string_view key, T value) {
    return add(key, static_cast<std::int64_t>(value));
  }
  LogLine& add(std::string_view key, const char* value) {
    return add(key, std::string_view(value));
  }
  LogLine& add(std::string_view key, const std::string& value) {
    return add(key, std::string_view(value));
  }

 private:
  const ErrorLog* log_ = nullptr;  // null: the level is off
  LogLevel level_;
  std::string text_;
};

}  // namespace base::observe
