// SPDX-License-Identifier: Apache-2.0
#include "base/observe/exposition.hpp"

#include "base/assert.hpp"

#include <prometheus/text_serializer.h>

#include <limits>
#include <utility>

namespace base::observe {
namespace {

prometheus::MetricType type_of(MetricKind kind) noexcept {
  switch (kind) {
    case MetricKind::counter:
      return prometheus::MetricType::Counter;
    case MetricKind::gauge:
      return prometheus::MetricType::Gauge;
    case MetricKind::histogram:
      break;
  }
  return prometheus::MetricType::Histogram;
}

std::string_view kind_name(MetricKind kind) noexcept {
  switch (kind) {
    case MetricKind::counter:
      return "counter";
    case MetricKind::gauge:
      return "gauge";
    case MetricKind::histogram:
      break;
  }
  return "histogram";
}

}  // namespace

prometheus::ClientMetric& Exposition::sample(const MetricRow& row, Labels labels) {
  GH_ASSERT(labels.size() == label_count(row));
  // Rows are static, so their address is their identity. Those that come together do so at the end.
  std::size_t index = rows_.size();
  while (index > 0 && rows_[index - 1] != &row) --index;
  if (index == 0) {
    rows_.push_back(&row);
    prometheus::MetricFamily& family = families_.emplace_back();
    family.name = row.name;
    family.help = row.help;
    family.type = type_of(row.kind);
    index = rows_.size();
  }
  prometheus::ClientMetric& metric = families_[index - 1].metric.emplace_back();
  metric.label.reserve(labels.size());
  std::size_t i = 0;
  for (const std::string_view value : labels)
    metric.label.push_back({std::string(row.labels[i++]), std::string(value)});
  return metric;
}

void Exposition::add(const MetricRow& row, Labels labels, double value) {
  GH_ASSERT(row.kind != MetricKind::histogram);
  prometheus::ClientMetric& metric = sample(row, labels);
  (row.kind == MetricKind::counter ? metric.counter.value : metric.gauge.value) = value;
}

void Exposition::add_buckets(const MetricRow& row, Labels labels,
                             const std::uint64_t (&counts)[kBuckets], std::uint64_t sum_us) {
  GH_ASSERT(row.kind == MetricKind::histogram);
  auto& histogram = sample(row, labels).histogram;
  histogram.sample_sum = static_cast<double>(sum_us) / 1e6;
  histogram.bucket.reserve(kBuckets);
  for (std::size_t i = 0; i < kBuckets; ++i) {
    histogram.sample_count += counts[i];
    const double edge = i < kFiniteBuckets ? static_cast<double>(bucket_edge_us(i)) / 1e6
                                           : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({histogram.sample_count, edge});
  }
}

std::string exposition_text(const std::vector<prometheus::MetricFamily>& families) {
  return prometheus::TextSerializer().Serialize(families);
}

std::string metrics_markdown(std::span<const MetricRow> rows) {
  std::string out = "| metric | kind | labels | meaning |\n|---|---|---|---|\n";
  for (const MetricRow& row : rows) {
    out.append("| `").append(row.name).append("` | ").append(kind_name(row.kind)).append(" | ");
    for (std::size_t i = 0; i < label_count(row); ++i) {
      if (i > 0) out += ", ";
      out.append("`").append(row.labels[i]).append("`");
    }
    out.append(" | ").append(row.help).append(" |\n");
  }
  return out;
}

}  // namespace base::observe
