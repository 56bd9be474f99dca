// SPDX-License-Identifier: Apache-2.0
#include "base/observe/process_usage.hpp"

#include "base/fd.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

namespace base::observe {

// proc(5): the second field is the name in brackets and may hold anything, so fields are counted
// after the last one.
std::optional<ProcessUsage> parse_process_stat(std::string_view stat, long ticks_per_second,
                                               long page_bytes) noexcept {
  const std::size_t bracket = stat.rfind(')');
  if (bracket == std::string_view::npos) return std::nullopt;
  stat.remove_prefix(bracket + 1);
  constexpr int kUserTicks = 14, kSystemTicks = 15, kThreads = 20, kResidentPages = 24;
  std::uint64_t values[kResidentPages + 1] = {};
  for (int field = 3; field <= kResidentPages; ++field) {
    const std::size_t start = stat.find_first_not_of(' ');
    if (start == std::string_view::npos) return std::nullopt;
    stat.remove_prefix(start);
    const std::size_t end = std::min(stat.find(' '), stat.size());
    if (field >= kUserTicks) {  // those before may be negative or letters, and are not wanted
      (void)std::from_chars(stat.data(), stat.data() + end, values[field]);  // 0 then
    }
    stat.remove_prefix(end);
  }
  ProcessUsage usage;
  const auto ticks = static_cast<double>(ticks_per_second);
  usage.cpu_user_seconds = static_cast<double>(values[kUserTicks]) / ticks;
  usage.cpu_system_seconds = static_cast<double>(values[kSystemTicks]) / ticks;
  usage.threads = values[kThreads];
  usage.resident_bytes = values[kResidentPages] * static_cast<std::uint64_t>(page_bytes);
  return usage;
}

std::optional<ProcessUsage> process_usage(pid_t pid) {
  char path[32];
  (void)std::snprintf(path, sizeof path, "/proc/%d/stat", static_cast<int>(pid));
  const Fd file(::open(path, O_RDONLY | O_CLOEXEC));
  if (!file) return std::nullopt;
  char text[1024];
  const ssize_t n = ::read(file.get(), text, sizeof text);
  if (n <= 0) return std::nullopt;
  static const long ticks = ::sysconf(_SC_CLK_TCK);
  static const long page = ::sysconf(_SC_PAGESIZE);
  return parse_process_stat({text, static_cast<std::size_t>(n)}, ticks, page);
}

}  // namespace base::observe
