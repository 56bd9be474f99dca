// SPDX-License-Identifier: Apache-2.0
// Rows, their samples as text, and the reader of that text which other tests rely on.
#include "base/observe/exposition.hpp"

#include "base/observe/metric_row.hpp"
#include "tests/support/prometheus_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace base::observe {
namespace {

using ::testing::HasSubstr;
using tests::parse_prometheus;

constexpr MetricRow kCounter{
    "x_total", MetricKind::counter, {"a", "b"}, "Counts things of a kind."};
constexpr MetricRow kGauge{"x_level", MetricKind::gauge, {}, "How high it stands."};
constexpr MetricRow kTimes{"x_seconds", MetricKind::histogram, {"a"}, "How long it takes."};

TEST(MetricRow, rules) {
  constexpr MetricRow rows[] = {kCounter, kGauge, kTimes};
  EXPECT_TRUE(well_formed(rows));
  constexpr MetricRow twice[] = {kCounter, kCounter};
  EXPECT_FALSE(well_formed(twice));
  EXPECT_FALSE(well_formed(MetricRow{"x", MetricKind::counter, {}, "Counts things of a kind."}));
  EXPECT_FALSE(
      well_formed(MetricRow{"x_total", MetricKind::gauge, {}, "Counts things of a kind."}));
  EXPECT_FALSE(well_formed(MetricRow{"x_ms", MetricKind::histogram, {}, "How long it takes."}));
  EXPECT_FALSE(
      well_formed(MetricRow{"X_total", MetricKind::counter, {}, "Counts things of a kind."}));
  EXPECT_FALSE(
      well_formed(MetricRow{"x_total", MetricKind::counter, {}, "Counts things of a kind"}));
  EXPECT_EQ(metrics_markdown(rows),
            "| metric | kind | labels | meaning |\n|---|---|---|---|\n"
            "| `x_total` | counter | `a`, `b` | Counts things of a kind. |\n"
            "| `x_level` | gauge |  | How high it stands. |\n"
            "| `x_seconds` | histogram | `a` | How long it takes. |\n");
}

TEST(Exposition, samples_of_a_row_stand_together_whatever_the_order_of_calls) {
  Exposition out;
  out.add(kCounter, {"1", "2"}, std::uint64_t{3});
  out.add(kGauge, {}, std::int64_t{-4});
  out.add(kCounter, {"quote\"back\\line\n", ""}, 9'007'199'254'740'992.0);
  Histogram times;
  times.observe_us(125);
  times.observe_us(126);
  times.observe_us(100'000'000);
  out.add(kTimes, {"z"}, times);
  const std::string text = exposition_text(out.take());
  EXPECT_THAT(text, HasSubstr("# HELP x_total Counts things of a kind.\n# TYPE x_total counter\n"));
  const auto parsed = parse_prometheus(text);
  ASSERT_TRUE(parsed) << parsed.error().detail << '\n' << text;
  ASSERT_EQ(parsed->families().size(), 3U);
  EXPECT_EQ(parsed->families()[0].samples.size(), 2U);
  EXPECT_EQ(parsed->families()[2].type, "histogram");
  EXPECT_EQ(parsed->value("x_level"), -4.0);
  EXPECT_EQ(parsed->value("x_total", {{"a", "quote\"back\\line\n"}, {"b", ""}}),
            9'007'199'254'740'992.0);
  EXPECT_EQ(parsed->value("x_seconds_bucket", {{"a", "z"}, {"le", "0.000125"}}), 1.0);
  EXPECT_EQ(parsed->value("x_seconds_bucket", {{"a", "z"}, {"le", "0.00025"}}), 2.0);
  EXPECT_EQ(parsed->value("x_seconds_bucket", {{"a", "z"}, {"le", "65.536"}}), 2.0);
  EXPECT_EQ(parsed->value("x_seconds_bucket", {{"a", "z"}, {"le", "+Inf"}}), 3.0);
  EXPECT_EQ(parsed->value("x_seconds_count", {{"a", "z"}}), 3.0);
  EXPECT_DOUBLE_EQ(parsed->value("x_seconds_sum", {{"a", "z"}}).value(), 100.000251);
}

TEST(PrometheusText, sums_and_exact_labels) {
  const auto text = parse_prometheus(
      "# HELP t_total Help text\n# TYPE t_total counter\n"
      "t_total{a=\"1\",b=\"x\"} 2\nt_total{a=\"1\",b=\"y\"} 3\nt_total{a=\"2\",b=\"x\"} 10\n"
      "\n# a comment\n# HELP g A gauge\n# TYPE g gauge\ng NaN\n");
  ASSERT_TRUE(text) << text.error().detail;
  EXPECT_EQ(text->sum("t_total", {{"a", "1"}}), 5.0);
  EXPECT_EQ(text->sum("t_total"), 15.0);
  EXPECT_EQ(text->value("t_total", {{"b", "x"}, {"a", "2"}}), 10.0);
  EXPECT_FALSE(text->value("t_total", {{"a", "1"}}));
  EXPECT_TRUE(std::isnan(text->value("g").value()));
  EXPECT_EQ(text->families()[0].help, "Help text");
}

TEST(PrometheusText, what_a_scrape_may_not_say) {
  const std::string head = "# HELP t T\n# TYPE t gauge\n";
  const std::string histogram = "# HELP h H\n# TYPE h histogram\n";
  const std::pair<std::string, const char*> cases[] = {
      {"t 1\n", "line 1: a sample outside its family: t"},
      {"# TYPE t gauge\n", "line 1: TYPE without HELP: t"},
      {head + head, "line 3: the family comes twice: t"},
      {head + "u 1\n", "line 3: a sample outside its family: u"},
      {head + "t 1\nt 2\n", "line 4: a sample comes twice: t"},
      {head + "t{a=\"1\"} 1\nt{a=\"1\"} 1\n", "line 4: a sample comes twice: t"},
      {head + "t{a=\"1\",a=\"2\"} 1\n", "line 3: a label comes twice: a"},
      {head + "t{a=\"1} 1\n", "line 3: a label that does not end: a"},
      {head + "t{a} 1\n", "line 3: a label without value"},
      {head + "t{a=\"1\"b=\"2\"} 1\n", "line 3: no comma after label a"},
      {head + "t\n", "line 3: no value: t"},
      {head + "t one\n", "line 3: not a number: one"},
      {head + "t 1", "line 3: the last line has no end"},
      {head + "t_sum 1\n", "line 3: a sample outside its family: t_sum"},
      {histogram + "h_bucket{le=\"1\"} 1\nh_count 1\n", "line 4: no +Inf bucket: h"},
      {histogram + "h_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_count 1\n",
       "line 5: buckets that fall: h"},
      {histogram + "h_bucket{le=\"+Inf\"} 1\nh_count 2\n",
       "line 4: +Inf bucket and count differ: h"},
      {histogram + "h_bucket 1\n", "line 3: a bucket without le: h"},
  };
  for (const auto& [text, error] : cases) {
    const auto parsed = parse_prometheus(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().detail, error) << text;
  }
}

}  // namespace
}  // namespace base::observe
