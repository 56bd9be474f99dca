// SPDX-License-Identifier: Apache-2.0
// Every metric of the proxy. docs/metrics.md is generated from these rows. Label values come from
// configuration
// (`vhost`) or closed sets.
#pragma once

#include "base/observe/metric_row.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace proxy::metrics {

using base::observe::MetricKind;
using base::observe::MetricRow;

/// Index of a row in kCatalogue; same order.
enum class Metric : std::uint8_t {
  http_requests,
  http_request_duration,
  http_input_bytes,
  http_output_bytes,
  exchanges_active,
  bad_requests,
  forwarded_dropped,
  connections,
  connections_open,
  accept_errors,
  tls_handshakes,
  h2_connections,
  h2_streams,
  h2_resets,
  h2_floods,
  backend_connections,
  backend_open,
  backend_idle,
  backend_retries,
  backend_failures,
  reloads,
  ready,
  process_cpu,
  process_resident_memory,
  process_start_time,
  count_,
};

// clang-format off
inline constexpr std::array<MetricRow, static_cast<std::size_t>(Metric::count_)> kCatalogue{{
    {"gatehouse_proxy_http_requests_total", MetricKind::counter, {"vhost", "method", "code_class"},
     "Exchanges that ended, by known method (else OTHER) and class of the status; `none` when the client left before one."},
    {"gatehouse_proxy_http_request_duration_seconds", MetricKind::histogram, {"vhost"},
     "From the first byte of a request to the last of its response given to the client's transport."},
    {"gatehouse_proxy_http_input_bytes_total", MetricKind::counter, {"vhost"},
     "Bytes of request bodies that backends took."},
    {"gatehouse_proxy_http_output_bytes_total", MetricKind::counter, {"vhost"},
     "Bytes of response bodies given to clients' transports."},
    {"gatehouse_proxy_exchanges_active", MetricKind::gauge, {},
     "Exchanges that run now."},
    {"gatehouse_proxy_bad_requests_total", MetricKind::counter, {},
     "Requests refused by the proxy itself: malformed, over a limit, unsafe to pass on."},
    {"gatehouse_proxy_forwarded_fields_dropped_total", MetricKind::counter, {},
     "Fields dropped because the client may not say them: forwarded ones, Gatehouse-Hop, names with odd characters."},
    {"gatehouse_proxy_connections_total", MetricKind::counter, {},
     "Client connections accepted."},
    {"gatehouse_proxy_connections_open", MetricKind::gauge, {},
     "Client connections open now."},
    {"gatehouse_proxy_accept_errors_total", MetricKind::counter, {},
     "Connections that could not be accepted: no descriptor or memory was left."},
    {"gatehouse_proxy_tls_handshakes_total", MetricKind::counter, {"version", "result"},
     "TLS handshakes by version (none when they failed) and result: full, resumed, failed, timeout."},
    {"gatehouse_proxy_http2_connections_total", MetricKind::counter, {},
     "Client connections that speak HTTP/2."},
    {"gatehouse_proxy_http2_streams_total", MetricKind::counter, {},
     "HTTP/2 streams that clients opened."},
    {"gatehouse_proxy_http2_resets_total", MetricKind::counter, {"direction"},
     "RST_STREAM frames received and sent."},
    {"gatehouse_proxy_http2_floods_total", MetricKind::counter, {"kind"},
     "HTTP/2 connections ended with ENHANCE_YOUR_CALM, by what there was too much of."},
    {"gatehouse_proxy_backend_connections_total", MetricKind::counter, {},
     "Connections to backends begun."},
    {"gatehouse_proxy_backend_connections_open", MetricKind::gauge, {},
     "Connections to backends open now."},
    {"gatehouse_proxy_backend_connections_idle", MetricKind::gauge, {},
     "Connections to backends that wait for a request."},
    {"gatehouse_proxy_backend_retries_total", MetricKind::counter, {},
     "Requests sent again because a kept connection had gone stale."},
    {"gatehouse_proxy_backend_failures_total", MetricKind::counter, {"reason"},
     "Exchanges that a backend failed: connect, timeout, protocol, closed."},
    {"gatehouse_proxy_reloads_total", MetricKind::counter, {"result"},
     "Configurations read again, by result: done or refused."},
    {"gatehouse_proxy_ready", MetricKind::gauge, {},
     "1 while new connections are welcome, 0 while starting or draining."},
    {"gatehouse_proxy_cpu_seconds_total", MetricKind::counter, {"mode"},
     "CPU time of the process, by mode: user or system."},
    {"gatehouse_proxy_resident_memory_bytes", MetricKind::gauge, {},
     "Resident memory of the process."},
    {"gatehouse_proxy_start_time_seconds", MetricKind::gauge, {},
     "When the process started, in seconds since the epoch."},
}};
// clang-format on
static_assert(base::observe::well_formed(kCatalogue));

constexpr const MetricRow& row_of(Metric metric) noexcept {
  return kCatalogue[static_cast<std::size_t>(metric)];
}

}  // namespace proxy::metrics
