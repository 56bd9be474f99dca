// SPDX-License-Identifier: Apache-2.0
// SIGTERM: what runs is finished, nothing new is accepted, no process stays, exit status 0.
#include "tests/integration/sites.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/servers.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace tests::integration {
namespace {

using support::AppServer;
using support::ExitStatus;
using support::HttpResponse;
using support::RawClient;

class Drain : public testing::TestWithParam<bool> {
 protected:
  static std::string site() { return GetParam() ? daemon_site() : embedded_site(); }
  static bool asked(const AppServer& server) {
    return support::eventually([&] { return server.metric("gatehouse_requests_active") >= 1; });
  }
};
INSTANTIATE_TEST_SUITE_P(Modes, Drain, testing::Values(true, false),
                         [](const auto& mode) { return mode.param ? "daemon" : "embedded"; });

TEST_P(Drain, a_running_request_is_finished_first) {
  AppServer server(site());
  RawClient idle = server.connect();
  ASSERT_TRUE(idle.send("GET /apps/hello.wsgi HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  ASSERT_EQ(idle.read_response().status, 200);
  RawClient client = server.connect();
  ASSERT_TRUE(client.send("GET /apps/drip.wsgi?2,1000 HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  (void)client.receive_until("line 0\n");
  const std::vector<pid_t> children = server.process().children();
  server.process().signal(SIGTERM);
  EXPECT_TRUE(idle.closed_by_peer()) << "a connection without a request has nothing to wait for";
  EXPECT_NE(client.receive_all().find("line 1\n"), std::string::npos);
  EXPECT_EQ(server.process().wait(), (ExitStatus{0, 0})) << server.log();
  for (const pid_t pid : children) EXPECT_NE(support::process_state(pid), 'S') << pid;
  EXPECT_THROW(RawClient{server.endpoint()}, std::runtime_error) << "nobody listens any more";
}

TEST_P(Drain, readiness_turns_false_first) {
  AppServer server(site());
  RawClient client = server.connect();
  ASSERT_TRUE(client.send("GET /apps/sleep.wsgi?3000 HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  ASSERT_TRUE(asked(server));
  server.process().signal(SIGTERM);
  bool seen = false;
  (void)support::eventually([&] {
    try {
      seen = support::get(server.admin(), "/readyz").status == 503;
    } catch (const std::exception&) {
      return true;
    }
    return seen;
  });
  EXPECT_TRUE(seen);
  EXPECT_EQ(client.read_response().body, "slept\n");
  EXPECT_EQ(server.process().wait(), (ExitStatus{0, 0}));
}

TEST_P(Drain, a_second_signal_stops_now) {
  AppServer server(site());
  RawClient client = server.connect();
  ASSERT_TRUE(client.send("GET /apps/sleep.wsgi?60000 HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  ASSERT_TRUE(asked(server));
  server.process().signal(SIGTERM);
  ASSERT_TRUE(server.process().wait_for("server.stopping"));
  server.process().signal(SIGTERM);
  EXPECT_TRUE(server.process().wait(std::chrono::seconds(5)).has_value());
  EXPECT_TRUE(client.closed_by_peer());
}

TEST_P(Drain, an_idle_server_stops_at_once) {
  AppServer server(site());
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(server.process().terminate(), (ExitStatus{0, 0}));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(4));
}

}  // namespace
}  // namespace tests::integration
