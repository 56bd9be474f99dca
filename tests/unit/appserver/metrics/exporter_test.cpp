// SPDX-License-Identifier: Apache-2.0
// One scrape's text as a whole, the documentation made from the same rows, and counters that never
// fall.
#include "appserver/metrics/exporter.hpp"

#include "appserver/metrics/catalogue.hpp"
#include "base/observe/exposition.hpp"
#include "tests/support/prometheus_text.hpp"
#include "tests/unit/appserver/metrics/sample_metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace appserver::metrics {
namespace {

using tests::parse_prometheus;
using tests::PrometheusText;

std::string read_file(const std::string& path) {
  const std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

bool update_golden() {
  return std::getenv("GH_UPDATE_GOLDEN") != nullptr;
}

std::string scrape(const Exporter& exporter) {
  return base::observe::exposition_text(exporter.Collect());
}

PrometheusText parsed(const Exporter& exporter) {
  auto text = parse_prometheus(scrape(exporter));
  EXPECT_TRUE(text) << text.error().detail;
  return std::move(*text);
}

TEST(Exporter, text_is_the_golden_one) {
  const auto metrics = sample_metrics();
  const Exporter exporter(*metrics, {"1.2.3", "3.11.2"}, sample_usage);
  const std::string path = GH_SOURCE_DIR "/tests/unit/appserver/metrics/exposition.golden";
  const std::string text = scrape(exporter);
  if (update_golden()) std::ofstream(path, std::ios::binary) << text;
  EXPECT_EQ(text, read_file(path)) << "GH_UPDATE_GOLDEN=1 rewrites it";
}

TEST(Exporter, every_row_of_the_catalogue_has_samples_and_nothing_else_has) {
  const auto metrics = sample_metrics();
  const PrometheusText text = parsed(Exporter(*metrics, {"1.2.3", "3.11.2"}, sample_usage));
  std::set<std::string> names;
  for (const auto& family : text.families()) names.insert(family.name);
  std::set<std::string> expected;
  for (const MetricRow& one : kCatalogue) expected.insert(std::string(one.name));
  EXPECT_EQ(names, expected);
}

TEST(Exporter, an_idle_server_without_processes_can_be_scraped) {
  const auto metrics = SharedMetrics::create({1, {"a"}, {{"site", 1, 1}}}).value();
  const PrometheusText text = parsed(Exporter(
      *metrics, {"1", "3"}, [](pid_t) { return std::optional<base::observe::ProcessUsage>(); }));
  EXPECT_EQ(text.value("gatehouse_ready"), 0.0);
  EXPECT_EQ(text.value("gatehouse_threads", {{"group", "site"}, {"state", "maximum"}}), 0.0);
  EXPECT_FALSE(text.value("gatehouse_capacity_utilization_ratio", {{"group", "site"}}));
  EXPECT_FALSE(text.value("gatehouse_last_reload_success"));
}

TEST(Exporter, a_tenants_word_is_bounded) {
  const auto metrics = sample_metrics();
  metrics->process(0, 0).threads_busy.set(1'000'000);
  metrics->process(0, 0).threads_started.set(-5);
  metrics->process(0, 1).threads_busy.set(-7);
  const PrometheusText text = parsed(Exporter(*metrics, {"1", "3"}, sample_usage));
  EXPECT_EQ(text.value("gatehouse_threads", {{"group", "site"}, {"state", "busy"}}), 15.0);
  EXPECT_EQ(text.value("gatehouse_threads", {{"group", "site"}, {"state", "idle"}}), 0.0);
  EXPECT_EQ(text.value("gatehouse_threads", {{"group", "site"}, {"state", "started"}}), 0.0);
  EXPECT_EQ(text.value("gatehouse_capacity_utilization_ratio", {{"group", "site"}}), 1.0);
}

TEST(Exporter, cpu_never_falls_while_a_process_is_reaped) {
  const auto metrics = sample_metrics();
  const Exporter exporter(*metrics, {"1", "3"}, sample_usage);
  const auto cpu = [&] {
    return parsed(exporter)
        .value("gatehouse_process_cpu_seconds_total", {{"group", "site"}, {"mode", "user"}})
        .value();
  };
  EXPECT_EQ(cpu(), 3.5);
  metrics->process_ended(0, 0);  // reaped, and its time not yet added
  EXPECT_EQ(cpu(), 3.5);
  metrics->supervisor_group(0).cpu_user_us.add(1'250'000);
  EXPECT_EQ(cpu(), 3.75);
}

TEST(Exporter, former_generations_are_part_of_the_totals) {
  const std::shared_ptr<SharedMetrics> former = sample_metrics();
  const auto metrics =
      SharedMetrics::create({1, {"other", "www.example.org:443"}, {{"site", 1, 15}}}, former)
          .value();
  metrics->host(0, 1).answered(MethodClass::get, 200, 10);
  metrics->front_slot(0).fill(500, kStartUs);
  const Exporter exporter(*metrics, {"1", "3"}, sample_usage);
  for (int round = 0; round < 2; ++round) {
    const PrometheusText text = parsed(exporter);
    EXPECT_EQ(
        text.value("gatehouse_http_requests_total",
                   {{"vhost", "www.example.org:443"}, {"method", "GET"}, {"code_class", "2xx"}}),
        3.0);
    EXPECT_EQ(text.value("gatehouse_request_duration_seconds_count", {{"group", "site"}}), 2.0);
    EXPECT_EQ(text.value("gatehouse_daemon_processes", {{"group", "site"}}),
              round == 0 ? 1.0 : 0.0);
    EXPECT_EQ(text.value("gatehouse_fronts"), round == 0 ? 3.0 : 1.0);
    metrics->fold_former();
  }
}

// docs/metrics.md holds one part a program, between its marks.
TEST(Documentation, metrics_page_is_made_from_the_rows) {
  const std::string path = GH_SOURCE_DIR "/docs/metrics.md";
  const std::string begin = "<!-- generated from appserver/metrics/catalogue.hpp -->\n";
  const std::string end = "<!-- end of appserver -->\n";
  std::string page = read_file(path);
  const std::size_t from = page.find(begin);
  const std::size_t to = page.find(end);
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  const std::size_t start = from + begin.size();
  if (update_golden()) {
    page.replace(start, to - start, catalogue_markdown());
    std::ofstream(path, std::ios::binary) << page;
    return;
  }
  EXPECT_EQ(page.substr(start, to - start), catalogue_markdown())
      << "GH_UPDATE_GOLDEN=1 rewrites it";
}

}  // namespace
}  // namespace appserver::metrics
