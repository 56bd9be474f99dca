// SPDX-License-Identifier: Apache-2.0
#include "appserver/metrics/exporter.hpp"

#include "appserver/metrics/catalogue.hpp"
#include "appserver/metrics/labels.hpp"
#include "appserver/metrics/readiness.hpp"
#include "base/observe/exposition.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace appserver::metrics {
namespace {

using base::observe::Exposition;

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

// A host or group of the serving generation in another generation's memory.
std::size_t host_index(const SharedMetrics& region, const std::string& label) noexcept {
  const auto& hosts = region.shape().hosts;
  const auto at = std::find(hosts.begin(), hosts.end(), label);
  return at == hosts.end() ? kNone : static_cast<std::size_t>(at - hosts.begin());
}

std::size_t group_index(const SharedMetrics& region, const std::string& name) noexcept {
  const auto& groups = region.shape().groups;
  const auto at = std::find_if(groups.begin(), groups.end(),
                               [&](const GroupShape& group) { return group.name == name; });
  return at == groups.end() ? kNone : static_cast<std::size_t>(at - groups.begin());
}

double seconds(std::uint64_t us) noexcept {
  return static_cast<double>(us) / 1e6;
}
double seconds(std::int64_t us) noexcept {
  return static_cast<double>(us) / 1e6;
}

std::int32_t pid_of(const ProcessSlot& slot) noexcept {
  return slot.pid.load(std::memory_order_acquire);
}

}  // namespace

struct Exporter::Usage {
  double user = 0;
  double system = 0;
  std::uint64_t resident = 0;
  std::uint64_t threads = 0;
};

Exporter::Exporter(const SharedMetrics& metrics, BuildInfo build, UsageReader usage)
    : metrics_(metrics), build_(std::move(build)), usage_(std::move(usage)) {}

std::vector<prometheus::MetricFamily> Exporter::Collect() const {
  Exposition out;
  const Regions regions = metrics_.regions();
  Usage all;
  add_hosts(out, regions);
  add_groups(out, regions);
  add_group_processes(out, regions, all);
  add_fronts(out, regions);
  add_server(out, regions, all);
  return out.take();
}

double Exporter::never_less(const std::string& key, double value) const {
  double& highest = highest_[key];
  highest = std::max(highest, value);
  return highest;
}

void Exporter::read(pid_t pid, Usage& into, Usage& all) const {
  if (pid == 0) return;
  const auto usage = usage_(pid);
  if (!usage) return;
  for (Usage* sum : {&into, &all}) {
    sum->user += usage->cpu_user_seconds;
    sum->system += usage->cpu_system_seconds;
    sum->resident += usage->resident_bytes;
    sum->threads += usage->threads;
  }
}

void Exporter::add_hosts(Exposition& out, const Regions& regions) const {
  for (const std::string& name : metrics_.shape().hosts) {
    HostCounters total;
    for (const SharedMetrics* region : regions) {
      const std::size_t index = host_index(*region, name);
      if (index == kNone) continue;
      for (std::size_t f = 0; f < region->shape().fronts; ++f) merge(total, region->host(f, index));
    }
    for_each<MethodClass>([&](MethodClass method) {
      for_each<CodeClass>([&](CodeClass code) {
        out.add(row(Metric::http_requests), {name, label(method), label(code)},
                total.requests[static_cast<std::size_t>(method)][code].value());
      });
    });
    out.add(row(Metric::http_request_duration), {name}, total.duration);
    out.add(row(Metric::http_input_bytes), {name}, total.bytes_in.value());
    out.add(row(Metric::http_output_bytes), {name}, total.bytes_out.value());
  }
}

// What the fronts count about a group.
void Exporter::add_groups(Exposition& out, const Regions& regions) const {
  for (const GroupShape& shape : metrics_.shape().groups) {
    const std::string& name = shape.name;
    GroupFrontCounters total;
    for (const SharedMetrics* region : regions) {
      const std::size_t index = group_index(*region, name);
      if (index == kNone) continue;
      for (std::size_t f = 0; f < region->shape().fronts; ++f)
        merge(total, region->group(f, index));
    }
    for_each<CodeClass>([&](CodeClass code) {
      out.add(row(Metric::requests), {name, label(code)}, total.requests[code].value());
    });
    out.add(row(Metric::request_duration), {name}, total.duration);
    out.add(row(Metric::server_time), {name}, total.server_time);
    out.add(row(Metric::queue_time), {name}, total.queue_time);
    out.add(row(Metric::input_bytes), {name}, total.bytes_in.value());
    out.add(row(Metric::output_bytes), {name}, total.bytes_out.value());
    out.add(row(Metric::requests_active), {name}, total.active.value());
    out.add(row(Metric::requests_waiting), {name}, total.waiting.value());
    out.add(row(Metric::queue_timeouts), {name}, total.queue_timeouts.value());
    out.add(row(Metric::connect_failures), {name}, total.queue_overflows.value());
    out.add(row(Metric::connect_retries), {name}, total.resent.value());
    out.add(row(Metric::requests_crashed), {name}, total.crashed.value());
    out.add(row(Metric::responses_truncated), {name}, total.truncated.value());
  }
}

// What daemon processes and the supervisor count about a group, and /proc about its processes.
void Exporter::add_group_processes(Exposition& out, const Regions& regions, Usage& all) const {
  for (const GroupShape& shape : metrics_.shape().groups) {
    const std::string& name = shape.name;
    const bool embedded = name.empty();
    ProcessCounters total;
    GroupSupervisorCounters supervisor;
    Usage usage;
    std::size_t processes = 0;
    std::int64_t maximum = 0;
    std::int64_t busy = 0;
    for (const SharedMetrics* region : regions) {
      const std::size_t index = group_index(*region, name);
      if (index == kNone) continue;
      const GroupShape& there = region->shape().groups[index];
      for (std::size_t p = 0; p < there.processes; ++p) {
        const ProcessCounters& counters = region->process(index, p);
        merge(total, counters);
        // A tenant's word: no more than there can be.
        busy += std::clamp<std::int64_t>(counters.threads_busy.value(), 0, there.threads);
        if (!embedded) read(pid_of(region->process_slot(index, p)), usage, all);
      }
      const std::size_t live = live_processes(*region, index);
      processes += live;
      maximum += static_cast<std::int64_t>(live * there.threads);
      merge(supervisor, region->supervisor_group(index));
    }
    busy = std::min(busy, maximum);
    const std::int64_t started =
        std::clamp<std::int64_t>(total.threads_started.value(), 0, maximum);

    out.add(row(Metric::daemon_time), {name}, total.daemon_time);
    out.add(row(Metric::application_time), {name}, total.application_time);
    out.add(row(Metric::threads), {name, "maximum"}, maximum);
    out.add(row(Metric::threads), {name, "started"}, started);
    out.add(row(Metric::threads), {name, "busy"}, busy);
    out.add(row(Metric::threads), {name, "idle"}, maximum - busy);
    if (maximum > 0) {
      out.add(row(Metric::capacity_utilization), {name},
              static_cast<double>(busy) / static_cast<double>(maximum));
    }
    out.add(row(Metric::import_failures), {name}, total.import_failures.value());
    out.add(row(Metric::gil_wait), {name}, seconds(total.gil_wait_us.value()));
    if (embedded) continue;  // its processes are the fronts
    out.add(row(Metric::daemon_processes), {name}, static_cast<std::uint64_t>(processes));
    out.add(row(Metric::daemon_starts), {name}, supervisor.starts.value());
    for_each<ExitReason>([&](ExitReason reason) {
      out.add(row(Metric::daemon_restarts), {name, label(reason)},
              supervisor.exits[reason].value());
    });
    out.add(row(Metric::script_reloads), {name},
            supervisor.exits[ExitReason::script_reload].value());
    const double ended_user = seconds(supervisor.cpu_user_us.value());
    const double ended_system = seconds(supervisor.cpu_system_us.value());
    all.user += ended_user;
    all.system += ended_system;
    out.add(row(Metric::process_cpu), {name, "user"},
            never_less("group " + name + "/user", usage.user + ended_user));
    out.add(row(Metric::process_cpu), {name, "system"},
            never_less("group " + name + "/system", usage.system + ended_system));
    out.add(row(Metric::process_resident_memory), {name}, usage.resident);
  }
}

void Exporter::add_fronts(Exposition& out, const Regions& regions) const {
  FrontCounters total;
  std::size_t fronts = 0;
  for (const SharedMetrics* region : regions) {
    for (std::size_t f = 0; f < region->shape().fronts; ++f) merge(total, region->front(f));
    fronts += live_fronts(*region);
  }
  out.add(row(Metric::connections), {}, total.connections.value());
  out.add(row(Metric::connections_open), {}, total.connections_open.value());
  out.add(row(Metric::connections_reused), {}, total.connections_reused.value());
  for_each<BadRequest>([&](BadRequest reason) {
    out.add(row(Metric::bad_requests), {label(reason)}, total.bad_requests[reason].value());
  });
  for_each<ForwardedDropped>([&](ForwardedDropped reason) {
    out.add(row(Metric::untrusted_forwarded), {label(reason)},
            total.forwarded_dropped[reason].value());
  });
  out.add(row(Metric::log_lines_lost), {}, total.log_lines_lost.value());
  out.add(row(Metric::fronts), {}, static_cast<std::uint64_t>(fronts));
}

void Exporter::add_server(Exposition& out, const Regions& regions, Usage& all) const {
  SupervisorCounters total;
  Usage supervisor;
  Usage fronts;
  Usage admin;
  for (const SharedMetrics* region : regions) {
    merge_counts(total, region->supervisor());
    for (std::size_t f = 0; f < region->shape().fronts; ++f)
      read(pid_of(region->front_slot(f)), fronts, all);
    read(pid_of(region->supervisor().admin), admin, all);
  }
  const SupervisorCounters& now = metrics_.supervisor();
  read(pid_of(now.supervisor), supervisor, all);  // the same process in every generation
  const double ended_user = seconds(total.server_cpu_user_us.value());
  const double ended_system = seconds(total.server_cpu_system_us.value());
  fronts.user += ended_user;
  fronts.system += ended_system;
  all.user += ended_user;
  all.system += ended_system;

  out.add(row(Metric::front_starts), {}, total.front_starts.value());
  for_each<ExitReason>([&](ExitReason reason) {
    out.add(row(Metric::front_restarts), {label(reason)}, total.front_exits[reason].value());
  });
  const std::pair<std::string, const Usage*> roles[] = {
      {"supervisor", &supervisor}, {"front", &fronts}, {"admin", &admin}};
  for (const auto& [role, usage] : roles) {
    out.add(row(Metric::server_cpu), {role, "user"},
            never_less("role " + role + "/user", usage->user));
    out.add(row(Metric::server_cpu), {role, "system"},
            never_less("role " + role + "/system", usage->system));
    out.add(row(Metric::server_resident_memory), {role}, usage->resident);
  }
  out.add(row(Metric::ready), {}, why_not_ready(metrics_).empty() ? 1.0 : 0.0);
  out.add(row(Metric::generation), {}, now.generation.value());
  out.add(row(Metric::reloads), {"success"}, total.reloads_ok.value());
  out.add(row(Metric::reloads), {"failure"}, total.reloads_failed.value());
  if (now.last_reload_us.value() != 0) {
    out.add(row(Metric::last_reload_success), {}, now.last_reload_ok.value());
    out.add(row(Metric::last_reload_time), {}, seconds(now.last_reload_us.value()));
  }
  if (now.config_loaded_us.value() != 0)
    out.add(row(Metric::config_loaded_time), {}, seconds(now.config_loaded_us.value()));
  out.add(row(Metric::build_info), {build_.version, build_.python}, 1.0);
  out.add(row(Metric::all_cpu), {}, never_less("/all", all.user + all.system));
  out.add(row(Metric::all_resident_memory), {}, all.resident);
  out.add(row(Metric::all_threads), {}, all.threads);
  const std::int64_t started_us = now.supervisor.started_us.load(std::memory_order_relaxed);
  if (started_us != 0) out.add(row(Metric::start_time), {}, seconds(started_us));
}

std::string catalogue_markdown() {
  return base::observe::metrics_markdown(kCatalogue);
}

}  // namespace appserver::metrics
