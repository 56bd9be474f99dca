// SPDX-License-Identifier: Apache-2.0
// Large bodies both ways: whole, and never piled up in a process that waits for a slow end.
#include "tests/integration/sites.hpp"
#include "tests/support/proc.hpp"
#include "tests/support/servers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <thread>

namespace tests::integration {
namespace {

using support::AppServer;
using support::RawClient;

constexpr std::size_t kMiB = std::size_t{1} << 20U;

std::string own_apps() {
  return "WSGIScriptAlias /own/ ${SOURCE}/tests/integration/apps/\n"
         "<Directory ${SOURCE}/tests/integration/apps>\n  Require all granted\n</Directory>\n";
}

/// Resident memory of every process of a server now, and by how much the one that grew most has
/// grown since.
class Growth {
 public:
  explicit Growth(support::Process& process) : process_(process) {
    for (const pid_t pid : process.children()) before_[pid] = support::rss_bytes(pid);
  }
  [[nodiscard]] std::size_t worst() const {
    std::size_t out = 0;
    for (const pid_t pid : process_.children()) {
      const auto start = before_.find(pid);
      const std::size_t now = support::rss_bytes(pid);
      if (start != before_.end() && now > start->second) out = std::max(out, now - start->second);
    }
    return out;
  }

 private:
  support::Process& process_;
  std::map<pid_t, std::size_t> before_;
};

class Bodies : public testing::TestWithParam<bool> {
 protected:
  static std::string site() {
    return (GetParam() ? daemon_site("processes=1 threads=4") : embedded_site()) + own_apps();
  }
};
INSTANTIATE_TEST_SUITE_P(Modes, Bodies, testing::Values(true, false),
                         [](const auto& mode) { return mode.param ? "daemon" : "embedded"; });

TEST_P(Bodies, a_response_waits_for_its_reader) {
  AppServer server(site());
  for (int i = 0; i < 4; ++i)
    ASSERT_EQ(server.get("/own/big.wsgi?8").body.size(), 8 * kMiB);  // warm
  const Growth growth(server.process());
  RawClient client = server.connect();
  client.shrink_receive_buffer(4096);
  ASSERT_TRUE(client.send("GET /own/big.wsgi?1024 HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  (void)client.receive_until("\r\n\r\n");
  // While nobody reads, the application must come to a stop: its process uses no more CPU.
  double last = -1;
  ASSERT_TRUE(support::eventually([&] {
    double now = 0;
    for (const pid_t pid : server.process().children()) now += support::cpu_seconds(pid);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    return std::exchange(last, now) == now;
  }));
  EXPECT_LT(growth.worst(), 8 * kMiB);
  // And the stream goes on when somebody does.
  std::size_t got = 0;
  while (got < 256 * kMiB) got += client.receive().size();
  EXPECT_LT(growth.worst(), 8 * kMiB);
}

TEST_P(Bodies, an_upload_waits_for_the_application) {
  AppServer server(site());
  const std::string piece(kMiB, 'u');
  const std::string warm = "POST /apps/upload.wsgi HTTP/1.1\r\nHost: localhost\r\nContent-Length: ";
  for (int i = 0; i < 4; ++i) {
    RawClient client = server.connect();
    ASSERT_TRUE(client.send(warm + std::to_string(4 * kMiB) + "\r\n\r\n"));
    for (int n = 0; n < 4; ++n) ASSERT_TRUE(client.send(piece));
    ASSERT_EQ(client.read_response().status, 200);
  }
  const Growth growth(server.process());
  RawClient client = server.connect();
  const std::string gate = server.dir().path("gate");
  constexpr std::size_t kSize = 256 * kMiB;
  ASSERT_TRUE(client.send(
      "POST /own/read_some.wsgi?" + gate +
      " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(kSize) + "\r\n\r\n"));
  // Push until nothing more goes in for a while: the buffers on the way are full, and small.
  std::size_t sent = 0;
  for (int quiet = 0; quiet < 20;) {
    const std::size_t count =
        client.send_available(std::string_view(piece).substr(0, std::min(kMiB, kSize - sent)));
    sent += count;
    quiet = count > 0 ? 0 : quiet + 1;
    if (count == 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_LT(sent, 16 * kMiB);
  EXPECT_LT(growth.worst(), 8 * kMiB);
  server.dir().write("gate", "");
  while (sent < kSize) {
    const std::size_t count = std::min(kMiB, kSize - sent);
    ASSERT_TRUE(client.send(std::string_view(piece).substr(0, count)));
    sent += count;
  }
  EXPECT_EQ(client.read_response().body, std::to_string(kSize));
  EXPECT_LT(growth.worst(), 8 * kMiB);
}

TEST_P(Bodies, a_body_that_the_application_ignores_does_not_harm_the_next_request) {
  const AppServer server(site());
  RawClient client = server.connect();
  const std::string body(200'000, 'x');
  ASSERT_TRUE(
      client.send("POST /apps/ignore_body.wsgi HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
                  std::to_string(body.size()) + "\r\n\r\n" + body));
  const support::HttpResponse first = client.read_response();
  EXPECT_EQ(first.body, "not read\n");
  if (first.field("Connection").value_or("") == "close") {
    EXPECT_TRUE(client.closed_by_peer());
    return;
  }
  ASSERT_TRUE(client.send("GET /apps/hello.wsgi HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  EXPECT_EQ(client.read_response().body, "Hello, World!");
}

}  // namespace
}  // namespace tests::integration
