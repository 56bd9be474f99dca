// SPDX-License-Identifier: Apache-2.0
// Slow readers and fast uploaders: what the proxy holds of a gigabyte stays small.
#include "tests/integration/proxy/fixture.hpp"
#include "tests/integration/proxy/http2_client.hpp"
#include "tests/support/proc.hpp"

#include <gtest/gtest.h>

#include <poll.h>
#include <string>

namespace {

using tests::proxy::BackendConnection;
using tests::proxy::FrameType;
using tests::proxy::Http2Client;
using tests::proxy::ProxyWorld;
using tests::proxy::TlsClient;

constexpr std::size_t kMostGrowth = 8U << 20U;

TEST(ProxyMemory, a_gigabyte_that_nobody_reads_is_not_buffered) {
  ProxyWorld world([](BackendConnection& connection) {
    std::string head;
    if (!connection.read_head(head)) return;
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n");
    const std::string piece(1U << 20U, 'x');
    for (int i = 0; i < 1024; ++i) {
      if (!connection.send(piece)) return;
    }
  });
  (void)world.curl({"--http2", "--max-time", "1", "-o", "/dev/null"});
  const pid_t pid = world.proxy().process().pid();
  const std::size_t before = tests::support::rss_bytes(pid);
  TlsClient http1(world.proxy().endpoint(), "http/1.1");
  http1.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  (void)http1.receive();
  Http2Client http2(world.proxy().endpoint());
  // Windows of 2^31-1: HTTP/2's own flow control does not help.
  http2.send(tests::proxy::frame(FrameType::settings, 0, 0,
                                 std::string("\0\4", 2) + tests::proxy::u32(0x7fffffff)) +
             tests::proxy::frame(FrameType::window_update, 0, 0, tests::proxy::u32(0x7fff0000)));
  http2.request(1, "GET", true);
  tests::proxy::Frame data;
  ASSERT_TRUE(http2.wait_for(FrameType::data, 1, data));
  // Both responses stand still: the counter of bytes sent has stopped although the backend has
  // more.
  double last = -1;
  ASSERT_TRUE(tests::support::eventually([&] {
    const double now = tests::support::cpu_seconds(pid);
    const bool still = now == last;
    last = now;
    return still && tests::support::rss_bytes(pid) > 0;
  }));
  EXPECT_LT(tests::support::rss_bytes(pid), before + kMostGrowth);
}

TEST(ProxyMemory, an_upload_that_the_backend_does_not_read_is_not_buffered) {
  ProxyWorld world([](BackendConnection& connection) {
    std::string head;
    if (!connection.read_head(head)) return;
    // Not a byte of the body until the proxy closes.
    pollfd waiting{connection.fd(), POLLRDHUP, 0};
    (void)::poll(&waiting, 1, -1);
  });
  const pid_t pid = world.proxy().process().pid();
  const std::size_t before = tests::support::rss_bytes(pid);
  tests::support::Process curl(
      {"curl", "-sSk", "--http1.1", "-T", "/dev/zero", world.proxy().url("/")});
  tests::support::Process curl2(
      {"curl", "-sSk", "--http2", "-T", "/dev/zero", world.proxy().url("/")});
  ASSERT_TRUE(tests::support::eventually(
      [&] { return world.proxy().metric("gatehouse_proxy_backend_connections_open") == 2; }));
  double last = -1;
  ASSERT_TRUE(tests::support::eventually([&] {
    const double now = tests::support::cpu_seconds(pid);
    const bool still = now == last;
    last = now;
    return still;
  }));
  EXPECT_LT(tests::support::rss_bytes(pid), before + kMostGrowth);
}

}  // namespace
