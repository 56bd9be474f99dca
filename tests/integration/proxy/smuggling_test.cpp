// SPDX-License-Identifier: Apache-2.0
// Whatever a client sends, the backend sees no other requests than those that the client was
// answered for.
#include "tests/integration/proxy/fixture.hpp"
#include "tests/integration/proxy/http2_client.hpp"
#include "tests/integration/proxy/tls_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using tests::proxy::Frame;
using tests::proxy::FrameType;
using tests::proxy::Http2Client;
using tests::proxy::ProxyWorld;
using tests::proxy::TlsClient;

constexpr std::uint32_t kProtocolError = 1;

TEST(ProxySmuggling, http1_requests_with_two_readings_are_refused) {
  const char* kAttacks[] = {
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: "
      "chunked\r\n\r\n0\r\n\r\nGET /evil HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: 44\r\n\r\nGET "
      "/evil HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
      "x\r\n\r\n0\r\n\r\nGET /evil HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding:\x0b"
      "chunked\r\n\r\n0\r\n\r\nGET /evil HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "POST / HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /evil "
      "HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\rGET /evil HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\n\r\nGET /evil HTTP/1.1\r\nHost: "
      "localhost\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: localhost, evil\r\n\r\n",
  };
  ProxyWorld world("hello");
  for (const char* attack : kAttacks) {
    TlsClient client(world.proxy().endpoint(), "http/1.1");
    client.send(attack);
    EXPECT_THAT(client.receive_all(), StartsWith("HTTP/1.1 4")) << attack;
  }
  EXPECT_TRUE(world.backend().kept().empty());
}

TEST(ProxySmuggling, http2_field_texts_cannot_become_lines) {
  const Http2Client::Fields kAttacks[] = {
      {{"x", "a\r\nevil: 1"}},
      {{"x", "a\nevil: 1"}},
      {{"x\r\nevil", "1"}},
      {{"x: y\r\nevil", "1"}},
      {{"Transfer-Encoding", "chunked"}},
      {{"transfer-encoding", "chunked"}},
      {{"connection", "close"}},
      {{"upgrade", "websocket"}},
      {{"host", "localhost"}, {"host", "localhost"}},
      {{"content-length", "3"}},  // and no body
      {{":path", "/evil"}},       // behind :path
  };
  ProxyWorld world("hello");
  for (const auto& attack : kAttacks) {
    Http2Client client(world.proxy().endpoint());
    client.request(1, "GET", true, attack);
    Frame reset;
    ASSERT_TRUE(client.wait_for(FrameType::rst_stream, 1, reset)) << attack[0].first;
    EXPECT_EQ(reset.number(0), kProtocolError) << attack[0].first;
  }
  EXPECT_TRUE(world.backend().kept().empty());
}

TEST(ProxySmuggling, http2_host_must_be_the_authority) {
  ProxyWorld world("hello");
  Http2Client client(world.proxy().endpoint());
  client.request(1, "GET", true, {{"host", "evil.test"}});
  Frame answer;
  ASSERT_TRUE(client.wait_for(FrameType::headers, 1, answer));
  EXPECT_THAT(answer.payload, Not(HasSubstr("hello")));
  EXPECT_TRUE(world.backend().kept().empty());
}

TEST(ProxySmuggling, http2_bodies_longer_or_shorter_than_announced_never_look_whole) {
  struct Case {
    const char* length;
    const char* body;
  };
  for (const Case& wanted : {Case{"3", "abcdefgGET /evil HTTP/1.1\r\n\r\n"}, Case{"30", "abc"}}) {
    ProxyWorld world("hello");
    Http2Client client(world.proxy().endpoint());
    client.request(1, "POST", false, {{"content-length", wanted.length}});
    client.send(tests::proxy::frame(FrameType::data, tests::proxy::kEndStream, 1, wanted.body));
    Frame reset;
    ASSERT_TRUE(client.wait_for(FrameType::rst_stream, 1, reset)) << wanted.length;
    EXPECT_EQ(reset.number(0), kProtocolError);
    // A second stream is served: the backend's connection was not left in the middle of a body.
    client.request(3, "GET", true);
    Frame data;
    ASSERT_TRUE(client.wait_for(FrameType::data, 3, data));
    EXPECT_EQ(data.payload, "hello");
    for (const auto& request : world.backend().kept()) {
      EXPECT_TRUE(request.head.starts_with("GET / ") || !request.whole) << request.head;
      EXPECT_THAT(request.body, Not(HasSubstr("evil")));
    }
  }
}

TEST(ProxySmuggling, truncated_tls_is_no_end_of_a_body) {
  ProxyWorld world("hello");
  TlsClient client(world.proxy().endpoint(), "http/1.1");
  client.send(
      "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  client.truncate();
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_TRUE(tests::support::eventually([&] { return !world.backend().kept().empty(); }));
  EXPECT_FALSE(world.backend().kept().back().whole);
}

TEST(ProxySmuggling, a_cut_response_is_visibly_cut) {
  ProxyWorld world([](tests::proxy::BackendConnection& connection) {
    std::string head;
    if (!connection.read_head(head)) return;
    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  });
  TlsClient client(world.proxy().endpoint(), "http/1.1");
  client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(client.receive_all(), Not(HasSubstr("\r\n0\r\n")));
  EXPECT_FALSE(client.ended_properly()) << "close_notify would say that all is well";
  Http2Client h2(world.proxy().endpoint());
  h2.request(1, "GET", true);
  Frame reset;
  EXPECT_TRUE(h2.wait_for(FrameType::rst_stream, 1, reset));
}

}  // namespace
