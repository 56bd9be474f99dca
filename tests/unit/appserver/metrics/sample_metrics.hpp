// SPDX-License-Identifier: Apache-2.0
// A small server with something in every cell, for the tests of what is made from it.
#pragma once

#include "appserver/metrics/exporter.hpp"
#include "appserver/metrics/slabs.hpp"

#include <memory>
#include <optional>

namespace appserver::metrics {

inline constexpr std::int64_t kStartUs = 1'795'392'000'000'000;  // 2026-11-23 00:00:00 UTC

/// Two fronts, one host, a group `site` of two processes (one of them gone), embedded mode.
inline std::unique_ptr<SharedMetrics> sample_metrics() {
  auto created = SharedMetrics::create({2, {"www.example.org:443"}, {{"site", 2, 15}, {"", 2, 4}}});
  auto& metrics = **created;
  for (std::size_t f = 0; f < 2; ++f) {
    FrontCounters& front = metrics.front(f);
    front.connections.add(10);
    front.connections_open.set(3);
    front.connections_reused.add(90);
    front.bad_requests[BadRequest::malformed].add(1);
    front.forwarded_dropped[ForwardedDropped::untrusted_peer].add(4);
    metrics.front_slot(f).fill(static_cast<std::int32_t>(200 + f), kStartUs);
    metrics.front_slot(f).state.store(ProcessState::ready);
  }
  HostCounters& host = metrics.host(0, 0);
  host.answered(MethodClass::get, 200, 900);
  host.answered(MethodClass::get, 200, 1'000);
  host.answered(MethodClass::post, 500, 70'000'000);
  metrics.host(1, 0).answered(MethodClass::other, 404, 100);
  metrics.host(1, 0).bytes_in.add(64);
  metrics.host(1, 0).bytes_out.add(13);
  GroupFrontCounters& group = metrics.group(1, 0);
  group.answered(200, 3'000);
  group.answered(0, 100);
  group.server_time.observe_us(50);
  group.queue_time.observe_us(2'500);
  group.bytes_in.add(5);
  group.bytes_out.add(6);
  group.waiting.set(7);
  group.active.set(2);
  group.queue_timeouts.add(1);
  group.queue_overflows.add(2);
  group.resent.add(3);
  group.crashed.add(4);
  group.truncated.add(5);
  ProcessCounters& process = metrics.process(0, 0);
  process.requests.add(42);
  process.threads_busy.set(2);
  process.threads_started.set(3);
  process.daemon_time.observe_us(200);
  process.application_time.observe_us(2'000);
  process.gil_wait_us.add(1'500'000);
  process.import_failures.add(1);
  metrics.process_slot(0, 0).fill(300, kStartUs);
  metrics.process_slot(0, 0).state.store(ProcessState::ready);
  GroupSupervisorCounters& group_ends = metrics.supervisor_group(0);
  group_ends.starts.add(3);
  group_ends.exits[ExitReason::crash].add(1);
  group_ends.exits[ExitReason::script_reload].add(1);
  group_ends.cpu_user_us.add(2'500'000);
  SupervisorCounters& supervisor = metrics.supervisor();
  supervisor.ready.store(true);
  supervisor.supervisor.fill(100, kStartUs);
  supervisor.admin.fill(101, kStartUs);
  supervisor.front_starts.add(2);
  supervisor.reloads_failed.add(1);
  supervisor.last_reload_us.set(kStartUs + 60'000'000);
  supervisor.config_loaded_us.set(kStartUs);
  supervisor.generation.set(1);
  supervisor.exits.add({kStartUs + 30'000'000, 299, 0, 1, ExitReason::crash, 11, 0});
  return std::move(*created);
}

/// Every process has used a second and half a second, a mebibyte a number of its pid, and has two
/// threads.
inline std::optional<base::observe::ProcessUsage> sample_usage(pid_t pid) {
  return base::observe::ProcessUsage{1.0, 0.5, static_cast<std::uint64_t>(pid) << 20U, 2};
}

}  // namespace appserver::metrics
