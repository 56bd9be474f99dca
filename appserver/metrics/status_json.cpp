// SPDX-License-Identifier: Apache-2.0
#include "appserver/metrics/labels.hpp"
#include "appserver/metrics/status.hpp"
#include "base/observe/wall_time.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace appserver::metrics {
namespace {

namespace json = boost::json;

json::string_view view(std::string_view text) noexcept {
  return {text.data(), text.size()};
}

json::value time_value(std::int64_t us) {
  if (us == 0) return nullptr;
  char text[base::observe::kIsoTimeBytes];
  return json::string(json::string_view(text, base::observe::write_iso_time(text, us)));
}

json::value seconds_value(std::int64_t us) {
  if (us < 0) return nullptr;  // over the last edge
  return static_cast<double>(us) / 1e6;
}

json::object latency_object(const Latency& latency) {
  return {{"p50", seconds_value(latency.p50_us)},
          {"p95", seconds_value(latency.p95_us)},
          {"p99", seconds_value(latency.p99_us)}};
}

json::object traffic_object(const TrafficStatus& traffic) {
  json::object by_code;
  for_each<CodeClass>([&](CodeClass code) {
    by_code[view(label(code))] = traffic.requests[static_cast<std::size_t>(code)];
  });
  return {{"requests", traffic.total},
          {"by_code_class", std::move(by_code)},
          {"duration_seconds", latency_object(traffic.duration)}};
}

json::object process_object(const ProcessStatus& process) {
  json::object out{{"index", process.index},
                   {"state", view(label(process.state))},
                   {"pid", process.pid},
                   {"started", time_value(process.started_us)},
                   {"resident_bytes", process.resident_bytes}};
  return out;
}

json::object group_object(const GroupStatus& group) {
  json::array processes;
  for (const ProcessStatus& process : group.processes) {
    json::object one = process_object(process);
    one["requests"] = process.requests;
    one["threads_busy"] = process.threads_busy;
    processes.push_back(std::move(one));
  }
  json::object out = traffic_object(group.traffic);
  out["name"] = view(group.name);
  out["embedded"] = group.name.empty();
  out["threads_per_process"] = group.threads;
  out["active"] = group.active;
  out["waiting"] = group.waiting;
  out["queue_time_seconds"] = latency_object(group.queue_time);
  out["queue_timeouts"] = group.queue_timeouts;
  out["queue_overflows"] = group.queue_overflows;
  out["crashed"] = group.crashed;
  out["starts"] = group.starts;
  out["processes"] = std::move(processes);
  return out;
}

}  // namespace

std::string status_json(const Status& status) {
  json::array fronts;
  for (const ProcessStatus& front : status.fronts) fronts.push_back(process_object(front));
  json::array groups;
  for (const GroupStatus& group : status.groups) groups.push_back(group_object(group));
  json::array hosts;
  for (const HostStatus& host : status.hosts) {
    json::object one = traffic_object(host.traffic);
    one["name"] = view(host.name);
    hosts.push_back(std::move(one));
  }
  json::array exits;
  for (const ExitStatus& exit : status.exits) {
    exits.push_back(json::object{{"at", time_value(exit.record.at_us)},
                                 {"who", view(exit.who)},
                                 {"pid", exit.record.pid},
                                 {"reason", view(label(exit.record.reason))},
                                 {"how", view(exit.how)}});
  }
  json::value last_reload = nullptr;
  if (status.last_reload_us != 0) {
    last_reload =
        json::object{{"at", time_value(status.last_reload_us)}, {"ok", status.last_reload_ok}};
  }
  const json::object out{{"version", view(status.build.version)},
                         {"python", view(status.build.python)},
                         {"ready", status.not_ready.empty()},
                         {"not_ready_because", view(status.not_ready)},
                         {"draining", status.draining},
                         {"now", time_value(status.now_us)},
                         {"started", time_value(status.started_us)},
                         {"generation", status.generation},
                         {"config_loaded", time_value(status.config_loaded_us)},
                         {"last_reload", std::move(last_reload)},
                         {"connections_open", status.connections_open},
                         {"fronts", std::move(fronts)},
                         {"groups", std::move(groups)},
                         {"hosts", std::move(hosts)},
                         {"exits", std::move(exits)}};
  return json::serialize(out) + "\n";
}

}  // namespace appserver::metrics
