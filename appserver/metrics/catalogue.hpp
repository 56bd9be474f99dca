// SPDX-License-Identifier: Apache-2.0
// Every metric of the app server. Names of the groups' metrics: wsgi-hosting 8.3. docs/metrics.md
// is generated from these rows. Label values come from configuration (`vhost`, `group`; an empty
// group is embedded mode) or closed sets.
#pragma once

#include "base/observe/metric_row.hpp"

#include <array>

namespace appserver::metrics {

using base::observe::MetricKind;
using base::observe::MetricRow;

/// Index of a row in kCatalogue; same order.
enum class Metric : std::uint8_t {
  http_requests,
  http_request_duration,
  http_input_bytes,
  http_output_bytes,
  requests,
  request_duration,
  server_time,
  queue_time,
  daemon_time,
  application_time,
  input_bytes,
  output_bytes,
  requests_active,
  requests_waiting,
  threads,
  capacity_utilization,
  daemon_processes,
  daemon_starts,
  daemon_restarts,
  queue_timeouts,
  connect_failures,
  connect_retries,
  requests_crashed,
  responses_truncated,
  script_reloads,
  import_failures,
  gil_wait,
  process_cpu,
  process_resident_memory,
  connections,
  connections_open,
  connections_reused,
  bad_requests,
  untrusted_forwarded,
  log_lines_lost,
  fronts,
  front_starts,
  front_restarts,
  server_cpu,
  server_resident_memory,
  ready,
  generation,
  reloads,
  last_reload_success,
  last_reload_time,
  config_loaded_time,
  build_info,
  all_cpu,
  all_resident_memory,
  all_threads,
  start_time,
  count_
};

// clang-format off
inline constexpr MetricRow kCatalogue[] = {
    {"gatehouse_http_requests_total", MetricKind::counter, {"vhost", "method", "code_class"},
     "Requests answered, by virtual host, known method (else OTHER) and class of the status."},
    {"gatehouse_http_request_duration_seconds", MetricKind::histogram, {"vhost"},
     "From the first byte of a request to the last byte of its response."},
    {"gatehouse_http_input_bytes_total", MetricKind::counter, {"vhost"},
     "Bytes of request bodies."},
    {"gatehouse_http_output_bytes_total", MetricKind::counter, {"vhost"},
     "Bytes of response bodies."},

    {"gatehouse_requests_total", MetricKind::counter, {"group", "code_class"},
     "Requests given to a daemon group, by class of the status; a response that never started counts as 5xx."},
    {"gatehouse_request_duration_seconds", MetricKind::histogram, {"group"},
     "From the first byte of a request to the last byte of its response."},
    {"gatehouse_server_time_seconds", MetricKind::histogram, {"group"},
     "From the start of a request until the front gives it to the group."},
    {"gatehouse_queue_time_seconds", MetricKind::histogram, {"group"},
     "From then until a thread of the group picks it up: what grows first when a group is short of threads."},
    {"gatehouse_daemon_time_seconds", MetricKind::histogram, {"group"},
     "From then until the application is called (loading the script included). The daemon's own word."},
    {"gatehouse_application_time_seconds", MetricKind::histogram, {"group"},
     "From the call of the application until its iterable is closed. The daemon's own word."},
    {"gatehouse_input_bytes_total", MetricKind::counter, {"group"},
     "Bytes of request bodies given to the group."},
    {"gatehouse_output_bytes_total", MetricKind::counter, {"group"},
     "Bytes of response bodies that came from the group."},
    {"gatehouse_requests_active", MetricKind::gauge, {"group"},
     "Requests that the group is running, as the fronts see it."},
    {"gatehouse_requests_waiting", MetricKind::gauge, {"group"},
     "Requests that wait for a thread of the group, as the fronts see it."},
    {"gatehouse_threads", MetricKind::gauge, {"group", "state"},
     "Request threads of the group: maximum (configured, of live processes), started, busy (inside a request), idle (maximum less busy)."},
    {"gatehouse_capacity_utilization_ratio", MetricKind::gauge, {"group"},
     "Busy threads by maximum threads; absent when no process lives."},
    {"gatehouse_daemon_processes", MetricKind::gauge, {"group"},
     "Processes of the group that are alive."},
    {"gatehouse_daemon_starts_total", MetricKind::counter, {"group"},
     "Processes of the group that were started."},
    {"gatehouse_daemon_restarts_total", MetricKind::counter, {"group", "reason"},
     "Processes of the group that ended, by reason; each is replaced unless the server stops."},
    {"gatehouse_queue_timeouts_total", MetricKind::counter, {"group"},
     "Requests answered 504 because they waited longer than queue-timeout."},
    {"gatehouse_connect_failures_total", MetricKind::counter, {"group"},
     "Requests answered 503 because the group's listen-backlog was full for connect-timeout."},
    {"gatehouse_connect_retries_total", MetricKind::counter, {"group"},
     "Requests given to another process of the group, because the first had ended or was stuck before it ran them."},
    {"gatehouse_requests_crashed_total", MetricKind::counter, {"group"},
     "Requests answered 502 because their process ended in the middle."},
    {"gatehouse_responses_truncated_total", MetricKind::counter, {"group"},
     "Responses cut off because their process ended after the head was sent."},
    {"gatehouse_script_reloads_total", MetricKind::counter, {"group"},
     "Processes replaced because a script had changed."},
    {"gatehouse_import_failures_total", MetricKind::counter, {"group"},
     "Scripts that could not be loaded. The daemon's own word."},
    {"gatehouse_gil_wait_seconds_total", MetricKind::counter, {"group"},
     "Time that request threads waited for the interpreter lock. The daemon's own word."},
    {"gatehouse_process_cpu_seconds_total", MetricKind::counter, {"group", "mode"},
     "CPU time of the group's processes, ended ones included."},
    {"gatehouse_process_resident_memory_bytes", MetricKind::gauge, {"group"},
     "Resident memory of the group's processes; shared pages count once a process."},

    {"gatehouse_connections_total", MetricKind::counter, {},
     "Connections accepted."},
    {"gatehouse_connections_open", MetricKind::gauge, {},
     "Connections that are open."},
    {"gatehouse_connections_reused_total", MetricKind::counter, {},
     "Requests after the first of their connection."},
    {"gatehouse_bad_requests_total", MetricKind::counter, {"reason"},
     "Requests that got no further than the parser."},
    {"gatehouse_untrusted_forwarded_total", MetricKind::counter, {"reason"},
     "Forwarded headers removed: from an untrusted peer, not declared as trusted, or a Gatehouse-Hop from a stranger."},
    {"gatehouse_log_lines_lost_total", MetricKind::counter, {},
     "Access log lines that could not be written."},

    {"gatehouse_fronts", MetricKind::gauge, {},
     "Front processes that are alive."},
    {"gatehouse_front_starts_total", MetricKind::counter, {},
     "Front processes that were started."},
    {"gatehouse_front_restarts_total", MetricKind::counter, {"reason"},
     "Front processes that ended, by reason; each is replaced unless the server stops."},
    {"gatehouse_server_cpu_seconds_total", MetricKind::counter, {"role", "mode"},
     "CPU time of the server's own processes: supervisor, fronts and admin; ended ones count as front."},
    {"gatehouse_server_resident_memory_bytes", MetricKind::gauge, {"role"},
     "Resident memory of the server's own processes; shared pages count once a process."},

    {"gatehouse_ready", MetricKind::gauge, {},
     "1 when /readyz answers 200."},
    {"gatehouse_generation", MetricKind::gauge, {},
     "Generation that serves: 1 at the start, one more with each reload."},
    {"gatehouse_reloads_total", MetricKind::counter, {"result"},
     "Reloads asked for, by result."},
    {"gatehouse_last_reload_success", MetricKind::gauge, {},
     "1 when the last reload succeeded, 0 when it failed; absent before the first."},
    {"gatehouse_last_reload_timestamp_seconds", MetricKind::gauge, {},
     "When the last reload ended; absent before the first."},
    {"gatehouse_config_loaded_timestamp_seconds", MetricKind::gauge, {},
     "When the configuration that serves was read."},
    {"gatehouse_build_info", MetricKind::gauge, {"version", "python"},
     "Always 1; the labels say what was built."},

    {"process_cpu_seconds_total", MetricKind::counter, {},
     "CPU time of all processes of the app server."},
    {"process_resident_memory_bytes", MetricKind::gauge, {},
     "Resident memory of all processes of the app server; shared pages count once a process."},
    {"process_threads", MetricKind::gauge, {},
     "Operating system threads of all processes of the app server."},
    {"process_start_time_seconds", MetricKind::gauge, {},
     "When the supervisor started."},
};
// clang-format on

static_assert(std::size(kCatalogue) == static_cast<std::size_t>(Metric::count_));
static_assert(base::observe::well_formed(std::span<const MetricRow>(kCatalogue)));

constexpr const MetricRow& row(Metric metric) noexcept {
  return kCatalogue[static_cast<std::size_t>(metric)];
}

/// The whole of docs/metrics.md's table for the app server.
std::string catalogue_markdown();

}  // namespace appserver::metrics
