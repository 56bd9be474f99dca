// SPDX-License-Identifier: Apache-2.0
#include "appserver/metrics/readiness.hpp"

namespace appserver::metrics {
namespace {

bool lives(const ProcessSlot& slot) noexcept {
  return slot.pid.load(std::memory_order_acquire) != 0;
}

std::string count_of(std::size_t n, std::size_t of) {
  return std::to_string(n) + " of " + std::to_string(of);
}

}  // namespace

std::size_t live_fronts(const SharedMetrics& metrics) noexcept {
  std::size_t n = 0;
  for (std::size_t f = 0; f < metrics.shape().fronts; ++f) {
    if (lives(metrics.front_slot(f))) ++n;
  }
  return n;
}

std::size_t live_processes(const SharedMetrics& metrics, std::size_t group) noexcept {
  const GroupShape& shape = metrics.shape().groups[group];
  if (shape.name.empty()) return live_fronts(metrics);
  std::size_t n = 0;
  for (std::size_t p = 0; p < shape.processes; ++p) {
    if (lives(metrics.process_slot(group, p))) ++n;
  }
  return n;
}

std::string why_not_ready(const SharedMetrics& metrics) {
  const SupervisorCounters& supervisor = metrics.supervisor();
  if (supervisor.draining.load(std::memory_order_acquire)) return "The server is draining.";
  const std::size_t fronts = live_fronts(metrics);
  if (fronts == 0)
    return "No front is running (" + count_of(0, metrics.shape().fronts) + " processes).";
  const auto& groups = metrics.shape().groups;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    // One that is starting counts: a process that is replaced must not take the server out of
    // service.
    if (live_processes(metrics, g) == 0)
      return "No process of daemon group " + groups[g].name + " is running (" +
             count_of(0, groups[g].processes) + " processes).";
  }
  if (supervisor.ready.load(std::memory_order_acquire)) return {};
  for (std::size_t g = 0; g < groups.size(); ++g) {
    if (groups[g].name.empty()) continue;
    std::size_t ready = 0;
    for (std::size_t p = 0; p < groups[g].processes; ++p) {
      if (metrics.process_slot(g, p).state.load(std::memory_order_relaxed) == ProcessState::ready)
        ++ready;
    }
    if (ready < groups[g].processes)
      return "Daemon group " + groups[g].name + " is starting (" +
             count_of(ready, groups[g].processes) + " processes are ready).";
  }
  return "The server is starting.";
}

}  // namespace appserver::metrics
