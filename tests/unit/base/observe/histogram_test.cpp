// SPDX-License-Identifier: Apache-2.0
// Bucket edges: powers of two of 125 us, inclusive above, and what is too long or negative.
#include "base/observe/histogram.hpp"

#include <gtest/gtest.h>

namespace base::observe {
namespace {

TEST(Histogram, edges_are_inclusive_and_reach_65_seconds) {
  EXPECT_EQ(bucket_edge_us(3), 1000);
  EXPECT_EQ(bucket_edge_us(kFiniteBuckets - 1), 65'536'000);
  for (std::size_t bucket = 0; bucket < kFiniteBuckets; ++bucket) {
    EXPECT_EQ(bucket_of_us(bucket_edge_us(bucket)), bucket);
    EXPECT_EQ(bucket_of_us(bucket_edge_us(bucket) + 1), bucket + 1);
  }
  EXPECT_EQ(bucket_of_us(0), 0U);
  EXPECT_EQ(bucket_of_us(-5), 0U);
  EXPECT_EQ(bucket_of_us(INT64_MAX), kFiniteBuckets);
  EXPECT_EQ(bucket_of_us(INT64_MIN), 0U);
}

TEST(Histogram, sums_and_merges) {
  Histogram one;
  one.observe_us(100);
  one.observe_us(-7);
  one.observe_us(1500);
  ManyWriterHistogram two;
  two.observe_us(1500);
  one.merge(two);
  EXPECT_EQ(one.bucket(0), 2U);
  EXPECT_EQ(one.bucket(4), 2U);
  EXPECT_EQ(one.sum_us(), 3100U);
}

}  // namespace
}  // namespace base::observe
