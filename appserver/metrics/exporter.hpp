// SPDX-License-Identifier: Apache-2.0
// Turns the shared numbers into the families of one scrape. Reads only; runs in the admin process.
#pragma once

#include "appserver/metrics/slabs.hpp"
#include "base/observe/process_usage.hpp"

#include <prometheus/collectable.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace base::observe {
class Exposition;
}

namespace appserver::metrics {

struct BuildInfo {
  std::string version;
  std::string python;  ///< of the embedded interpreter
};

/// How /proc is asked; another one in tests.
using UsageReader = std::function<std::optional<base::observe::ProcessUsage>(pid_t)>;

class Exporter : public prometheus::Collectable {
 public:
  /// `metrics` outlives this object.
  Exporter(const SharedMetrics& metrics, BuildInfo build,
           UsageReader usage = base::observe::process_usage);

  /// All samples, in the catalogue's order. One thread.
  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  struct Usage;
  using Regions = std::vector<const SharedMetrics*>;
  void add_hosts(base::observe::Exposition& out, const Regions& regions) const;
  void add_groups(base::observe::Exposition& out, const Regions& regions) const;
  void add_group_processes(base::observe::Exposition& out, const Regions& regions,
                           Usage& all) const;
  void add_fronts(base::observe::Exposition& out, const Regions& regions) const;
  void add_server(base::observe::Exposition& out, const Regions& regions, Usage& all) const;
  void read(pid_t pid, Usage& into, Usage& all) const;
  [[nodiscard]] double never_less(const std::string& key, double value) const;

  const SharedMetrics& metrics_;
  BuildInfo build_;
  UsageReader usage_;
  // CPU of a process moves from /proc to the supervisor's cells when it is reaped; a scrape in
  // between must not see a counter fall.
  mutable std::map<std::string, double, std::less<>> highest_;
};

}  // namespace appserver::metrics
