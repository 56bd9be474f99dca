// SPDX-License-Identifier: Apache-2.0
// How much of what costs us more than the client one HTTP/2 connection may do. Pure: the caller
// brings the time.
#pragma once

#include "base/net/event_loop.hpp"
#include "proxy/metrics/counters.hpp"

#include <array>
#include <cstdint>

namespace proxy::frontend {

/// A bucket of `burst` tokens for each kind, refilled with `per_second`.
class FloodGuard {
 public:
  struct Limit {
    std::uint32_t burst;
    std::uint32_t per_second;
  };
  /// Well above what browsers, curl and load generators do; each frame of these kinds costs them 9
  /// to 17 bytes.
  static constexpr Limit limit_of(metrics::Flood kind) noexcept {
    switch (kind) {
      case metrics::Flood::reset:
        return {256, 32};  // RST_STREAM: work begun and thrown away
      case metrics::Flood::ping:
        return {64, 8};  // each is answered
      case metrics::Flood::settings:
        return {16, 1};  // each is answered and applied
      case metrics::Flood::empty:
        return {128, 8};  // DATA without data, CONTINUATION
      case metrics::Flood::priority:
        return {1024, 128};  // without effect here
      case metrics::Flood::headers:
        return {16, 1};  // header lists over the limit, malformed requests
      case metrics::Flood::count_:
        break;
    }
    return {0, 0};
  }

  /// Counts one. False: too many, the connection must end with ENHANCE_YOUR_CALM.
  bool allow(metrics::Flood kind, base::net::TimePoint now) noexcept;

 private:
  struct Bucket {
    std::uint32_t used = 0;
    base::net::TimePoint since{};
  };
  std::array<Bucket, static_cast<std::size_t>(metrics::Flood::count_)> buckets_;
};

}  // namespace proxy::frontend
