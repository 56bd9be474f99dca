// SPDX-License-Identifier: Apache-2.0
// HTTP/1 from client to backend and back, with every end under the test's hand.
#include "tests/unit/proxy/loop_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace {

using base::http::Method;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using tests::LoopWorld;
using tests::Peer;

constexpr const char* kGet = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";
constexpr const char* kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST(Http1Exchange, request_and_response_pass_and_both_connections_are_kept) {
  LoopWorld world;
  Peer client = world.connect();
  client.write(kGet);
  world.turn();
  Peer backend = world.accept();
  ASSERT_TRUE(backend.fd);
  EXPECT_THAT(backend.read(), StartsWith("GET / HTTP/1.1\r\nHost: a.test\r\n"));
  backend.write(kOk);
  world.turn();
  EXPECT_EQ(client.read(), kOk);
  client.write(kGet);
  world.turn();
  EXPECT_FALSE(world.accept().fd) << "the second request uses the first connection";
  EXPECT_THAT(backend.read(), StartsWith("GET /"));
  backend.write("HTTP/1.1 204 No Content\r\n\r\n");
  world.turn();
  EXPECT_EQ(client.read(), "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(world.requests(Method::get, 2), 2U);
  EXPECT_EQ(world.counters().exchanges_active.value(), 0);
}

TEST(Http1Exchange, heads_and_bodies_survive_any_split) {
  const std::string request =
      "POST /x HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n";
  const std::string response =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
      "chunked\r\n\r\n2\r\nok\r\n0\r\nX: y\r\n\r\n";
  LoopWorld world;
  Peer client = world.connect();
  Peer backend;
  std::string sent;
  for (const char byte : request) {
    client.write({&byte, 1});
    world.turn(3);
    if (!backend.fd) backend = world.accept();
    if (backend.fd) sent += backend.read();
  }
  const std::string body = sent.substr(sent.find("\r\n\r\n") + 4);
  EXPECT_EQ(body,
            "1\r\na\r\n1\r\nb\r\n1\r\nc\r\n1\r\nd\r\n1\r\ne\r\n1\r\nf\r\n1\r\ng\r\n0\r\n\r\n");
  std::string got;
  for (const char byte : response) {
    backend.write({&byte, 1});
    world.turn(3);
    got += client.read();
  }
  EXPECT_EQ(got,
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            "1\r\no\r\n1\r\nk\r\n0\r\n\r\n");
}

TEST(Http1Exchange, pipelined_requests_are_answered_in_order) {
  LoopWorld world;
  Peer client = world.connect();
  client.write(
      "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3 "
      "HTTP/1.1\r\nHost: a\r\n\r\n");
  world.turn();
  Peer backend = world.accept();
  for (const char* path : {"/1", "/2", "/3"}) {
    EXPECT_THAT(backend.read(), StartsWith(std::string("GET ") + path + " ")) << path;
    backend.write(std::string("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n") + path);
    world.turn();
    EXPECT_THAT(client.read(), EndsWith(path));
  }
}

TEST(Http1Exchange, a_slow_client_stops_the_backend) {
  LoopWorld world;
  Peer client = world.connect();
  client.write(kGet);
  world.turn();
  Peer backend = world.accept();
  backend.read();
  backend.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
  const std::string piece(65536, 'x');
  std::size_t taken = 0;
  for (int quiet = 0; quiet < 4;) {
    const std::size_t now = backend.write(piece);
    world.turn(2);
    taken += now;
    quiet = now == 0 ? quiet + 1 : 0;
    ASSERT_LT(taken, 4U << 20U) << "sockets and pipes together hold far less";
  }
  // The client reads on: the backend may write on.
  std::size_t read = client.read(1U << 20U).size();
  EXPECT_GT(read, 0U);
  std::size_t more = 0;
  for (int i = 0; i < 50; ++i) {
    world.turn(2);
    more += backend.write(piece);
    read += client.read(1U << 20U).size();
  }
  EXPECT_GT(more, 1U << 20U);
}

TEST(Http1Exchange, a_slow_backend_stops_the_client) {
  LoopWorld world;
  Peer client = world.connect();
  client.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n");
  const std::string piece(65536, 'x');
  std::size_t taken = 0;
  for (int quiet = 0; quiet < 4;) {
    const std::size_t now = client.write(piece);
    world.turn(2);
    taken += now;
    quiet = now == 0 ? quiet + 1 : 0;
    ASSERT_LT(taken, 4U << 20U);
  }
  Peer backend = world.accept();
  std::size_t more = 0;
  for (int i = 0; i < 50; ++i) {
    backend.read(1U << 20U);
    world.turn(2);
    more += client.write(piece);
  }
  EXPECT_GT(more, 1U << 20U);
}

TEST(Http1Exchange, an_early_response_ends_the_upload) {
  LoopWorld world;
  Peer client = world.connect();
  client.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhalf");
  world.turn();
  Peer backend = world.accept();
  backend.read();
  backend.write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig");
  world.turn();
  EXPECT_THAT(client.read(), HasSubstr("413"));
  EXPECT_TRUE(client.ended) << "nobody knows where the next request would begin";
  backend.read();
  EXPECT_TRUE(backend.ended) << "a request that is not whole must not look whole";
}

TEST(Http1Exchange, a_client_that_leaves_in_its_body_takes_the_backend_connection_along) {
  LoopWorld world;
  Peer client = world.connect();
  client.write("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  world.turn();
  Peer backend = world.accept();
  client.close();
  world.turn();
  EXPECT_THAT(backend.read(), Not(HasSubstr("\r\n0\r\n\r\n")));
  EXPECT_TRUE(backend.ended);
  EXPECT_TRUE(world.connections().empty());
  EXPECT_EQ(world.counters().exchanges_active.value(), 0);
}

struct Broken {
  const char* name;
  const char* response;
  const char* expected;  // what the client sees begins so
};

TEST(Http1Exchange, a_broken_response_is_a_502_or_visibly_cut) {
  const Broken kCases[] = {
      {"nothing", "", "HTTP/1.1 502 "},
      {"half a head", "HTTP/1.1 200 OK\r\nConte", "HTTP/1.1 502 "},
      {"no HTTP", "hello\r\n\r\n", "HTTP/1.1 502 "},
      {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
       "HTTP/1.1 502 "},
      {"length and chunks",
       "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       "HTTP/1.1 502 "},
      {"an upgrade nobody asked for", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
       "HTTP/1.1 502 "},
      {"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "HTTP/1.1 200 "},
      {"no last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
       "HTTP/1.1 200 "},
  };
  for (const Broken& broken : kCases) {
    LoopWorld world;
    Peer client = world.connect();
    client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    world.turn();
    Peer backend = world.accept();
    backend.read();
    backend.write(broken.response);
    world.turn();
    backend.close();
    world.turn();
    const std::string got = client.read();
    EXPECT_THAT(got, StartsWith(broken.expected)) << broken.name;
    EXPECT_THAT(got, Not(EndsWith("0\r\n\r\n"))) << broken.name;
    if (std::string_view(broken.expected) == "HTTP/1.1 200 ") {
      EXPECT_TRUE(client.ended) << broken.name;
    }
    EXPECT_EQ(world.counters().exchanges_active.value(), 0) << broken.name;
  }
}

TEST(Http1Exchange, more_than_the_announced_length_reaches_nobody) {
  LoopWorld world;
  Peer client = world.connect();
  client.write(kGet);
  world.turn();
  Peer backend = world.accept();
  backend.write(std::string(kOk) + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
  world.turn();
  EXPECT_EQ(client.read(), kOk);
  client.write(kGet);
  world.turn();
  EXPECT_EQ(client.read(), "") << "the left-over answer must not answer the next request";
  EXPECT_TRUE(world.accept().fd) << "and its connection is not used again";
}

// Serves one request, so that the connection is one that was kept; then the given bytes are asked.
Peer warm_up(LoopWorld& world, Peer& client) {
  client.write(kGet);
  world.turn();
  Peer backend = world.accept();
  backend.read();
  backend.write(kOk);
  world.turn();
  client.read();
  return backend;
}

TEST(Http1Exchange, a_stale_connection_is_replaced_for_what_may_be_repeated) {
  LoopWorld world;
  Peer client = world.connect();
  Peer stale = warm_up(world, client);
  client.write(kGet);
  world.turn();
  EXPECT_THAT(stale.read(), StartsWith("GET"));
  stale.close();  // without a byte of answer
  world.turn();
  Peer fresh = world.accept();
  ASSERT_TRUE(fresh.fd);
  EXPECT_THAT(fresh.read(), StartsWith("GET"));
  EXPECT_EQ(world.counters().backend_retries.value(), 1U);
  fresh.close();  // once is enough
  world.turn();
  EXPECT_FALSE(world.accept().fd);
  EXPECT_THAT(client.read(), StartsWith("HTTP/1.1 502 "));
}

TEST(Http1Exchange, a_request_with_effects_is_not_sent_twice) {
  // Its method forbids it; or its body, of which something is gone; each alone.
  for (const char* request : {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
                              "PATCH / HTTP/1.1\r\nHost: a\r\n\r\n",
                              "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"}) {
    LoopWorld world;
    Peer client = world.connect();
    Peer stale = warm_up(world, client);
    client.write(request);
    world.turn();
    EXPECT_THAT(stale.read(), StartsWith("P")) << request;
    stale.close();
    world.turn();
    EXPECT_FALSE(world.accept().fd) << request;
    EXPECT_THAT(client.read(), StartsWith("HTTP/1.1 502 ")) << request;
  }
}

TEST(Http1Exchange, a_kept_connection_that_ended_is_not_used) {
  LoopWorld world;
  Peer client = world.connect();
  Peer stale = warm_up(world, client);
  stale.close();
  world.turn();
  EXPECT_EQ(world.counters().backend_idle.value(), 0);
  client.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
  world.turn();
  EXPECT_THAT(world.accept().read(), StartsWith("POST"));
}

TEST(Http1Exchange, no_backend_is_a_503) {
  LoopWorld world;
  world.stop_backend();
  Peer client = world.connect();
  client.write(kGet);
  world.turn();
  EXPECT_THAT(client.read(), StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_FALSE(client.ended) << "the request was whole: the connection stays";
}

}  // namespace
