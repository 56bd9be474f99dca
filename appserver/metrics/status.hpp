// SPDX-License-Identifier: Apache-2.0
// What the status page and its JSON show: one reading of the shared numbers, then two ways to write
// it down.
#pragma once

#include "appserver/metrics/exporter.hpp"
#include "appserver/metrics/slabs.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace appserver::metrics {

struct ProcessStatus {
  std::size_t index = 0;
  std::int32_t pid = 0;  ///< 0: nobody fills the slot
  ProcessState state = ProcessState::none;
  std::int64_t started_us = 0;
  std::uint64_t requests = 0;  ///< of the slot, whoever filled it; daemons only
  std::int64_t threads_busy = 0;
  std::uint64_t resident_bytes = 0;
};

struct Latency {
  std::int64_t p50_us =
      0;  ///< upper edge of the bucket that holds it; -1: over the last edge; 0: no request
  std::int64_t p95_us = 0;
  std::int64_t p99_us = 0;
};

struct TrafficStatus {
  std::uint64_t requests[static_cast<std::size_t>(CodeClass::count_)] = {};
  std::uint64_t total = 0;
  Latency duration;
};

struct HostStatus {
  std::string name;
  TrafficStatus traffic;
};

struct GroupStatus {
  std::string name;  ///< empty: embedded mode
  unsigned threads = 0;
  std::int64_t waiting = 0;
  std::int64_t active = 0;
  std::uint64_t queue_timeouts = 0;
  std::uint64_t queue_overflows = 0;
  std::uint64_t crashed = 0;
  TrafficStatus traffic;
  Latency queue_time;
  std::uint64_t starts = 0;
  std::vector<ProcessStatus> processes;  ///< none for embedded mode
};

struct ExitStatus {
  ExitRecord record;
  std::string who;  ///< "site/1" or "front/0"
  std::string how;  ///< "signal 11 (Segmentation fault)" or "status 1"
};

struct Status {
  BuildInfo build;
  std::string not_ready;  ///< why; empty: ready
  bool draining = false;
  std::int64_t now_us = 0;
  std::int64_t started_us = 0;
  std::int64_t generation = 0;
  std::int64_t config_loaded_us = 0;
  std::int64_t last_reload_us = 0;
  bool last_reload_ok = false;
  std::int64_t connections_open = 0;
  std::vector<ProcessStatus> fronts;
  std::vector<GroupStatus> groups;
  std::vector<HostStatus> hosts;
  std::vector<ExitStatus> exits;  ///< newest first
};

Status read_status(const SharedMetrics& metrics, const BuildInfo& build, const UsageReader& usage,
                   std::int64_t now_us);

std::string status_json(const Status& status);
/// A page without scripts or anything from elsewhere; loads itself anew every five seconds.
std::string status_page(const Status& status);

}  // namespace appserver::metrics
