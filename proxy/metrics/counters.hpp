// SPDX-License-Identifier: Apache-2.0
// The numbers behind the proxy's metrics: one set a thread, written by that thread alone, read by
// the scrape. What each means stands in catalogue.hpp.
#pragma once

#include "base/http/head.hpp"
#include "base/observe/counter.hpp"
#include "base/observe/histogram.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace proxy::metrics {

using base::observe::Counter;
using base::observe::Gauge;
using base::observe::Histogram;

inline constexpr std::size_t kMethods = static_cast<std::size_t>(base::http::Method::other) + 1;
inline constexpr std::size_t kCodeClasses =
    6;  ///< index: status / 100; 0: the client went away before an answer

/// One (thread, virtual host).
struct VhostCounters {
  std::array<std::array<Counter, kCodeClasses>, kMethods> requests;
  Histogram duration;
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
  Gauge connections_open;
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
  Gauge backend_open;
  Gauge backend_idle;
  Counter backend_retries;
  std::array<Counter, static_cast<std::size_t>(BackendFailure::count_)> backend_failures;
  Counter forwarded_dropped;
  Gauge exchanges_active;
};

}  // namespace proxy::metrics
