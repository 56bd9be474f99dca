// SPDX-License-Identifier: Apache-2.0
#include "base/observe/log.hpp"

#include "base/observe/wall_time.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <time.h>
#include <unistd.h>
#include <utility>

namespace base::observe {
namespace {

constexpr std::string_view kLevelNames[] = {
    "emerg",  "alert",  "crit",   "error",  "warn",   "notice", "info",   "debug",
    "trace1", "trace2", "trace3", "trace4", "trace5", "trace6", "trace7", "trace8"};

constexpr std::size_t kLineBytes = 8192;  // one record (wsgi-hosting 6.8)
constexpr int kReaderWaitMs = 20;         // an error is worth this much patience, once
constexpr char kHex[] = "0123456789abcdef";

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

constexpr bool is_control(unsigned char c) noexcept {
  return c < 0x20 || c == 0x7f;
}

// What append_escaped may not copy as it is: asked for every byte of every access log line.
constexpr auto kEscaped = [] {
  std::array<bool, 256> out{};
  for (unsigned c = 0; c < out.size(); ++c)
    out[c] = is_control(static_cast<unsigned char>(c)) || c >= 0x80 || c == '"' || c == '\\';
  return out;
}();

// One line on the stack: logging works when memory is out.
class Line {
 public:
  void add(std::string_view text) noexcept {
    const std::size_t n = std::min(text.size(), room());
    std::memcpy(bytes_.data() + size_, text.data(), n);
    size_ += n;
  }
  void add_one_line(std::string_view text) noexcept {
    for (const char raw : text) {
      const auto c = static_cast<unsigned char>(raw);
      if (room() < 4) return;
      if (!is_control(c) || c == '\t') {
        bytes_[size_++] = raw;
      } else if (c == '\n' || c == '\r') {
        bytes_[size_++] = '\\';
        bytes_[size_++] = c == '\n' ? 'n' : 'r';
      } else {
        add({std::array<char, 4>{'\\', 'x', kHex[c >> 4], kHex[c & 15]}.data(), 4});
      }
    }
  }
  void add(std::uint64_t number) noexcept {
    char digits[20];
    std::size_t at = sizeof digits;
    do {
      digits[--at] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    add({digits + at, sizeof digits - at});
  }
  std::string_view finish() noexcept {
    bytes_[size_++] = '\n';
    return {bytes_.data(), size_};
  }

 private:
  [[nodiscard]] std::size_t room() const noexcept { return kLineBytes - 1 - size_; }
  std::array<char, kLineBytes> bytes_;
  std::size_t size_ = 0;
};

}  // namespace

std::string_view level_name(LogLevel level) noexcept {
  return kLevelNames[static_cast<std::size_t>(level)];
}

Result<LogLevel> parse_level(std::string_view word) {
  std::string lowered(word);
  for (char& c : lowered) c = lower(c);
  for (std::size_t i = 0; i < std::size(kLevelNames); ++i) {
    if (kLevelNames[i] == lowered) return static_cast<LogLevel>(i);
  }
  std::string detail = "unknown log level \"";
  append_escaped(detail, word);
  detail += "\": emerg, alert, crit, error, warn, notice, info, debug or trace1 to trace8";
  return fail(ErrorCode::invalid, std::move(detail));
}

void append_escaped(std::string& out, std::string_view value) {
  std::size_t plain = 0;  // start of the run that needs no escape
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto c = static_cast<unsigned char>(value[i]);
    if (!kEscaped[c]) continue;
    out.append(value, plain, i - plain);
    plain = i + 1;
    out += '\\';
    if (c == '"' || c == '\\') {
      out += value[i];
    } else {
      out += 'x';
      out += kHex[c >> 4];
      out += kHex[c & 15];
    }
  }
  out.append(value, plain, value.size() - plain);
}

Result<std::shared_ptr<ErrorLog>> ErrorLog::open(const ErrorLogSettings& settings) {
  GH_TRY(LogSink sink, LogSink::open(settings.destination));
  // Shared by everybody who logs there: hosts, groups, the process itself.
  return std::shared_ptr<ErrorLog>(new ErrorLog(std::move(sink), settings.level));
}

std::shared_ptr<ErrorLog> ErrorLog::to_stderr(LogLevel level) {
  auto log = open({"", level});
  return log ? std::move(*log) : nullptr;
}

void ErrorLog::write(LogLevel level, std::string_view text,
                     std::string_view context) const noexcept {
  if (!enabled(level)) return;
  Line line;
  char stamp[kIsoTimeBytes];
  line.add("[");
  line.add({stamp, write_iso_time(stamp, wall_clock_us())});
  line.add("] [");
  line.add(level_name(level));
  line.add("] [pid ");
  line.add(static_cast<std::uint64_t>(::getpid()));
  line.add("] ");
  if (!context.empty()) {
    line.add_one_line(context);
    line.add(" ");
  }
  line.add_one_line(text);
  const int wait_ms = stalled_.load(std::memory_order_relaxed) ? 0 : kReaderWaitMs;
  const LogSink::Written written = sink_.write(line.finish(), wait_ms);
  stalled_.store(written.error == EAGAIN, std::memory_order_relaxed);
}

Result<> ErrorLog::reopen() {
  return sink_.reopen();
}

LogLine::LogLine(const ErrorLog& log, LogLevel level, std::string_view event)
    : log_(log.enabled(level) ? &log : nullptr), level_(level) {
  if (log_ != nullptr) text_.append(event);
}

LogLine::~LogLine() {
  if (log_ != nullptr) log_->write(level_, text_);
}

LogLine& LogLine::add(std::string_view key, std::string_view value) {
  if (log_ == nullptr) return *this;
  text_.append(" ").append(key).append("=");
  const bool quote = value.empty() || value.find_first_of(" =\"") != std::string_view::npos;
  if (quote) text_ += '"';
  append_escaped(text_, value);
  if (quote) text_ += '"';
  return *this;
}

LogLine& LogLine::add(std::string_view key, std::int64_t value) {
  if (log_ == nullptr) return *this;
  text_.append(" ").append(key).append("=").append(std::to_string(value));
  return *this;
}

}  // namespace base::observe
