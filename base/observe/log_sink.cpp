// SPDX-License-Identifier: Apache-2.0
#include "base/observe/log_sink.hpp"

#include <climits>

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <utility>

namespace base::observe {
namespace {

constexpr int kMode = 0640;  // logs hold addresses and names: not for everybody

Result<Fd> open_path(const std::string& path) {
  // Non-blocking matters for a named pipe only: without a reader it is an error now, not a hang.
  Fd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
               kMode));
  if (!fd) return fail(system_error(path, errno));
  return fd;
}

Result<Fd> duplicate(int number) {
  Fd fd(::fcntl(number, F_DUPFD_CLOEXEC, 3));
  if (fd) return fd;
  return open_path("/dev/null");  // started with the stream closed
}

// The end of the last line within the first `limit` bytes; `limit` itself when a line is longer.
std::size_t whole_lines(std::string_view lines, std::size_t limit) noexcept {
  if (lines.size() <= limit) return lines.size();
  const std::size_t end = lines.rfind('\n', limit - 1);
  return end == std::string_view::npos ? limit : end + 1;
}

}  // namespace

Result<LogSink> LogSink::open(std::string_view destination) {
  if (destination.starts_with('|') || destination == "syslog" ||
      destination.starts_with("syslog:")) {
    return fail(ErrorCode::unsupported,
                std::string(destination) + ": logs go to a file, /dev/stdout or /dev/stderr only");
  }
  const int number = destination.empty() || destination == "/dev/stderr" ? 2
                     : destination == "/dev/stdout"                      ? 1
                                                                         : -1;
  std::string path(destination.empty() ? "/dev/stderr" : destination);
  GH_TRY(Fd fd, number >= 0 ? duplicate(number) : open_path(path));
  LogSink sink(std::move(fd), std::move(path));
  sink.standard_ = number >= 0;
  sink.look_at_kind();
  return sink;
}

void LogSink::look_at_kind() noexcept {
  struct stat info = {};
  kind_ = Kind::stream;
  if (::fstat(fd_.get(), &info) != 0) return;
  if (S_ISREG(info.st_mode)) kind_ = Kind::file;
  if (S_ISSOCK(info.st_mode)) kind_ = Kind::socket;
}

LogSink::Written LogSink::write(std::string_view lines, int wait_ms) const noexcept {
  if (kind_ != Kind::file) return write_in_pieces(lines, wait_ms);
  ssize_t n = 0;
  do {
    n = ::write(fd_.get(), lines.data(), lines.size());
  } while (n < 0 && errno == EINTR);
  if (n < 0) return {0, errno};
  const auto bytes = static_cast<std::size_t>(n);
  return {bytes, bytes == lines.size() ? 0 : ENOSPC};
}

// The descriptor is shared with whoever started us, so it is not ours to make non-blocking: a
// socket is asked not to wait, a pipe is asked whether it takes PIPE_BUF bytes.
LogSink::Written LogSink::write_in_pieces(std::string_view lines, int wait_ms) const noexcept {
  Written out;
  while (out.bytes < lines.size()) {
    const std::string_view rest = lines.substr(out.bytes);
    pollfd ready{fd_.get(), POLLOUT, 0};
    const int polled = ::poll(&ready, 1, wait_ms);
    if (polled < 0 && errno == EINTR) continue;
    if (polled <= 0) return {out.bytes, polled < 0 ? errno : EAGAIN};
    const std::size_t piece = whole_lines(rest, PIPE_BUF);
    const ssize_t n = kind_ == Kind::socket
                          ? ::send(fd_.get(), rest.data(), piece, MSG_DONTWAIT | MSG_NOSIGNAL)
                          : ::write(fd_.get(), rest.data(), piece);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return {out.bytes, errno};
    out.bytes += static_cast<std::size_t>(n);
  }
  return out;
}

Result<> LogSink::reopen() {
  if (standard_) return {};
  GH_TRY(const Fd fresh, open_path(destination_));
  if (::dup3(fresh.get(), fd_.get(), O_CLOEXEC) < 0) return fail(system_error(destination_, errno));
  look_at_kind();
  return {};
}

}  // namespace base::observe
