// SPDX-License-Identifier: Apache-2.0
// Time stamps of logs: always UTC, so an application that calls tzset() changes nothing
// (wsgi-hosting 6.8).
#pragma once

#include <cstddef>
#include <cstdint>
#include <time.h>

namespace base::observe {

/// Microseconds since the epoch, now.
std::int64_t wall_clock_us() noexcept;

/// Seconds since the epoch as a broken-down time in UTC; takes no lock and looks at no environment.
void break_down(std::int64_t seconds, tm& out) noexcept;

inline constexpr std::size_t kIsoTimeBytes = 32;
/// Writes "2026-11-22T21:53:35.123456Z" into `out` (kIsoTimeBytes); returns its length.
std::size_t write_iso_time(char* out, std::int64_t wall_us) noexcept;

inline constexpr std::size_t kClfTimeBytes = 32;
/// Writes "[22/Nov/2026:21:53:35 +0000]" into `out` (kClfTimeBytes); returns its length.
std::size_t write_clf_time(char* out, std::int64_t wall_us) noexcept;

}  // namespace base::observe
