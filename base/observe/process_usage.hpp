// SPDX-License-Identifier: Apache-2.0
// What one of our processes uses, as /proc tells.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <sys/types.h>

namespace base::observe {

struct ProcessUsage {
  double cpu_user_seconds = 0;
  double cpu_system_seconds = 0;
  std::uint64_t resident_bytes = 0;  ///< shared pages are counted with each process that maps them
  std::uint64_t threads = 0;
};

/// Nothing when there is no such process, or it may not be looked at.
std::optional<ProcessUsage> process_usage(pid_t pid);

/// The same from the text of /proc/PID/stat.
std::optional<ProcessUsage> parse_process_stat(std::string_view stat, long ticks_per_second,
                                               long page_bytes) noexcept;

}  // namespace base::observe
