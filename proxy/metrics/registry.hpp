// SPDX-License-Identifier: Apache-2.0
// Owns every thread's counters for the life of the process, so that a reload never sets one back.
#pragma once

#include "proxy/metrics/counters.hpp"

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace proxy::metrics {

/// Written by the main thread alone.
struct ServerCounters {
  Counter reloads_done;
  Counter reloads_refused;
  Gauge ready;
  std::atomic<std::int64_t> start_us{0};
};

class Registry {
 public:
  explicit Registry(std::size_t threads) : threads_(threads) {}

  [[nodiscard]] std::size_t thread_count() const noexcept { return threads_.size(); }
  [[nodiscard]] ThreadCounters& thread(std::size_t index) { return threads_[index]; }
  [[nodiscard]] ServerCounters& server() noexcept { return server_; }
  [[nodiscard]] const ServerCounters& server() const noexcept { return server_; }
  /// Counters of one thread for hosts with this label; made when asked for first. Not on the
  /// request path (a lock).
  VhostCounters& vhost(std::size_t thread, const std::string& label);

  /// For the scrape: the sum over threads of what `read` finds in each.
  template <class Read>
  [[nodiscard]] auto sum(Read read) const {
    decltype(read(threads_.front())) total{};
    for (const ThreadCounters& counters : threads_) total += read(counters);
    return total;
  }
  /// For the scrape: `visit(label, counters of each thread)`.
  void each_vhost(
      const std::function<void(const std::string&, const std::deque<VhostCounters>&)>& visit) const;

 private:
  std::deque<ThreadCounters> threads_;  // never grows: counters cannot move
  ServerCounters server_;
  mutable std::mutex mutex_;  // guards the map: reloads and scrapes
  std::map<std::string, std::deque<VhostCounters>> vhosts_;
};

}  // namespace proxy::metrics
