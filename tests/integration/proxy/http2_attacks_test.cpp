// SPDX-License-Identifier: Apache-2.0
// Broken and hostile HTTP/2: the right error, a bounded cost, and everybody else is still served.
#include "tests/integration/proxy/fixture.hpp"
#include "tests/integration/proxy/http2_client.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using tests::proxy::Frame;
using tests::proxy::frame;
using tests::proxy::FrameType;
using tests::proxy::hpack;
using tests::proxy::Http2Client;
using tests::proxy::ProxyWorld;
using tests::proxy::u32;

constexpr std::uint32_t kProtocolError = 1;
constexpr std::uint32_t kFlowControlError = 3;
constexpr std::uint32_t kFrameSizeError = 6;
constexpr std::uint32_t kCompressionError = 9;
constexpr std::uint32_t kEnhanceYourCalm = 11;

TEST(ProxyHttp2Attacks, frames_that_break_the_rules_end_the_connection) {
  struct Case {
    const char* rule;
    std::string bytes;
    std::uint32_t error;
  };
  const std::string head = hpack(
      {{":method", "GET"}, {":scheme", "https"}, {":authority", "localhost"}, {":path", "/"}});
  const Case kCases[] = {
      {"4.2 SETTINGS with an odd length", frame(FrameType::settings, 0, 0, "abc"), kFrameSizeError},
      {"5.1.1 even stream", frame(FrameType::headers, 5, 2, head), kProtocolError},
      {"6.1 DATA on stream 0", frame(FrameType::data, 0, 0, "x"), kProtocolError},
      {"6.1 DATA on an idle stream", frame(FrameType::data, 0, 5, "x"), kProtocolError},
      {"6.2 HEADERS on stream 0", frame(FrameType::headers, 5, 0, head), kProtocolError},
      {"6.4 RST_STREAM on an idle stream", frame(FrameType::rst_stream, 0, 7, u32(8)),
       kProtocolError},
      {"6.5 SETTINGS on a stream", frame(FrameType::settings, 0, 1), kProtocolError},
      {"6.6 PUSH_PROMISE from a client", frame(FrameType::push_promise, 4, 1, u32(2) + head),
       kProtocolError},
      {"6.7 PING of 7 bytes", frame(FrameType::ping, 0, 0, "1234567"), kFrameSizeError},
      {"6.9 WINDOW_UPDATE of 0", frame(FrameType::window_update, 0, 0, u32(0)), kProtocolError},
      {"6.9.1 window over 2^31-1", frame(FrameType::window_update, 0, 0, u32(0x7fffffff)),
       kFlowControlError},
      {"6.10 CONTINUATION without HEADERS", frame(FrameType::continuation, 4, 1, head),
       kProtocolError},
      {"4.3 HEADERS, then not CONTINUATION",
       frame(FrameType::headers, 1, 1, head) + frame(FrameType::ping, 0, 0, "12345678"),
       kProtocolError},
      {"4.3 bad HPACK index", frame(FrameType::headers, 5, 1, "\xff\xff\xff\xff\x0f"),
       kCompressionError},
  };
  ProxyWorld world("hello");
  for (const Case& wanted : kCases) {
    Http2Client client(world.proxy().endpoint());
    client.send(wanted.bytes);
    std::uint32_t error = 0;
    EXPECT_TRUE(client.goaway(error)) << wanted.rule;
    EXPECT_EQ(error, wanted.error) << wanted.rule;
  }
  EXPECT_TRUE(world.backend().kept().empty());
  EXPECT_EQ(world.curl({"--http2"}).out, "hello") << "others are served as before";
}

TEST(ProxyHttp2Attacks, what_is_not_http2_is_told_so) {
  ProxyWorld world("hello");
  tests::proxy::TlsClient client(world.proxy().endpoint(), "h2");
  client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(client.receive_all().find("HTTP/1.1 200"), std::string::npos);
  EXPECT_TRUE(world.backend().kept().empty());
}

// Sends `bytes` made by `next(i)` until the proxy has had enough.
template <class Next>
bool is_calmed(ProxyWorld& world, Next next, int most) {
  Http2Client client(world.proxy().endpoint());
  for (int i = 0; i < most; ++i) {
    if (!client.send(next(i))) break;
  }
  std::uint32_t error = 0;
  return client.goaway(error) && error == kEnhanceYourCalm;
}

TEST(ProxyHttp2Attacks, floods_end_with_enhance_your_calm) {
  ProxyWorld world("hello");
  const std::string head = hpack(
      {{":method", "GET"}, {":scheme", "https"}, {":authority", "localhost"}, {":path", "/"}});
  EXPECT_TRUE(is_calmed(
      world, [](int) { return frame(FrameType::ping, 0, 0, "12345678"); }, 200))
      << "PING";
  EXPECT_TRUE(is_calmed(
      world, [](int) { return frame(FrameType::settings, 0, 0); }, 100))
      << "SETTINGS";
  EXPECT_TRUE(is_calmed(
      world, [](int i) { return frame(FrameType::priority, 0, 1, u32(0) + char(i)); }, 1200))
      << "PRIORITY";
  EXPECT_TRUE(is_calmed(
      world,
      [&](int i) {
        const auto stream = static_cast<std::uint32_t>(2 * i + 1);
        return frame(FrameType::headers, 5, stream, head) +
               frame(FrameType::rst_stream, 0, stream, u32(8));
      },
      400))
      << "rapid reset";
  EXPECT_TRUE(is_calmed(
      world,
      [&](int i) {
        return i == 0 ? frame(FrameType::headers, 4, 1, head) : frame(FrameType::data, 0, 1);
      },
      300))
      << "empty DATA";
  EXPECT_EQ(world.proxy().metric("gatehouse_proxy_http2_floods_total"), 5);
  EXPECT_EQ(world.curl({"--http2"}).out, "hello");
  EXPECT_TRUE(tests::support::eventually(
      [&] { return world.proxy().metric("gatehouse_proxy_exchanges_active") == 0; }));
}

TEST(ProxyHttp2Attacks, a_header_bomb_ends_the_connection_and_a_large_list_gets_431) {
  ProxyWorld world("hello");
  Http2Client large(world.proxy().endpoint());
  Http2Client::Fields fields;
  for (int i = 0; i < 250; ++i) fields.emplace_back("x-" + std::to_string(i), "v");
  large.request(1, "GET", true, fields);
  Frame answer;
  ASSERT_TRUE(large.wait_for(FrameType::headers, 1, answer));
  EXPECT_NE(answer.payload.find("431"), std::string::npos);

  // One entry in the dynamic table, named a few bytes at a time: 4,000 bytes for each byte sent.
  Http2Client bomb(world.proxy().endpoint());
  std::string block = hpack(
      {{":method", "GET"}, {":scheme", "https"}, {":authority", "localhost"}, {":path", "/"}});
  block += '\x40';
  block += "\x01x\x7f\xa1\x1e" + std::string(4000, 'v');
  block += std::string(8000, '\xbe');
  bomb.send(frame(FrameType::headers, 5, 1, block));
  std::uint32_t error = 0;
  EXPECT_TRUE(bomb.goaway(error));
  EXPECT_EQ(error, kEnhanceYourCalm);
  EXPECT_TRUE(world.backend().kept().empty());
}

TEST(ProxyHttp2Attacks, more_streams_than_announced_are_refused) {
  ProxyWorld world([](tests::proxy::BackendConnection& connection) { connection.read_to_end(); });
  Http2Client client(world.proxy().endpoint());
  for (std::uint32_t i = 0; i < 129; ++i) client.request(2 * i + 1, "GET", true);
  Frame out;
  while (client.receive(out)) {
    if (out.type == FrameType::rst_stream || out.type == FrameType::goaway) break;
  }
  EXPECT_TRUE(out.type == FrameType::rst_stream || out.type == FrameType::goaway);
  EXPECT_LE(world.proxy().metric("gatehouse_proxy_http2_streams_total"), 129);
}

}  // namespace
