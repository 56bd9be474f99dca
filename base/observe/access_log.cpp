// SPDX-License-Identifier: Apache-2.0
#include "base/observe/access_log.hpp"

#include "base/observe/log_format.hpp"
#include "base/observe/log_sink.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <system_error>
#include <unistd.h>

namespace base::observe {
namespace {

constexpr std::size_t kFlushBytes = 32 * std::size_t{1024};  // one write(2) for some 250 lines
constexpr std::size_t kWaitingBytes = std::size_t{1}
                                      << 20U;  // kept for a slow reader; more are lost
constexpr std::chrono::seconds kComplaintPause{60};

std::uint64_t count_lines(std::string_view lines) noexcept {
  return static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
}

}  // namespace

struct AccessLog::Impl {
  Impl(LogSink the_sink, LogFormat the_format)
      : sink(std::move(the_sink)), format(std::move(the_format)) {
    buffer.reserve(kFlushBytes + kFlushBytes / 4);
  }

  void flush() noexcept;
  void lose(std::uint64_t lines, int error) noexcept;

  std::mutex mutex;  // the proxy's threads may share one log; free when one thread owns it
  LogSink sink;
  LogFormat format;
  std::string buffer;
  std::size_t flush_at = kFlushBytes;
  bool cut_line = false;  // the file ends in the middle of a line
  std::atomic<bool> pending{false};
  std::atomic<std::uint64_t> lines_lost{0};
  std::uint64_t lost_since_complaint = 0;
  std::chrono::steady_clock::time_point next_complaint;
};

void AccessLog::Impl::flush() noexcept {
  if (buffer.empty()) return;
  if (cut_line) {
    if (sink.write("\n", 0).error == 0) cut_line = false;
  }
  const LogSink::Written written = sink.write(buffer, 0);
  if (written.error == EAGAIN) {
    buffer.erase(0, written.bytes);
    flush_at = buffer.size() + kFlushBytes;
    return;
  }
  if (written.error != 0) {
    cut_line = cut_line || (written.bytes > 0 && buffer[written.bytes - 1] != '\n');
    lose(count_lines(std::string_view(buffer).substr(written.bytes)), written.error);
  }
  buffer.clear();
  if (buffer.capacity() > 4 * kFlushBytes) {  // a slow reader made it large
    std::string().swap(buffer);
  }
  flush_at = kFlushBytes;
  pending.store(false, std::memory_order_relaxed);
}

// The complaint goes to standard error, not to a log of ours: that may be on the same full disk.
void AccessLog::Impl::lose(std::uint64_t lines, int error) noexcept {
  lines_lost.fetch_add(lines, std::memory_order_relaxed);
  lost_since_complaint += lines;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_complaint) return;
  next_complaint = now + kComplaintPause;
  try {
    const auto err = LogSink::open("/dev/stderr");
    const std::string line = "access log " + sink.destination() + ": " +
                             std::to_string(lost_since_complaint) +
                             " lines lost: " + std::system_category().message(error) + "\n";
    if (err) (void)err->write(line, 0);  // nowhere else to tell
    lost_since_complaint = 0;
  } catch (const std::exception&) {  // no memory: the count remains
  }
}

AccessLog::AccessLog() = default;

AccessLog::~AccessLog() {
  flush();
}

Result<std::shared_ptr<AccessLog>> AccessLog::open(const AccessLogSettings& settings) {
  GH_TRY(LogFormat format, LogFormat::compile(settings.format));
  GH_TRY(LogSink sink, LogSink::open(settings.destination));
  // Shared by the virtual hosts that name the same file and format.
  std::shared_ptr<AccessLog> log(new AccessLog);
  log->impl_ = std::make_unique<Impl>(std::move(sink), std::move(format));
  return log;
}

void AccessLog::record(const ExchangeRecord& exchange) {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->buffer.size() >= kWaitingBytes) {
    impl_->lose(1, EAGAIN);
    return;
  }
  impl_->format.append(impl_->buffer, exchange);
  impl_->pending.store(true, std::memory_order_relaxed);
  if (impl_->buffer.size() >= impl_->flush_at) impl_->flush();
}

void AccessLog::flush() noexcept {
  const std::lock_guard lock(impl_->mutex);
  impl_->flush();
}

bool AccessLog::pending() const noexcept {
  return impl_->pending.load(std::memory_order_relaxed);
}

std::uint64_t AccessLog::take_lines_lost() noexcept {
  return impl_->lines_lost.exchange(0, std::memory_order_relaxed);
}

Result<> AccessLog::reopen() {
  const std::lock_guard lock(impl_->mutex);
  impl_->flush();
  GH_CHECK(impl_->sink.reopen());
  impl_->cut_line = false;
  return {};
}

Result<> check_log_format(std::string_view format) {
  GH_CHECK(LogFormat::compile(format));
  return {};
}

}  // namespace base::observe
