// SPDX-License-Identifier: Apache-2.0
#include "proxy/frontend/flood_guard.hpp"

#include <algorithm>
#include <chrono>

namespace proxy::frontend {

bool FloodGuard::allow(metrics::Flood kind, base::net::TimePoint now) noexcept {
  const Limit limit = limit_of(kind);
  Bucket& bucket = buckets_[static_cast<std::size_t>(kind)];
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - bucket.since).count();
  if (seconds > 0) {
    const auto refill = static_cast<std::uint64_t>(seconds) * limit.per_second;
    bucket.used -= static_cast<std::uint32_t>(std::min<std::uint64_t>(refill, bucket.used));
    bucket.since = now;
  }
  return ++bucket.used <= limit.burst;
}

}  // namespace proxy::frontend
