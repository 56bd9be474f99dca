// SPDX-License-Identifier: Apache-2.0
// What the admin process answers, handler by handler, and when the server counts as ready.
#include "appserver/metrics/admin.hpp"

#include "appserver/metrics/readiness.hpp"
#include "appserver/metrics/status.hpp"
#include "base/observe/process_usage.hpp"
#include "tests/unit/appserver/metrics/sample_metrics.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace appserver::metrics {
namespace {

namespace json = boost::json;
using base::observe::AdminReply;
using base::observe::AdminRoute;
using ::testing::HasSubstr;
using ::testing::Not;

class AdminRoutesTest : public ::testing::Test {
 protected:
  AdminReply ask(const std::string& path) {
    AdminHooks hooks;
    hooks.reload = [this] { return reload_; };
    hooks.supervisor_lives = [this] { return supervisor_lives_; };
    hooks.usage = sample_usage;
    for (const AdminRoute& route : admin_routes(*metrics_, {"1.2.3", "3.11.2"}, hooks)) {
      if (route.path != path) continue;
      EXPECT_EQ(route.method,
                path == "/reload" ? AdminRoute::Method::post : AdminRoute::Method::get);
      return route.handler({path, ""});
    }
    ADD_FAILURE() << "no route " << path;
    return {};
  }
  std::unique_ptr<SharedMetrics> metrics_ = sample_metrics();
  bool supervisor_lives_ = true;
  ReloadOutcome reload_;
};

TEST_F(AdminRoutesTest, metrics_have_prometheus_type_and_text) {
  const AdminReply reply = ask("/metrics");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(reply.body,
              HasSubstr("\ngatehouse_requests_total{group=\"site\",code_class=\"5xx\"} 1\n"));
}

TEST_F(AdminRoutesTest, health_is_the_supervisors_life) {
  metrics_->supervisor().draining.store(true);  // draining is not ill
  EXPECT_EQ(ask("/healthz").status, 200);
  supervisor_lives_ = false;
  EXPECT_EQ(ask("/healthz").status, 503);
  EXPECT_EQ(ask("/readyz").status, 503);
  EXPECT_EQ(ask("/readyz").body, "The supervisor has ended.\n");
}

TEST_F(AdminRoutesTest, by_default_the_supervisor_is_our_parent) {
  const auto routes = admin_routes(*metrics_, {"1", "3"}, {});
  const auto health = [&] {
    for (const AdminRoute& route : routes)
      if (route.path == "/healthz") return route.handler({"/healthz", ""}).status;
    return 0;
  };
  EXPECT_EQ(health(), 503);
  metrics_->supervisor().supervisor.fill(::getppid(), kStartUs);
  EXPECT_EQ(health(), 200);
}

TEST_F(AdminRoutesTest, reload_reports_its_outcome) {
  reload_ = {true, "Generation 2 serves."};
  EXPECT_EQ(ask("/reload").status, 200);
  EXPECT_EQ(ask("/reload").body, "Generation 2 serves.\n");
  reload_ = {false, "site.conf:3: Listn: unknown directive\n"};
  EXPECT_EQ(ask("/reload").status, 500);
  EXPECT_EQ(ask("/reload").body, "site.conf:3: Listn: unknown directive\n");
}

TEST_F(AdminRoutesTest, readiness_names_what_is_missing) {
  SupervisorCounters& supervisor = metrics_->supervisor();
  EXPECT_EQ(ask("/readyz").status, 200);
  EXPECT_EQ(ask("/readyz").body, "The server is ready.\n");

  supervisor.ready.store(false);
  EXPECT_EQ(ask("/readyz").status, 503);
  EXPECT_EQ(why_not_ready(*metrics_),
            "Daemon group site is starting (1 of 2 processes are ready).");
  metrics_->process_slot(0, 1).fill(301, kStartUs);
  metrics_->process_slot(0, 1).state.store(ProcessState::ready);
  EXPECT_EQ(why_not_ready(*metrics_), "The server is starting.");

  supervisor.ready.store(true);
  metrics_->process_ended(0, 0);
  EXPECT_EQ(why_not_ready(*metrics_), "");  // its sibling lives
  metrics_->process_ended(0, 1);
  EXPECT_EQ(why_not_ready(*metrics_),
            "No process of daemon group site is running (0 of 2 processes).");
  metrics_->process_slot(0, 0).fill(302, kStartUs);  // starting: recycling does not take us out
  EXPECT_EQ(why_not_ready(*metrics_), "");

  metrics_->front_ended(0);
  EXPECT_EQ(why_not_ready(*metrics_), "");
  metrics_->front_ended(1);
  EXPECT_EQ(why_not_ready(*metrics_), "No front is running (0 of 2 processes).");
  supervisor.draining.store(true);
  EXPECT_EQ(why_not_ready(*metrics_), "The server is draining.");
}

TEST_F(AdminRoutesTest, status_json_tells_the_whole) {
  const AdminReply reply = ask("/status.json");
  EXPECT_EQ(reply.content_type, "application/json");
  const json::value status = json::parse(reply.body);
  EXPECT_EQ(status.at("version").as_string(), "1.2.3");
  EXPECT_EQ(status.at("ready").as_bool(), true);
  EXPECT_EQ(status.at("started").as_string(), "2026-11-23T00:00:00.000000Z");
  EXPECT_EQ(status.at("last_reload").at("ok").as_bool(), false);
  EXPECT_EQ(status.at("connections_open").as_int64(), 6);
  EXPECT_EQ(status.at("fronts").as_array().size(), 2U);
  const json::value& site = status.at("groups").at(0);
  EXPECT_EQ(site.at("name").as_string(), "site");
  EXPECT_EQ(site.at("waiting").as_int64(), 7);
  EXPECT_EQ(site.at("by_code_class").at("5xx").to_number<int>(), 1);
  EXPECT_EQ(site.at("queue_time_seconds").at("p95").as_double(), 0.004);
  const json::value& process = site.at("processes").at(0);
  EXPECT_EQ(process.at("pid").as_int64(), 300);
  EXPECT_EQ(process.at("threads_busy").as_int64(), 2);
  EXPECT_EQ(process.at("resident_bytes").to_number<std::uint64_t>(), 300ULL << 20U);
  EXPECT_EQ(site.at("processes").at(1).at("state").as_string(), "stopped");
  EXPECT_TRUE(status.at("groups").at(1).at("embedded").as_bool());
  EXPECT_TRUE(status.at("groups").at(1).at("processes").as_array().empty());
  const json::value& host = status.at("hosts").at(0);
  EXPECT_EQ(host.at("requests").to_number<int>(), 4);
  EXPECT_EQ(host.at("duration_seconds").at("p50").as_double(), 0.001);
  EXPECT_TRUE(host.at("duration_seconds").at("p99").is_null());  // over the last edge
  const json::value& exit = status.at("exits").at(0);
  EXPECT_EQ(exit.at("who").as_string(), "site/1");
  EXPECT_EQ(exit.at("how").as_string(), "signal 11 (Segmentation fault)");
  EXPECT_EQ(exit.at("reason").as_string(), "crash");
}

TEST_F(AdminRoutesTest, status_page_shows_and_needs_nothing_from_elsewhere) {
  const AdminReply reply = ask("/status");
  EXPECT_EQ(reply.content_type, "text/html; charset=utf-8");
  for (const char* shown : {"Daemon group site", "Embedded mode", "www.example.org:443", "ready",
                            "signal 11 (Segmentation fault)", "2 of 15 threads busy", "300 MiB"})
    EXPECT_THAT(reply.body, HasSubstr(shown));
  for (const char* absent : {"<script", "src=", "url(", "http://", "https://"})
    EXPECT_THAT(reply.body, Not(HasSubstr(absent)));
}

TEST(StatusPage, names_from_configuration_are_escaped) {
  const std::string evil = "<script>alert('x')</script>\"&";
  const auto metrics = SharedMetrics::create({1, {evil}, {{evil, 1, 1}}}).value();
  metrics->supervisor().exits.add({kStartUs, 1, 0, 0, ExitReason::crash, 0, 1});
  const std::string page = status_page(read_status(*metrics, {evil, evil}, sample_usage, kStartUs));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;/0"));
}

TEST(ProcessUsage, reads_the_stat_line_whatever_the_name_is) {
  const std::string line =
      "300 (a) b (c 9 9) S 100 300 300 0 -1 4194560 1000 0 0 0 250 50 0 0 20 0 7 0 12345 "
      "100000000 256 18446744073709551615 1 1 0\n";
  const auto usage = base::observe::parse_process_stat(line, 100, 4096);
  ASSERT_TRUE(usage);
  EXPECT_EQ(usage->cpu_user_seconds, 2.5);
  EXPECT_EQ(usage->cpu_system_seconds, 0.5);
  EXPECT_EQ(usage->threads, 7U);
  EXPECT_EQ(usage->resident_bytes, 256U * 4096);
  EXPECT_FALSE(base::observe::parse_process_stat("300 (a) S 1 2", 100, 4096));
  EXPECT_FALSE(base::observe::parse_process_stat("", 100, 4096));

  const auto own = base::observe::process_usage(::getpid());
  ASSERT_TRUE(own);
  EXPECT_GT(own->resident_bytes, 1U << 20U);
  EXPECT_GE(own->threads, 1U);
  EXPECT_FALSE(base::observe::process_usage(-1));
}

}  // namespace
}  // namespace appserver::metrics
