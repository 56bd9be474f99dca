// SPDX-License-Identifier: Apache-2.0
// The numbers behind the proxy's metrics: one set a thread, written by that thread alone, read by
// the scrape. What each means stands in catalogue.hpp.
#pragma once

#include "base/http/head.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace proxy::metrics {

/// One writer: no locked instruction is needed to add, and a reader sees whole values.
class Counter {
 public:
  void add(std::uint64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  void sub(std::uint64_t n = 1) noexcept {  ///< for those that are gauges
    value_.store(value_.load(std::memory_order_relaxed) - n, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t get() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> value_{0};
};

inline constexpr std::size_t kMethods = static_cast<std::size_t>(base::http::Method::other) + 1;
inline constexpr std::size_t kCodeClasses =
    6;  ///< index: status / 100; 0: the client went away before an answer

/// Upper bounds of the duration histogram in microseconds: powers of two from 0.5 ms to about 65 s.
inline constexpr std::array<std::int64_t, 18> kDurationBoundsUs{
    500,       1'000,     2'000,     4'000,      8'000,      16'000,
    32'000,    64'000,    128'000,   256'000,    512'000,    1'024'000,
    2'048'000, 4'096'000, 8'192'000, 16'384'000, 32'768'000, 65'536'000};

struct HistogramCounters {
  std::array<Counter, kDurationBoundsUs.size() + 1>
      buckets;  ///< each its own count, not the running sum
  Counter sum_us;

  void observe(std::int64_t us) noexcept;
};

/// One (thread, virtual host).
struct VhostCounters {
  std::array<std::array<Counter, kCodeClasses>, kMethods> requests;
  HistogramCounters duration;
  Counter bytes_in;   ///< request bodies taken from clients
  Counter bytes_out;  ///< response bodies sent to clients
};

enum class TlsVersion : std::uint8_t { none, tls12, tls13, count_ };
enum class HandshakeResult : std::uint8_t { full, resumed, failed, timeout, count_ };
enum class BackendFailure : std::uint8_t { connect, timeout, protocol, closed, count_ };
enum class Flood : std::uint8_t { reset, ping, settings, empty, priority, headers, count_ };

/// One thread.
struct ThreadCounters {
  Counter connections_accepted;
  Counter connections_open;  // gauge
  Counter accept_errors;
  std::array<std::array<Counter, static_cast<std::size_t>(HandshakeResult::count_)>,
             static_cast<std::size_t>(TlsVersion::count_)>
      handshakes;
  Counter h2_connections;
  Counter h2_streams;
  Counter h2_resets_received;
  Counter h2_resets_sent;
  std::array<Counter, static_cast<std::size_t>(Flood::count_)> h2_floods;
  Counter bad_requests;  ///< heads refused by the parser or the hand-over rules
  Counter backend_connects;
  Counter backend_open;  // gauge
  Counter backend_idle;  // gauge
  Counter backend_retries;
  std::array<Counter, static_cast<std::size_t>(BackendFailure::count_)> backend_failures;
  Counter forwarded_dropped;
  Counter exchanges_active;  // gauge
};

}  // namespace proxy::metrics
