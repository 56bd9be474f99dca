// SPDX-License-Identifier: Apache-2.0
// Gathers the samples of one scrape, row by row, as prometheus-cpp's types. A family comes with its
// first sample, in the order of the calls; a row without samples is left out.
#pragma once

#include "base/observe/histogram.hpp"
#include "base/observe/metric_row.hpp"

#include <prometheus/metric_family.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace base::observe {

inline constexpr std::string_view kExpositionType = "text/plain; version=0.0.4; charset=utf-8";

/// Rows are told apart by their address: they live as long as the program.
class Exposition {
 public:
  using Labels =
      std::initializer_list<std::string_view>;  ///< values, in the order of the row's labels

  void add(const MetricRow& row, Labels labels, double value);
  void add(const MetricRow& row, Labels labels, std::uint64_t value) {
    add(row, labels, static_cast<double>(value));
  }
  void add(const MetricRow& row, Labels labels, std::int64_t value) {
    add(row, labels, static_cast<double>(value));
  }
  template <class Cell>
  void add(const MetricRow& row, Labels labels, const BasicHistogram<Cell>& histogram) {
    std::uint64_t counts[kBuckets];
    for (std::size_t i = 0; i < kBuckets; ++i) counts[i] = histogram.bucket(i);
    add_buckets(row, labels, counts, histogram.sum_us());
  }

  [[nodiscard]] std::vector<prometheus::MetricFamily> take() { return std::move(families_); }

 private:
  void add_buckets(const MetricRow& row, Labels labels, const std::uint64_t (&counts)[kBuckets],
                   std::uint64_t sum_us);
  prometheus::ClientMetric& sample(const MetricRow& row, Labels labels);

  std::vector<prometheus::MetricFamily> families_;
  std::vector<const MetricRow*> rows_;  // of each family
};

/// The text format 0.0.4 by prometheus-cpp's serializer.
std::string exposition_text(const std::vector<prometheus::MetricFamily>& families);

}  // namespace base::observe
