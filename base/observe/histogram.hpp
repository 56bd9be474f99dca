// SPDX-License-Identifier: Apache-2.0
// Durations in buckets that double: 125 us, 250 us, 500 us, 1 ms ... 65.536 s, and more. The edges
// from 1 ms on are the octaves of the reference's own histogram (wsgi-hosting 8.1, 8.3).
#pragma once

#include "base/observe/counter.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace base::observe {

inline constexpr std::int64_t kFirstBucketUs = 125;
inline constexpr std::size_t kFiniteBuckets = 20;  ///< 125 us * 2^19 = 65.536 s
inline constexpr std::size_t kBuckets =
    kFiniteBuckets + 1;  ///< the last one holds all that took longer

/// Upper edge of a finite bucket, inclusive.
constexpr std::int64_t bucket_edge_us(std::size_t bucket) noexcept {
  return kFirstBucketUs << bucket;
}

constexpr std::size_t bucket_of_us(std::int64_t us) noexcept {
  // (edge/2, edge] -> [2^(k-1), 2^k): the width in bits is the bucket.
  const auto above = static_cast<std::uint64_t>(std::max<std::int64_t>(us, 1) - 1);
  const auto width =
      static_cast<std::size_t>(std::bit_width(above / static_cast<std::uint64_t>(kFirstBucketUs)));
  return std::min(width, kFiniteBuckets);
}

template <class Cell>
class BasicHistogram {
 public:
  /// Negative durations (a clock that was set back) count as 0.
  void observe_us(std::int64_t us) noexcept {
    buckets_[bucket_of_us(us)].add();
    sum_us_.add(static_cast<std::uint64_t>(std::max<std::int64_t>(us, 0)));
  }
  [[nodiscard]] std::uint64_t bucket(std::size_t index) const noexcept {
    return buckets_[index].value();
  }
  [[nodiscard]] std::uint64_t sum_us() const noexcept { return sum_us_.value(); }

  /// Adds another's counts: for totals of several slabs.
  template <class Other>
  void merge(const BasicHistogram<Other>& other) noexcept {
    for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i].add(other.bucket(i));
    sum_us_.add(other.sum_us());
  }

 private:
  std::array<Cell, kBuckets> buckets_{};
  Cell sum_us_{};
};

using Histogram = BasicHistogram<Counter>;                      ///< one thread writes
using ManyWriterHistogram = BasicHistogram<ManyWriterCounter>;  ///< any thread writes

}  // namespace base::observe
