// SPDX-License-Identifier: Apache-2.0
// Starting, reloading, draining, stopping; and what a broken configuration is told.
#include "tests/integration/proxy/fixture.hpp"
#include "tests/integration/proxy/http2_client.hpp"
#include "tests/integration/proxy/tls_client.hpp"
#include "tests/support/raw_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <mutex>
#include <string>

namespace {

using testing::HasSubstr;
using testing::StartsWith;
using tests::proxy::BackendConnection;
using tests::proxy::Frame;
using tests::proxy::FrameType;
using tests::proxy::Http2Client;
using tests::proxy::ProxyWorld;
using tests::proxy::TlsClient;
using tests::support::eventually;

const std::string kProgram = std::string(GH_BIN_DIR) + "/gatehouse-proxy";

TEST(ProxyLifecycle, sigterm_finishes_what_runs_and_exits_0) {
  std::mutex gate;
  gate.lock();
  ProxyWorld world([&gate](BackendConnection& connection) {
    BackendConnection::Request request;
    while (connection.read_request(request)) {
      const std::lock_guard wait(gate);
      if (!connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")) return;
    }
  });
  TlsClient idle(world.proxy().endpoint(), "http/1.1");
  TlsClient busy(world.proxy().endpoint(), "http/1.1");
  busy.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  Http2Client h2(world.proxy().endpoint());
  h2.request(1, "GET", true);
  ASSERT_TRUE(
      eventually([&] { return world.proxy().metric("gatehouse_proxy_exchanges_active") == 2; }));
  world.proxy().process().signal(SIGTERM);
  EXPECT_EQ(idle.receive_all(), "");
  EXPECT_TRUE(idle.ended_properly());
  Frame goaway;
  EXPECT_TRUE(h2.wait_for(FrameType::goaway, 0, goaway));
  EXPECT_TRUE(world.proxy().process().running());
  gate.unlock();
  const std::string answer = busy.receive_all();
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(answer, HasSubstr("hello"));
  Frame data;
  EXPECT_TRUE(h2.wait_for(FrameType::data, 1, data));
  EXPECT_EQ(data.payload, "hello");
  const auto status = world.proxy().process().wait();
  ASSERT_TRUE(status);
  EXPECT_EQ(status->code, 0);
}

TEST(ProxyLifecycle, a_second_signal_stops_at_once) {
  ProxyWorld world([](BackendConnection& connection) { connection.read_to_end(); });
  TlsClient busy(world.proxy().endpoint(), "http/1.1");
  busy.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_TRUE(
      eventually([&] { return world.proxy().metric("gatehouse_proxy_exchanges_active") == 1; }));
  world.proxy().process().signal(SIGTERM);
  ASSERT_TRUE(world.proxy().process().wait_for("server.draining"));
  EXPECT_TRUE(world.proxy().process().running());
  world.proxy().process().signal(SIGTERM);
  const auto status = world.proxy().process().wait();
  ASSERT_TRUE(status);
  EXPECT_EQ(status->code, 0);
}

TEST(ProxyLifecycle, a_new_certificate_serves_new_connections_only) {
  ProxyWorld world("hello");
  TlsClient old(world.proxy().endpoint(), "http/1.1");
  EXPECT_EQ(old.common_name(), "localhost");
  // The same files, another certificate.
  (void)tests::support::make_certificate(world.proxy().dir(), "server", {"renewed.test"});
  const std::string admin = world.proxy().admin().text();
  const auto reload = tests::support::run({kProgram, "reload", "--admin", admin});
  EXPECT_EQ(reload.status.code, 0) << reload.errors;
  EXPECT_EQ(TlsClient(world.proxy().endpoint(), "http/1.1").common_name(), "renewed.test");
  old.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(old.receive_until("hello"), StartsWith("HTTP/1.1 200"));
  const auto status = tests::support::run({kProgram, "status", "--admin", admin});
  EXPECT_THAT(status.out, HasSubstr("\"reloads\": 1"));
}

TEST(ProxyLifecycle, a_bad_configuration_keeps_the_old_one_and_says_why) {
  ProxyWorld world("hello");
  const std::string file = world.proxy().configuration_file();
  const std::string good = tests::support::read_file(file);
  world.proxy().dir().write("site.conf", good + "NoSuchDirective on\n");
  world.proxy().process().signal(SIGHUP);
  EXPECT_TRUE(world.proxy().process().wait_for("server.reload_refused"));
  EXPECT_TRUE(world.proxy().process().wait_for("NoSuchDirective"));
  EXPECT_EQ(world.curl({}).out, "hello");
  world.proxy().dir().write("server.crt", "broken");
  world.proxy().dir().write("site.conf", good);
  const auto reload =
      tests::support::run({kProgram, "reload", "--admin", world.proxy().admin().text()});
  EXPECT_EQ(reload.status.code, 1);
  EXPECT_THAT(reload.errors, HasSubstr("SSLCertificateFile"));
  EXPECT_EQ(world.curl({}).out, "hello");
  EXPECT_EQ(world.proxy().metric("gatehouse_proxy_reloads_total", {"refused"}), 2);
}

TEST(ProxyLifecycle, configuration_errors_exit_2_and_a_taken_port_exits_1) {
  tests::support::TempDir dir;
  const std::string bad =
      dir.write("bad.conf", "Listen 127.0.0.1:0\nNoSuch 1\nSSLEngine perhaps\n");
  const auto errors = tests::support::run({kProgram, "run", "-f", bad});
  EXPECT_EQ(errors.status.code, 2);
  EXPECT_THAT(errors.errors, HasSubstr("bad.conf:2: NoSuch"));
  EXPECT_THAT(errors.errors, HasSubstr("bad.conf:3: SSLEngine"));
  EXPECT_EQ(tests::support::run({kProgram, "check", "-f", bad}).status.code, 2);
  EXPECT_EQ(tests::support::run({kProgram}).status.code, 2);
  EXPECT_EQ(tests::support::run({kProgram, "--version"}).status.code, 0);

  ProxyWorld world("hello");
  const std::string socket = world.proxy().unix_listener().text();
  const std::string taken = dir.write(
      "taken.conf", "Listen " + socket + "\nAdminListen unix:" + dir.path("a") + " proxy\n");
  const auto refused = tests::support::run({kProgram, "run", "-f", taken});
  EXPECT_EQ(refused.status.code, 1);
  EXPECT_THAT(refused.errors, HasSubstr("gatehouse-proxy: "));
}

TEST(ProxyLifecycle, a_plain_listener_and_a_unix_listener_serve_too) {
  ProxyWorld world("hello", "", false);
  const auto over_tcp = tests::support::get(world.proxy().endpoint(), "/");
  EXPECT_EQ(over_tcp.body, "hello");
  const auto over_unix = tests::support::get(world.proxy().unix_listener(), "/");
  EXPECT_EQ(over_unix.body, "hello");
  EXPECT_THAT(world.backend().kept().back().head,
              HasSubstr("Gatehouse-Hop: v=1;l=unix,0;c=unix,0;p=HTTP/1.1"));
}

TEST(ProxyLifecycle, proxy_pass_backends_get_no_private_field) {
  ProxyWorld world("app");
  const std::string path = world.proxy().dir().path("other.sock");
  tests::proxy::ScriptedBackend* self = nullptr;
  tests::proxy::ScriptedBackend other(path, tests::proxy::answer_all(self, "other"));
  self = &other;
  const std::string conf = tests::support::read_file(world.proxy().configuration_file());
  world.proxy().dir().write("site.conf",
                            conf + "ProxyPass /api/ \"unix:" + path + "|http://localhost/v1/\"\n");
  const auto reload =
      tests::support::run({kProgram, "reload", "--admin", world.proxy().admin().text()});
  ASSERT_EQ(reload.status.code, 0) << reload.errors;
  EXPECT_EQ(world.curl({}, "/api/x?y=1").out, "other");
  EXPECT_EQ(world.curl({}, "/else").out, "app");
  ASSERT_FALSE(other.kept().empty());
  EXPECT_THAT(other.kept().back().head, StartsWith("GET /v1/x?y=1 HTTP/1.1\r\n"));
  EXPECT_EQ(other.kept().back().head.find("Gatehouse-Hop"), std::string::npos);
}

}  // namespace
