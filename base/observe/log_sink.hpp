// SPDX-License-Identifier: Apache-2.0
// Where log lines go: a file opened for appending, or a standard stream that somebody else made. A
// reader that has stopped, a full disk or a vanished pipe costs lines, never the server's time.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace base::observe {

class LogSink {
 public:
  /// Opens `destination` for appending, creating it with mode 0640. "/dev/stdout" and "/dev/stderr"
  /// are duplicates of our own descriptors (their files may belong to another user). Errors: those
  /// of open(2); unsupported for
  /// "|program" and "syslog".
  static Result<LogSink> open(std::string_view destination);

  struct Written {
    std::size_t bytes = 0;  ///< how many went out
    int error = 0;          ///< errno when fewer than given; EAGAIN: the reader is slow
  };
  /// Writes lines (whole ones, each ended by a line end). A file gets them in one write(2); a pipe
  /// in pieces that it takes whole. Waits for a slow reader at most `wait_ms` in all.
  [[nodiscard]] Written write(std::string_view lines, int wait_ms) const noexcept;

  /// Opens the path again under the same descriptor number; does nothing for a standard stream.
  Result<> reopen();

  [[nodiscard]] const std::string& destination() const noexcept { return destination_; }

 private:
  enum class Kind : std::uint8_t { file, socket, stream };  // stream: pipe, terminal, device
  LogSink(Fd fd, std::string destination)
      : fd_(std::move(fd)), destination_(std::move(destination)) {}
  void look_at_kind() noexcept;
  [[nodiscard]] Written write_in_pieces(std::string_view lines, int wait_ms) const noexcept;

  Fd fd_;
  std::string destination_;
  bool standard_ = false;
  Kind kind_ = Kind::file;
};

}  // namespace base::observe
