// SPDX-License-Identifier: Apache-2.0
// Daemon processes killed under load: every request is answered or visibly failed, none hangs, the
// counters are right.
#include "tests/integration/sites.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/servers.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <csignal>
#include <random>
#include <thread>

namespace tests::integration {
namespace {

using support::AppServer;
using support::HttpResponse;
using support::RawClient;

struct Counts {
  std::atomic<int> ok = 0;
  std::atomic<int> bad_gateway = 0;
  std::atomic<int> cut = 0;
  std::atomic<int> other = 0;
  std::atomic<int> late = 0;  // answered 502 more than a second after it was asked
  std::atomic<int> hung = 0;  // no answer at all
};

HttpResponse ask(RawClient& client, bool slow) {
  const bool sent = client.send(slow ? "GET /apps/sleep.wsgi?20 HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                     : "GET /apps/hello.wsgi HTTP/1.1\r\nHost: localhost\r\n\r\n");
  return sent ? client.read_response() : HttpResponse{};
}

void ask_many(const AppServer& server, int requests, Counts& counts) {
  std::unique_ptr<RawClient> client;
  for (int i = 0; i < requests; ++i) {
    if (!client) client = std::make_unique<RawClient>(server.endpoint());
    const bool slow = i % 20 == 0;
    const auto start = std::chrono::steady_clock::now();
    HttpResponse response;
    try {
      response = ask(*client, slow);
    } catch (const std::exception&) {
      ++counts.hung;
      client.reset();
      continue;
    }
    if (response.status == 200 && response.complete) {
      ++counts.ok;
    } else if (response.status == 502 && response.complete) {
      ++counts.bad_gateway;
      if (std::chrono::steady_clock::now() - start > std::chrono::seconds(1)) ++counts.late;
    } else if (!response.complete) {
      ++counts.cut;
    } else {
      ++counts.other;
    }
    if (!response.complete || response.field("Connection").value_or("") == "close") client.reset();
  }
}

TEST(DaemonDeath, every_request_is_answered_or_visibly_failed) {
  constexpr int kClients = 8;
  constexpr int kRequests = 1500;
  AppServer server(daemon_site("processes=3 threads=4"));
  Counts counts;
  std::atomic<int> running = kClients;
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i)
    clients.emplace_back([&] {
      ask_many(server, kRequests, counts);
      --running;
    });
  std::mt19937 dice(1);
  int kills = 0;
  while (running > 0) {
    // Only out of a whole group: killing faster than processes start would test nothing but
    // waiting.
    if (server.metric("gatehouse_daemon_processes", {"group=\"app\""}) < 3) continue;
    const auto daemons = server.processes_named("wsgi:app");
    if (!daemons.empty()) kills += ::kill(daemons[dice() % daemons.size()], SIGKILL) == 0 ? 1 : 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  for (std::thread& client : clients) client.join();

  ASSERT_GT(kills, 2) << "no daemon was found to kill";
  EXPECT_EQ(counts.ok + counts.bad_gateway + counts.cut, kClients * kRequests);
  EXPECT_EQ(counts.other, 0);
  EXPECT_EQ(counts.hung, 0) << server.metrics() << server.log();
  EXPECT_EQ(counts.late, 0);
  EXPECT_GT(counts.ok, kClients * kRequests * 8 / 10);
  // What clients saw and what the counters say are the same.
  EXPECT_EQ(server.metric("gatehouse_requests_crashed_total", {"group=\"app\""}),
            counts.bad_gateway);
  EXPECT_EQ(server.metric("gatehouse_responses_truncated_total", {"group=\"app\""}), counts.cut);
  EXPECT_EQ(server.metric("gatehouse_requests_total", {"group=\"app\"", "code_class=\"2xx\""}),
            counts.ok + counts.cut);
  EXPECT_TRUE(support::eventually([&] {
    return server.metric("gatehouse_daemon_processes", {"group=\"app\""}) == 3 &&
           server.metric("gatehouse_requests_active", {"group=\"app\""}) == 0;
  }));
}

TEST(DaemonDeath, a_running_request_fails_at_once_and_its_neighbours_finish) {
  AppServer server(daemon_site("processes=2 threads=1"));
  RawClient first = server.connect();
  RawClient second = server.connect();
  const std::string ask = "GET /apps/sleep.wsgi?1500 HTTP/1.1\r\nHost: localhost\r\n\r\n";
  ASSERT_TRUE(first.send(ask));
  ASSERT_TRUE(second.send(ask));
  ASSERT_TRUE(support::eventually([&] {
    return server.metric("gatehouse_threads", {"group=\"app\"", "state=\"busy\""}) == 2;
  }));
  const auto daemons = server.processes_named("wsgi:app");
  ASSERT_EQ(daemons.size(), 2U);
  ASSERT_EQ(::kill(daemons[0], SIGKILL), 0);
  const auto killed = std::chrono::steady_clock::now();
  // One of the two fails now, the other sleeps to its end.
  const std::array<RawClient*, 2> clients{&first, &second};
  int failed = 0;
  for (RawClient* client : clients) {
    const HttpResponse response = client->read_response();
    if (response.status == 502) ++failed;
    EXPECT_TRUE(response.status == 502 || response.status == 200) << response.status;
  }
  EXPECT_EQ(failed, 1);
  EXPECT_LT(std::chrono::steady_clock::now() - killed, std::chrono::seconds(10));
  EXPECT_TRUE(server.process().wait_for("signal=9"));
}

}  // namespace
}  // namespace tests::integration
