// SPDX-License-Identifier: Apache-2.0
// Where text written by Python goes: line by line to the error log, with the request's context
// while one runs. Source: wsgi-hosting 6.8.
#pragma once

#include "appserver/daemon/request_message.hpp"
#include "base/observe/log.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace appserver::wsgi {

/// Collects text until a line is whole.
class LineBuffer {
 public:
  static constexpr std::size_t kMaxRecordBytes = 8192;  ///< what is longer is dropped

  template <class Emit>
  void append(std::string_view text, const Emit& emit) {
    for (;;) {
      const std::size_t end = text.find('\n');
      partial_.append(text.substr(0, end).substr(0, kMaxRecordBytes - partial_.size()));
      started_ = started_ || !text.empty();
      if (end == std::string_view::npos) return;
      flush(emit);
      text.remove_prefix(end + 1);
    }
  }
  template <class Emit>
  void flush(const Emit& emit) {
    if (!started_) return;
    started_ = false;
    const std::string line = std::exchange(partial_, {});
    emit(line);
  }

 private:
  std::string partial_;
  bool started_ = false;
};

/// The log as one request sees it, or the server when no request is set. One thread at a time (the
/// GIL).
class RequestLog {
 public:
  enum class Stream : unsigned char { errors, out, err };  ///< wsgi.errors, sys.stdout, sys.stderr

  explicit RequestLog(const base::observe::ErrorLog& log) : log_(log) {}
  /// The request whose context lines carry from now on; null: the server. Emits what was left of
  /// the one before.
  void set_request(const daemon::RequestMessage* message);

  /// One record with the context.
  void write(base::observe::LogLevel level, std::string_view line);
  [[nodiscard]] bool enabled(base::observe::LogLevel level) const { return log_.enabled(level); }
  /// Text of a stream: whole lines are written at level error, whatever LogLevel says short of
  /// crit.
  void append(Stream stream, std::string_view text);
  void flush(Stream stream);
  void flush();

 private:
  const std::string& context();

  const base::observe::ErrorLog& log_;
  const daemon::RequestMessage* message_ = nullptr;
  std::string context_;  // built at the first line
  LineBuffer buffers_[3];
};

/// `event key=value ...` in the form of base/observe/log.hpp, for lines that need the request's
/// context too.
class EventText {
 public:
  explicit EventText(std::string_view event) : text_(event) {}
  EventText& add(std::string_view key, std::string_view value);
  EventText& add(std::string_view key, long long value);
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

}  // namespace appserver::wsgi
