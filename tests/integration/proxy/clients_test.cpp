// SPDX-License-Identifier: Apache-2.0
// The proxy as real clients meet it: curl, nghttp, h2load, openssl s_client.
#include "tests/integration/proxy/fixture.hpp"
#include "tests/integration/proxy/tls_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace {

using testing::HasSubstr;
using testing::Not;
using tests::proxy::BackendConnection;
using tests::proxy::ProxyWorld;
using tests::proxy::TlsClient;

TEST(ProxyClients, curl_speaks_both_versions) {
  ProxyWorld world("hello");
  for (const char* version : {"--http1.1", "--http2"}) {
    const auto done = world.curl({version, "-w", " %{http_version} %{http_code}"});
    EXPECT_EQ(done.status.code, 0) << done.errors;
    EXPECT_EQ(done.out, std::string(version) == "--http2" ? "hello 2 200" : "hello 1.1 200");
  }
  EXPECT_EQ(world.proxy().metric("gatehouse_proxy_http_requests_total",
                                 {"code_class=\"2xx\"", "method=\"GET\""}),
            2);
  EXPECT_EQ(world.proxy().metric("gatehouse_proxy_tls_handshakes_total", {"result=\"full\""}), 2);
  EXPECT_EQ(world.proxy().metric("gatehouse_proxy_http2_streams_total"), 1);
}

TEST(ProxyClients, uploads_arrive_whole_with_and_without_a_length) {
  ProxyWorld world("ok");
  const std::string file = world.proxy().dir().write("upload", std::string(3'000'000, 'u'));
  for (const char* version : {"--http1.1", "--http2"}) {
    for (const char* how : {"--data-binary", "-T"}) {
      const std::string source = std::string(how) == "-T" ? "-" : "@" + file;
      tests::support::ProcessOptions options;
      if (source == "-") options.input = std::string(3'000'000, 'u');
      const auto done = tests::support::run(
          {"curl", "-sSk", "--max-time", "30", version, how, source, world.proxy().url("/")},
          options);
      EXPECT_EQ(done.out, "ok") << version << how << done.errors;
      const auto kept = world.backend().kept();
      ASSERT_FALSE(kept.empty());
      EXPECT_TRUE(kept.back().whole) << version << how;
      EXPECT_EQ(kept.back().body.size(), 3'000'000U) << version << how;
    }
  }
}

TEST(ProxyClients, nghttp_and_h2load_are_content) {
  ProxyWorld world("hello");
  const auto nghttp = tests::support::run({"nghttp", "-nv", world.proxy().url("/")});
  EXPECT_THAT(nghttp.out, HasSubstr(":status: 200"));
  EXPECT_THAT(nghttp.out, Not(HasSubstr("RST_STREAM")));
  const auto load = tests::support::run(
      {"h2load", "-n", "2000", "-c", "4", "-m", "32", "-t", "1", world.proxy().url("/")});
  EXPECT_THAT(load.out, HasSubstr("2000 succeeded, 0 failed, 0 errored"));
  EXPECT_EQ(world.proxy().metric("gatehouse_proxy_exchanges_active"), 0);
}

TEST(ProxyClients, tls_versions_and_certificates_by_name) {
  tests::support::TempDir dir;
  const auto other = tests::support::make_certificate(dir, "other", {"other.test"});
  ProxyWorld world(
      "hello",
      "<VirtualHost *>\nServerName localhost\nSSLEngine on\nSSLCertificateFile ${CERT}\n"
      "SSLCertificateKeyFile ${KEY}\n</VirtualHost>\n<VirtualHost *>\nServerName "
      "other.test\nSSLEngine on\n"
      "SSLCertificateFile " +
          other.certificate_file + "\nSSLCertificateKeyFile " + other.key_file +
          "\n</VirtualHost>\n");
  const auto& endpoint = world.proxy().endpoint();
  EXPECT_EQ(TlsClient(endpoint, "h2", "other.test").common_name(), "other.test");
  EXPECT_EQ(TlsClient(endpoint, "h2", "OTHER.test").common_name(), "other.test");
  EXPECT_EQ(TlsClient(endpoint, "h2", "localhost").common_name(), "localhost");
  EXPECT_EQ(TlsClient(endpoint, "h2", "unknown.test").common_name(), "localhost");
  EXPECT_EQ(TlsClient(endpoint, "h2", "").alpn(), "h2");
  EXPECT_EQ(TlsClient(endpoint, "", "").alpn(), "");
  EXPECT_EQ(TlsClient(endpoint, "http/1.1", "localhost", TLS1_2_VERSION).version(), "TLSv1.2");
  EXPECT_THROW(TlsClient(endpoint, "http/1.1", "localhost", TLS1_1_VERSION), std::runtime_error);
  EXPECT_THROW(TlsClient(endpoint, "spdy/3", "localhost"), std::runtime_error)
      << "no protocol in common";
  // A request for a host with another certificate than the connection's is misdirected.
  TlsClient client(endpoint, "http/1.1", "localhost");
  client.send("GET / HTTP/1.1\r\nHost: other.test\r\n\r\n");
  EXPECT_THAT(client.receive_until("\r\n\r\n"), HasSubstr("HTTP/1.1 421 "));
}

TEST(ProxyClients, sessions_are_resumed_by_ticket) {
  ProxyWorld world("hello");
  const std::string address = "127.0.0.1:" + std::to_string(world.proxy().endpoint().port);
  const std::string session = world.proxy().dir().path("session");
  tests::support::ProcessOptions options;
  options.input = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  // -ign_eof: reads to the end, so that the ticket has come before the session is written.
  (void)tests::support::run(
      {"openssl", "s_client", "-connect", address, "-ign_eof", "-sess_out", session}, options);
  const auto again = tests::support::run(
      {"openssl", "s_client", "-connect", address, "-ign_eof", "-sess_in", session}, options);
  EXPECT_THAT(again.out, HasSubstr("Reused, TLSv1.3"));
  EXPECT_THAT(again.out, HasSubstr("hello"));
}

TEST(ProxyClients, spoofed_fields_never_reach_the_application) {
  ProxyWorld world("hello");
  for (const char* version : {"--http1.1", "--http2"}) {
    const auto done =
        world.curl({version, "-H", "X-Forwarded-For: 6.6.6.6", "-H", "Forwarded: for=6.6.6.6", "-H",
                    "X-Real-IP: 6.6.6.6", "-H", "X_Forwarded_For: 6.6.6.6", "-H",
                    "Gatehouse-Hop: v=1;l=6.6.6.6,1", "-H", "X-Request-ID: 6.6.6.6"});
    EXPECT_EQ(done.out, "hello");
    const std::string head = world.backend().kept().back().head;
    EXPECT_THAT(head, Not(HasSubstr("6.6.6.6"))) << version;
    EXPECT_THAT(head, HasSubstr("\r\nX-Forwarded-For: 127.0.0.1\r\n")) << version;
    EXPECT_THAT(head, HasSubstr("\r\nX-Forwarded-Proto: https\r\n")) << version;
    EXPECT_THAT(head, HasSubstr("\r\nGatehouse-Hop: v=1;l=127.0.0.1,")) << version;
  }
  EXPECT_EQ(world.proxy().metric("gatehouse_proxy_forwarded_fields_dropped_total"), 12);
}

TEST(ProxyClients, trusted_clients_are_believed) {
  ProxyWorld world("hello", "GatehouseTrustedProxies 127.0.0.0/8\n");
  (void)world.curl({"-H", "X-Forwarded-For: 198.51.100.9", "-H", "X-Request-ID: from-outside"});
  const std::string head = world.backend().kept().back().head;
  EXPECT_THAT(head, HasSubstr("\r\nX-Forwarded-For: 198.51.100.9, 127.0.0.1\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nX-Request-ID: from-outside\r\n"));
}

}  // namespace
