// SPDX-License-Identifier: Apache-2.0
// What of a client's head reaches a backend: the attacks first.
#include "proxy/exchange/forward_headers.hpp"

#include "tests/unit/proxy/head_of.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace {

using proxy::exchange::append_backend_head;
using proxy::exchange::ForwardContext;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kFreshId = "00112233445566778899aabbccddeeff";

ForwardContext context_of(bool trusted) {
  ForwardContext out;
  out.trusted = trusted;
  out.tls = true;
  out.client_ip = "192.0.2.7";
  out.local_port = "8443";
  out.target = "/";
  out.default_host = "fallback.test";
  out.fresh_id = kFreshId;
  return out;
}

struct Sent {
  std::string head;
  proxy::exchange::ForwardOutcome outcome;
};

Sent send(const std::string& fields, const ForwardContext& context,
          const std::string& host = "Host: www.test\r\n") {
  const tests::ParsedHead parsed("GET / HTTP/1.1\r\n" + host + fields + "\r\n");
  Sent out;
  out.outcome = append_backend_head(out.head, parsed.head, context);
  // The view of a taken-over id dies with the parsed head.
  out.outcome.request_id = {};
  return out;
}

TEST(ForwardHeaders, untrusted_clients_cannot_speak_for_others) {
  const char* kSpoofs[] = {"X-Forwarded-For: 6.6.6.6",
                           "x-forwarded-for: 6.6.6.6",
                           "X-Forwarded-Proto: 6.6.6.6",
                           "X-Forwarded-Host: 6.6.6.6",
                           "X-Forwarded-Port: 6.6.6.6",
                           "X-Forwarded-Server: 6.6.6.6",
                           "X-Forwarded-Prefix: 6.6.6.6",
                           "X-Forwarded-Whatever: 6.6.6.6",
                           "X-Real-IP: 6.6.6.6",
                           "X-Client-IP: 6.6.6.6",
                           "X-Host: 6.6.6.6",
                           "X-Scheme: 6.6.6.6",
                           "X-HTTPS: 6.6.6.6",
                           "X-Forwarded-SSL: 6.6.6.6",
                           "X-Script-Name: 6.6.6.6",
                           "Forwarded: for=6.6.6.6",
                           "X-Request-ID: 6.6.6.6",
                           "Gatehouse-Hop: 6.6.6.6",
                           "GATEHOUSE-HOP: 6.6.6.6",
                           "X_Forwarded_For: 6.6.6.6",
                           "X_Real-IP: 6.6.6.6",
                           "X-Real.IP: 6.6.6.6",
                           "Proxy: 6.6.6.6"};
  for (const char* spoof : kSpoofs) {
    const Sent sent = send(std::string(spoof) + "\r\n", context_of(false));
    EXPECT_EQ(sent.outcome.status, 0) << spoof;
    EXPECT_THAT(sent.head, Not(HasSubstr("6.6.6.6"))) << spoof;
    EXPECT_EQ(sent.outcome.dropped, 1U) << spoof;
  }
}

TEST(ForwardHeaders, stamps_what_the_proxy_knows) {
  const Sent sent = send("Accept: text/html\r\n", context_of(false));
  EXPECT_EQ(
      sent.head,
      "GET / HTTP/1.1\r\nHost: www.test\r\nAccept: text/html\r\nX-Forwarded-For: 192.0.2.7\r\n"
      "X-Forwarded-Proto: https\r\nX-Forwarded-Host: www.test\r\nX-Forwarded-Port: 8443\r\n"
      "X-Request-ID: 00112233445566778899aabbccddeeff\r\n"
      "traceparent: 00-00112233445566778899aabbccddeeff-8899aabbccddeeff-00\r\n\r\n");
}

TEST(ForwardHeaders, trusted_clients_are_added_to) {
  const Sent sent = send(
      "X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 2.2.2.2\r\nX-Forwarded-Proto: http\r\n"
      "X-Forwarded-Host: outer.test\r\nX-Real-IP: 3.3.3.3\r\nX-Request-ID: abc-1\r\n",
      context_of(true));
  EXPECT_THAT(sent.head, HasSubstr("X-Forwarded-For: 1.1.1.1, 2.2.2.2, 192.0.2.7\r\n"));
  EXPECT_THAT(sent.head, HasSubstr("X-Forwarded-Proto: http\r\n"));
  EXPECT_THAT(sent.head, Not(HasSubstr("X-Forwarded-Proto: https")));
  EXPECT_THAT(sent.head, HasSubstr("X-Forwarded-Host: outer.test\r\n"));
  EXPECT_THAT(sent.head, HasSubstr("X-Forwarded-Port: 8443\r\n"));
  EXPECT_THAT(sent.head, HasSubstr("X-Real-IP: 3.3.3.3\r\n"));
  EXPECT_THAT(sent.head, HasSubstr("X-Request-ID: abc-1\r\n"));
}

TEST(ForwardHeaders, even_trusted_clients_cannot_send_the_private_field) {
  ForwardContext context = context_of(true);
  context.hop = "v=1;l=127.0.0.1,1";
  const Sent sent = send("Gatehouse-Hop: v=1;evil\r\n", context);
  EXPECT_THAT(sent.head, Not(HasSubstr("evil")));
  EXPECT_THAT(sent.head,
              HasSubstr("Gatehouse-Hop: v=1;l=127.0.0.1,1;i=00112233445566778899aabbccddeeff\r\n"));
}

TEST(ForwardHeaders, backends_other_than_the_app_server_get_no_private_field) {
  EXPECT_THAT(send("", context_of(false)).head, Not(HasSubstr("Gatehouse-Hop")));
}

TEST(ForwardHeaders, a_request_id_must_be_plain) {
  for (const char* id : {"a;b", "a b", "\"x\"", "a,b"}) {
    const Sent sent = send("X-Request-ID: " + std::string(id) + "\r\n", context_of(true));
    EXPECT_THAT(sent.head, HasSubstr("X-Request-ID: 00112233445566778899aabbccddeeff\r\n")) << id;
  }
  EXPECT_FALSE(proxy::exchange::is_request_id(std::string(129, 'a')));
  EXPECT_TRUE(proxy::exchange::is_request_id(std::string(128, 'a')));
  EXPECT_FALSE(proxy::exchange::is_request_id(""));
}

TEST(ForwardHeaders, fields_of_one_connection_stay_behind) {
  const Sent sent = send(
      "Connection: keep-alive, X-Secret, close\r\nX-Secret: 1\r\nx-secret: 2\r\nKeep-Alive: "
      "timeout=5\r\nTE: trailers\r\n"
      "Upgrade: websocket\r\nProxy-Connection: x\r\nTrailer: x\r\nHTTP2-Settings: x\r\nX-Kept: "
      "yes\r\n",
      context_of(false));
  EXPECT_EQ(sent.outcome.status, 0);
  for (const char* gone : {"onnection:", "ecret", "eep-Alive:", "TE:", "pgrade", "railer", "HTTP2"})
    EXPECT_THAT(sent.head, Not(HasSubstr(gone))) << gone;
  EXPECT_THAT(sent.head, HasSubstr("X-Kept: yes\r\n"));
}

TEST(ForwardHeaders, connection_that_names_a_field_of_the_message_is_an_attack) {
  for (const char* name : {"Host", "content-length", "X-Forwarded-For", "X-Forwarded-Anything",
                           "Authorization", "Cookie", "Forwarded", "Gatehouse-Hop", "X-Request-ID",
                           "traceparent", "Content-Type", "Expect"}) {
    const Sent sent = send("Connection: close, " + std::string(name) + "\r\n", context_of(false));
    EXPECT_EQ(sent.outcome.status, 400) << name;
    EXPECT_EQ(sent.head, "") << name;
  }
}

TEST(ForwardHeaders, cookies_become_one_field) {
  const Sent sent =
      send("Cookie: a=1\r\nAccept: x\r\nCookie: b=2\r\ncookie: c=3\r\n", context_of(false));
  EXPECT_THAT(sent.head, HasSubstr("\r\nCookie: a=1; b=2; c=3\r\n"));
}

TEST(ForwardHeaders, framing_is_set_anew) {
  ForwardContext context = context_of(false);
  context.has_length = true;
  context.length = 12;
  EXPECT_THAT(send("Content-Length: 12\r\n", context).head,
              HasSubstr("\r\nContent-Length: 12\r\n"));
  context = context_of(false);
  context.chunked = true;
  const Sent chunked = send("Transfer-Encoding: chunked\r\n", context);
  EXPECT_THAT(chunked.head, HasSubstr("\r\nTransfer-Encoding: chunked\r\n"));
  EXPECT_THAT(chunked.head, Not(HasSubstr("Content-Length")));
}

TEST(ForwardHeaders, expectation_goes_on) {
  const tests::ParsedHead parsed(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n");
  std::string out;
  (void)append_backend_head(out, parsed.head, context_of(false));
  EXPECT_THAT(out, HasSubstr("\r\nExpect: 100-continue\r\n"));
}

TEST(ForwardHeaders, trace_context_passes_when_it_is_one) {
  const std::string good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  Sent sent = send("traceparent: " + good + "\r\ntracestate: a=b\r\n", context_of(false));
  EXPECT_THAT(sent.head, HasSubstr("traceparent: " + good + "\r\ntracestate: a=b\r\n"));
  for (const char* bad : {"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", "x",
                          "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                          "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"}) {
    sent = send("traceparent: " + std::string(bad) + "\r\ntracestate: a=b\r\n", context_of(false));
    EXPECT_THAT(
        sent.head,
        HasSubstr("traceparent: 00-00112233445566778899aabbccddeeff-8899aabbccddeeff-00\r\n"))
        << bad;
    EXPECT_THAT(sent.head, Not(HasSubstr("tracestate"))) << bad;
  }
}

TEST(ForwardHeaders, hosts_can_be_replaced_or_supplied) {
  ForwardContext context = context_of(false);
  context.host_override = "backend.test:8000";
  const Sent replaced = send("", context);
  EXPECT_THAT(replaced.head, HasSubstr("\r\nHost: backend.test:8000\r\n"));
  EXPECT_THAT(replaced.head, HasSubstr("\r\nX-Forwarded-Host: www.test\r\n"));

  const tests::ParsedHead old("GET / HTTP/1.0\r\n\r\n");
  std::string out;
  (void)append_backend_head(out, old.head, context_of(false));
  EXPECT_THAT(out, HasSubstr("GET / HTTP/1.1\r\nHost: fallback.test\r\n"));
}

TEST(ForwardHeaders, a_unix_peer_has_no_address_to_stamp) {
  ForwardContext context = context_of(false);
  context.client_ip = {};
  context.local_port = {};
  const Sent sent = send("X-Forwarded-For: 6.6.6.6\r\n", context);
  EXPECT_THAT(sent.head, Not(HasSubstr("X-Forwarded-For")));
  EXPECT_THAT(sent.head, Not(HasSubstr("X-Forwarded-Port")));
}

}  // namespace
