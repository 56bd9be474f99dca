// SPDX-License-Identifier: Apache-2.0
#include "proxy/metrics/exporter.hpp"

#include "base/observe/exposition.hpp"
#include "base/observe/process_usage.hpp"
#include "proxy/metrics/catalogue.hpp"

#include <array>
#include <string_view>
#include <unistd.h>

namespace proxy::metrics {

namespace {

using base::observe::Exposition;

constexpr std::array<std::string_view, kMethods> kMethodNames{
    "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "OTHER"};
constexpr std::array<std::string_view, kCodeClasses> kClassNames{"none", "1xx", "2xx",
                                                                 "3xx",  "4xx", "5xx"};
constexpr std::array<std::string_view, static_cast<std::size_t>(TlsVersion::count_)> kVersionNames{
    "none", "TLSv1.2", "TLSv1.3"};
constexpr std::array<std::string_view, static_cast<std::size_t>(HandshakeResult::count_)>
    kResultNames{"full", "resumed", "failed", "timeout"};
constexpr std::array<std::string_view, static_cast<std::size_t>(Flood::count_)> kFloodNames{
    "reset", "ping", "settings", "empty", "priority", "headers"};
constexpr std::array<std::string_view, static_cast<std::size_t>(BackendFailure::count_)>
    kFailureNames{"connect", "timeout", "protocol", "closed"};

void add_vhost(Exposition& out, const std::string& label,
               const std::deque<VhostCounters>& threads) {
  Histogram duration;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  for (const VhostCounters& thread : threads) {
    duration.merge(thread.duration);
    bytes_in += thread.bytes_in.value();
    bytes_out += thread.bytes_out.value();
  }
  for (std::size_t method = 0; method < kMethods; ++method) {
    for (std::size_t code = 0; code < kCodeClasses; ++code) {
      std::uint64_t total = 0;
      for (const VhostCounters& thread : threads) total += thread.requests[method][code].value();
      // Combinations that never happened would be sixty series a host.
      if (total > 0)
        out.add(row_of(Metric::http_requests), {label, kMethodNames[method], kClassNames[code]},
                total);
    }
  }
  out.add(row_of(Metric::http_request_duration), {label}, duration);
  out.add(row_of(Metric::http_input_bytes), {label}, bytes_in);
  out.add(row_of(Metric::http_output_bytes), {label}, bytes_out);
}

void add_sums(Exposition& out, const Registry& registry) {
  const auto counter = [&](Metric metric, Counter ThreadCounters::*member) {
    out.add(row_of(metric), {},
            registry.sum([member](const ThreadCounters& t) { return (t.*member).value(); }));
  };
  const auto gauge = [&](Metric metric, Gauge ThreadCounters::*member) {
    out.add(row_of(metric), {},
            registry.sum([member](const ThreadCounters& t) { return (t.*member).value(); }));
  };
  gauge(Metric::exchanges_active, &ThreadCounters::exchanges_active);
  counter(Metric::bad_requests, &ThreadCounters::bad_requests);
  counter(Metric::forwarded_dropped, &ThreadCounters::forwarded_dropped);
  counter(Metric::connections, &ThreadCounters::connections_accepted);
  gauge(Metric::connections_open, &ThreadCounters::connections_open);
  counter(Metric::accept_errors, &ThreadCounters::accept_errors);
  counter(Metric::h2_connections, &ThreadCounters::h2_connections);
  counter(Metric::h2_streams, &ThreadCounters::h2_streams);
  counter(Metric::backend_connections, &ThreadCounters::backend_connects);
  gauge(Metric::backend_open, &ThreadCounters::backend_open);
  gauge(Metric::backend_idle, &ThreadCounters::backend_idle);
  counter(Metric::backend_retries, &ThreadCounters::backend_retries);
}

void add_labelled_sums(Exposition& out, const Registry& registry) {
  const auto total = [&registry](auto read) {
    return registry.sum([&read](const ThreadCounters& t) { return read(t).value(); });
  };
  for (std::size_t version = 0; version < kVersionNames.size(); ++version) {
    for (std::size_t result = 0; result < kResultNames.size(); ++result) {
      // A version is known only of a handshake that succeeded.
      if ((version == 0) != (result >= static_cast<std::size_t>(HandshakeResult::failed))) continue;
      out.add(row_of(Metric::tls_handshakes), {kVersionNames[version], kResultNames[result]},
              total([=](const ThreadCounters& t) -> const Counter& {
                return t.handshakes[version][result];
              }));
    }
  }
  out.add(row_of(Metric::h2_resets), {"received"},
          total([](const ThreadCounters& t) -> const Counter& { return t.h2_resets_received; }));
  out.add(row_of(Metric::h2_resets), {"sent"},
          total([](const ThreadCounters& t) -> const Counter& { return t.h2_resets_sent; }));
  for (std::size_t kind = 0; kind < kFloodNames.size(); ++kind)
    out.add(row_of(Metric::h2_floods), {kFloodNames[kind]},
            total([=](const ThreadCounters& t) -> const Counter& { return t.h2_floods[kind]; }));
  for (std::size_t kind = 0; kind < kFailureNames.size(); ++kind)
    out.add(
        row_of(Metric::backend_failures), {kFailureNames[kind]},
        total([=](const ThreadCounters& t) -> const Counter& { return t.backend_failures[kind]; }));
}

}  // namespace

std::vector<prometheus::MetricFamily> Exporter::Collect() const {
  Exposition out;
  registry_.each_vhost([&out](const std::string& label, const std::deque<VhostCounters>& threads) {
    add_vhost(out, label, threads);
  });
  add_sums(out, registry_);
  add_labelled_sums(out, registry_);
  const ServerCounters& server = registry_.server();
  out.add(row_of(Metric::reloads), {"done"}, server.reloads_done.value());
  out.add(row_of(Metric::reloads), {"refused"}, server.reloads_refused.value());
  out.add(row_of(Metric::ready), {}, server.ready.value());
  if (const auto usage = base::observe::process_usage(::getpid())) {
    out.add(row_of(Metric::process_cpu), {"user"}, usage->cpu_user_seconds);
    out.add(row_of(Metric::process_cpu), {"system"}, usage->cpu_system_seconds);
    out.add(row_of(Metric::process_resident_memory), {}, usage->resident_bytes);
  }
  out.add(row_of(Metric::process_start_time), {},
          static_cast<double>(server.start_us.load()) / 1e6);
  return out.take();
}

}  // namespace proxy::metrics
