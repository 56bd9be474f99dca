// SPDX-License-Identifier: Apache-2.0
// The counters of all threads as Prometheus sees them.
#pragma once

#include "proxy/metrics/registry.hpp"

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <vector>

namespace proxy::metrics {

class Exporter final : public prometheus::Collectable {
 public:
  explicit Exporter(const Registry& registry) : registry_(registry) {}
  /// From any thread.
  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const Registry& registry_;
};

}  // namespace proxy::metrics
