// SPDX-License-Identifier: Apache-2.0
// Metrics tell the truth when they are needed most: with every worker busy, and across the
// recycling of processes.
#include "tests/integration/sites.hpp"
#include "tests/support/servers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tests::integration {
namespace {

using support::AppServer;
using support::RawClient;

const std::string kGroup = "group=\"app\"";

TEST(Metrics, are_answered_and_right_while_every_worker_is_busy) {
  AppServer server(daemon_site("processes=2 threads=2"));
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 7; ++i) {  // four run, three wait
    clients.push_back(std::make_unique<RawClient>(server.endpoint()));
    ASSERT_TRUE(
        clients.back()->send("GET /apps/sleep.wsgi?3000 HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  }
  EXPECT_TRUE(support::eventually([&] {
    return server.metric("gatehouse_threads", {kGroup, "state=\"busy\""}) == 4 &&
           server.metric("gatehouse_requests_waiting", {kGroup}) == 3;
  })) << server.metrics();
  EXPECT_EQ(server.metric("gatehouse_threads", {kGroup, "state=\"idle\""}), 0);
  EXPECT_EQ(server.metric("gatehouse_capacity_utilization_ratio", {kGroup}), 1);
  EXPECT_EQ(support::get(server.admin(), "/healthz").status, 200);
  for (auto& client : clients) EXPECT_EQ(client->read_response().body, "slept\n");
  EXPECT_TRUE(support::eventually([&] {
    return server.metric("gatehouse_threads", {kGroup, "state=\"busy\""}) == 0;
  }));
  EXPECT_EQ(server.metric("gatehouse_requests_total", {kGroup, "code_class=\"2xx\""}), 7);
  EXPECT_EQ(server.metric("gatehouse_queue_time_seconds_count", {kGroup}), 7);
  EXPECT_GE(server.metric("gatehouse_queue_time_seconds_sum", {kGroup}), 3 * 2.5)
      << "three waited for three seconds";
  EXPECT_LT(server.metric("gatehouse_queue_time_seconds_sum", {kGroup}), 3 * 4.5);
}

TEST(Metrics, count_on_when_processes_are_recycled) {
  AppServer server(daemon_site("processes=1 threads=2 maximum-requests=10"));
  double last = 0;
  for (int i = 1; i <= 60; ++i) {
    ASSERT_EQ(server.get("/apps/hello.wsgi").status, 200);
    const double now = server.metric("gatehouse_requests_total", {kGroup});
    ASSERT_GE(now, last);
    last = now;
  }
  EXPECT_EQ(server.metric("gatehouse_requests_total", {kGroup, "code_class=\"2xx\""}), 60);
  EXPECT_TRUE(support::eventually([&] {
    return server.metric("gatehouse_daemon_restarts_total",
                         {kGroup, "reason=\"maximum_requests\""}) >= 4;
  })) << server.metrics();
}

TEST(Metrics, requests_are_told_apart_by_host_method_and_class) {
  AppServer server(daemon_site() + static_site());
  server.dir().write("files/a", "a");
  (void)server.get("/files/a");
  (void)server.get("/files/none");
  (void)support::fetch(server.endpoint(), "POST", "/apps/echo.wsgi", "", "x");
  (void)support::fetch(server.endpoint(), "BREW", "/apps/hello.wsgi");
  const auto count = [&](const std::string& method, const std::string& code) {
    return server.metric("gatehouse_http_requests_total",
                         {"method=\"" + method + "\"", "code_class=\"" + code + "\""});
  };
  EXPECT_EQ(count("GET", "2xx"), 1);
  EXPECT_EQ(count("GET", "4xx"), 1);
  EXPECT_EQ(count("POST", "2xx"), 1);
  EXPECT_EQ(count("OTHER", "2xx"), 1);
  EXPECT_EQ(server.metric("gatehouse_http_request_duration_seconds_count"), 4);
}

TEST(Metrics, are_what_promtool_would_accept) {
  AppServer server(daemon_site());
  (void)server.get("/apps/hello.wsgi");
  std::istringstream lines(server.metrics());
  std::string family;
  int samples = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("# TYPE ", 0) == 0) family = line.substr(7, line.find(' ', 7) - 7);
    if (line.empty() || line[0] == '#') continue;
    ++samples;
    EXPECT_EQ(line.rfind(family, 0), 0U) << line << " stands outside its family " << family;
    EXPECT_THAT(line,
                testing::MatchesRegex("[a-zA-Z_:][a-zA-Z0-9_:]*(\\{[^}]*\\})? [-+0-9.eEinfNa]+"));
  }
  EXPECT_GT(samples, 30);
}

}  // namespace
}  // namespace tests::integration
