// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 as a client meets it: connections that last, requests in a row, bodies of both kinds,
// Expect. The same in daemon and in embedded mode.
#include "tests/integration/sites.hpp"
#include "tests/support/servers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tests::integration {
namespace {

using support::AppServer;
using support::HttpResponse;
using support::RawClient;

std::string post(const std::string& path, const std::string& body, const std::string& fields = "") {
  return "POST " + path +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         fields + "\r\n" + body;
}

class Http : public testing::TestWithParam<bool> {
 protected:
  static std::string site(const std::string& more = "") {
    return (GetParam() ? daemon_site() : embedded_site()) + more;
  }
};
INSTANTIATE_TEST_SUITE_P(Modes, Http, testing::Values(true, false),
                         [](const auto& mode) { return mode.param ? "daemon" : "embedded"; });

TEST_P(Http, one_connection_serves_many_requests) {
  const AppServer server(site());
  RawClient client = server.connect();
  for (int i = 0; i < 20; ++i) {
    const std::string body = "body " + std::to_string(i);
    ASSERT_TRUE(client.send(post("/apps/echo.wsgi", body)));
    const HttpResponse response = client.read_response();
    ASSERT_EQ(response.status, 200) << response.malformed;
    ASSERT_EQ(response.body, body);
  }
  EXPECT_EQ(server.metric("gatehouse_connections_reused_total"), 19);
}

TEST_P(Http, pipelined_requests_are_answered_in_their_order) {
  const AppServer server(site());
  RawClient client = server.connect();
  // The first is the slowest: an answer that overtakes it would be seen.
  std::string requests = "GET /apps/sleep.wsgi?100 HTTP/1.1\r\nHost: localhost\r\n\r\n";
  for (int i = 0; i < 8; ++i) requests += post("/apps/echo.wsgi", std::to_string(i));
  ASSERT_TRUE(client.send(requests));
  EXPECT_EQ(client.read_response().body, "slept\n");
  for (int i = 0; i < 8; ++i) ASSERT_EQ(client.read_response().body, std::to_string(i));
}

TEST_P(Http, a_request_may_come_byte_by_byte) {
  const AppServer server(site());
  RawClient client = server.connect();
  ASSERT_TRUE(client.send_bytewise(post("/apps/echo.wsgi", "slowly")));
  EXPECT_EQ(client.read_response().body, "slowly");
}

TEST_P(Http, a_chunked_body_reaches_the_application_where_it_is_allowed) {
  const AppServer server(site("WSGIChunkedRequest On\n"));
  RawClient client = server.connect();
  ASSERT_TRUE(client.send(
      "POST /apps/echo.wsgi HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nfirst\r\n1;name=value\r\n \r\n6\r\nsecond\r\n0\r\nTrailer: x\r\n\r\n"));
  EXPECT_EQ(client.read_response().body, "first second");
  ASSERT_TRUE(client.send(post("/apps/echo.wsgi", "next")))
      << "the connection goes on behind the trailer";
  EXPECT_EQ(client.read_response().body, "next");
}

TEST_P(Http, a_chunked_body_is_refused_where_it_is_not) {
  const AppServer server(site());
  RawClient client = server.connect();
  ASSERT_TRUE(
      client.send("POST /apps/echo.wsgi HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
                  "chunked\r\n\r\n0\r\n\r\n"));
  EXPECT_EQ(client.read_response().status, 411);
  EXPECT_TRUE(client.closed_by_peer());
}

TEST_P(Http, a_response_without_length_is_chunked_and_comes_piece_by_piece) {
  const AppServer server(site());
  RawClient client = server.connect();
  ASSERT_TRUE(client.send("GET /apps/drip.wsgi?2,2000 HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  // The first piece is here long before the application yields the second.
  EXPECT_THAT(client.receive_until("line 0\n", std::chrono::milliseconds(1900)),
              testing::HasSubstr("Transfer-Encoding: chunked"));
  EXPECT_NE(client.receive_until("0\r\n\r\n").find("line 1\n"), std::string::npos);
}

TEST_P(Http, a_client_of_http_1_0_gets_the_body_until_close) {
  const AppServer server(site());
  RawClient client = server.connect();
  ASSERT_TRUE(client.send("GET /apps/drip.wsgi?3,0 HTTP/1.0\r\n\r\n"));
  const HttpResponse response = client.read_response();
  EXPECT_EQ(response.field("Transfer-Encoding"), std::nullopt);
  EXPECT_EQ(response.body, "line 0\nline 1\nline 2\n");
}

TEST_P(Http, head_has_the_fields_of_get_and_no_body) {
  const AppServer server(site());
  RawClient client = server.connect();
  ASSERT_TRUE(
      client.send("HEAD /apps/hello.wsgi HTTP/1.1\r\nHost: localhost\r\n\r\n"
                  "GET /apps/hello.wsgi HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  const HttpResponse head = client.read_response(true);
  const HttpResponse get = client.read_response();
  EXPECT_EQ(get.status, 200) << "bytes behind the head of HEAD would break this one";
  EXPECT_EQ(head.field("Content-Length"), std::to_string(get.body.size()));
}

TEST_P(Http, the_client_is_told_to_continue_before_it_sends_the_body) {
  const AppServer server(site());
  RawClient client = server.connect();
  ASSERT_TRUE(
      client.send("POST /apps/echo.wsgi HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
                  "Expect: 100-continue\r\n\r\n"));
  EXPECT_EQ(client.read_response().status, 100);
  ASSERT_TRUE(client.send("body"));
  EXPECT_EQ(client.read_response().body, "body");
}

TEST_P(Http, a_body_beyond_the_limit_is_refused_without_continue) {
  const AppServer server(site("LimitRequestBody 100\n"));
  RawClient client = server.connect();
  ASSERT_TRUE(
      client.send("POST /apps/echo.wsgi HTTP/1.1\r\nHost: localhost\r\nContent-Length: 101\r\n"
                  "Expect: 100-continue\r\n\r\n"));
  EXPECT_EQ(client.read_response().status, 413);
  EXPECT_TRUE(client.closed_by_peer());
}

TEST_P(Http, an_unknown_expectation_fails) {
  const AppServer server(site());
  EXPECT_EQ(
      support::fetch(server.endpoint(), "GET", "/apps/hello.wsgi", "Expect: a-miracle\r\n").status,
      417);
}

TEST_P(Http, a_client_that_goes_away_in_the_middle_disturbs_nobody) {
  const AppServer server(site());
  {
    RawClient client = server.connect();
    ASSERT_TRUE(client.send(
        "POST /apps/upload.wsgi HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhalf"));
  }
  {
    RawClient client = server.connect();
    ASSERT_TRUE(client.send("GET /apps/drip.wsgi?1000000,0 HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    (void)client.receive_until("line 10\n");
  }
  for (int i = 0; i < 8; ++i) ASSERT_EQ(server.get("/apps/hello.wsgi").status, 200);
  EXPECT_TRUE(
      support::eventually([&] { return server.metric("gatehouse_connections_open") <= 1; }));
}

}  // namespace
}  // namespace tests::integration
