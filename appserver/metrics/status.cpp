// SPDX-License-Identifier: Apache-2.0
#include "appserver/metrics/status.hpp"

#include "appserver/metrics/readiness.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace appserver::metrics {
namespace {

using base::observe::bucket_edge_us;
using base::observe::kBuckets;
using base::observe::kFiniteBuckets;

std::int64_t quantile_us(const Histogram& histogram, std::uint64_t total, double q) noexcept {
  std::uint64_t left = static_cast<std::uint64_t>(static_cast<double>(total) * q) + 1;
  for (std::size_t i = 0; i < kFiniteBuckets; ++i) {
    if (histogram.bucket(i) >= left) return bucket_edge_us(i);
    left -= histogram.bucket(i);
  }
  return -1;
}

Latency latency(const Histogram& histogram) noexcept {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) total += histogram.bucket(i);
  if (total == 0) return {};
  return {quantile_us(histogram, total, 0.5), quantile_us(histogram, total, 0.95),
          quantile_us(histogram, total, 0.99)};
}

TrafficStatus traffic(const std::array<std::uint64_t, 5>& codes, const Histogram& duration) {
  TrafficStatus out;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    out.requests[i] = codes[i];
    out.total += codes[i];
  }
  out.duration = latency(duration);
  return out;
}

ProcessStatus read_slot(const ProcessSlot& slot, std::size_t index, const UsageReader& usage) {
  ProcessStatus out;
  out.index = index;
  out.pid = slot.pid.load(std::memory_order_acquire);
  if (out.pid == 0) return out;
  out.state = slot.state.load(std::memory_order_relaxed);
  out.started_us = slot.started_us.load(std::memory_order_relaxed);
  if (const auto used = usage(out.pid)) out.resident_bytes = used->resident_bytes;
  return out;
}

std::string describe_end(const ExitRecord& record) {
  if (record.signal == 0) return "status " + std::to_string(record.status);
  std::string out = "signal " + std::to_string(record.signal);
  if (const char* name = ::strsignal(record.signal)) out.append(" (").append(name).append(")");
  return out;
}

GroupStatus read_group(const SharedMetrics& metrics, std::size_t g, const UsageReader& usage) {
  const GroupShape& shape = metrics.shape().groups[g];
  GroupFrontCounters total;
  for (std::size_t f = 0; f < metrics.shape().fronts; ++f) merge(total, metrics.group(f, g));
  GroupStatus out;
  out.name = shape.name;
  out.threads = shape.threads;
  out.waiting = total.waiting.value();
  out.active = total.active.value();
  out.queue_timeouts = total.queue_timeouts.value();
  out.queue_overflows = total.queue_overflows.value();
  out.crashed = total.crashed.value();
  out.queue_time = latency(total.queue_time);
  out.starts = metrics.supervisor_group(g).starts.value();
  std::array<std::uint64_t, 5> codes = {};
  for (std::size_t c = 0; c < codes.size(); ++c)
    codes[c] = total.requests[static_cast<CodeClass>(c)].value();
  out.traffic = traffic(codes, total.duration);
  if (shape.name.empty()) return out;
  for (std::size_t p = 0; p < shape.processes; ++p) {
    ProcessStatus process = read_slot(metrics.process_slot(g, p), p, usage);
    const ProcessCounters& counters = metrics.process(g, p);
    process.requests = counters.requests.value();
    process.threads_busy =
        std::clamp<std::int64_t>(counters.threads_busy.value(), 0, shape.threads);
    out.processes.push_back(process);
  }
  return out;
}

HostStatus read_host(const SharedMetrics& metrics, std::size_t h) {
  HostCounters total;
  for (std::size_t f = 0; f < metrics.shape().fronts; ++f) merge(total, metrics.host(f, h));
  std::array<std::uint64_t, 5> codes = {};
  for (const auto& by_code : total.requests) {
    for (std::size_t c = 0; c < codes.size(); ++c)
      codes[c] += by_code[static_cast<CodeClass>(c)].value();
  }
  return {metrics.shape().hosts[h], traffic(codes, total.duration)};
}

}  // namespace

Status read_status(const SharedMetrics& metrics, const BuildInfo& build, const UsageReader& usage,
                   std::int64_t now_us) {
  const MetricsShape& shape = metrics.shape();
  const SupervisorCounters& supervisor = metrics.supervisor();
  Status out;
  out.build = build;
  out.not_ready = why_not_ready(metrics);
  out.draining = supervisor.draining.load(std::memory_order_relaxed);
  out.now_us = now_us;
  out.started_us = supervisor.supervisor.started_us.load(std::memory_order_relaxed);
  out.generation = supervisor.generation.value();
  out.config_loaded_us = supervisor.config_loaded_us.value();
  out.last_reload_us = supervisor.last_reload_us.value();
  out.last_reload_ok = supervisor.last_reload_ok.value() != 0;
  for (std::size_t f = 0; f < shape.fronts; ++f) {
    out.fronts.push_back(read_slot(metrics.front_slot(f), f, usage));
    out.connections_open += metrics.front(f).connections_open.value();
  }
  for (std::size_t g = 0; g < shape.groups.size(); ++g)
    out.groups.push_back(read_group(metrics, g, usage));
  for (std::size_t h = 0; h < shape.hosts.size(); ++h) out.hosts.push_back(read_host(metrics, h));

  std::array<ExitRecord, ExitRing::kSize> records;
  const std::size_t count = supervisor.exits.read(records);
  for (std::size_t i = 0; i < count; ++i) {
    const ExitRecord& record = records[i];
    const bool front =
        record.group < 0 || static_cast<std::size_t>(record.group) >= shape.groups.size();
    const std::string whose =
        front ? "front" : shape.groups[static_cast<std::size_t>(record.group)].name;
    out.exits.push_back(
        {record, whose + "/" + std::to_string(record.process), describe_end(record)});
  }
  return out;
}

}  // namespace appserver::metrics
