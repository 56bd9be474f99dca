// SPDX-License-Identifier: Apache-2.0
// What HTTP/1.1 clients may not do, and what versions and methods ask for: refused or answered in
// one reading only.
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

struct Refused {
  const char* request;
  const char* status;
};

TEST(Http1Rules, what_could_be_read_in_two_ways_never_reaches_the_backend) {
  const Refused kCases[] = {
      {"GET / HTTP/1.1\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: "
       "chunked\r\n\r\n0\r\n\r\nGET /evil",
       "400"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "400"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello", "400"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
       "400"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", ""},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", "400"},
      {"GET / HTTP/1.1\nHost: a\n\n", "400"},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close, Host\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: X-Forwarded-For\r\n\r\n", "400"},
      {"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", "505"},
      {"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", "405"},
      {"POST / HTTP/1.1\r\nHost: a\r\nExpect: magic\r\nContent-Length: 1\r\n\r\n", "417"},
  };
  for (const Refused& refused : kCases) {
    LoopWorld world;
    Peer client = world.connect();
    client.write(refused.request);
    world.turn();
    EXPECT_THAT(client.read(), StartsWith(std::string("HTTP/1.1 ") + refused.status))
        << refused.request;
    EXPECT_TRUE(client.ended) << refused.request;
    EXPECT_FALSE(world.accept().fd) << refused.request;
    EXPECT_EQ(world.counters().bad_requests.value(), 1U) << refused.request;
  }
}

TEST(Http1Rules, bad_chunks_cut_the_backend_off) {
  for (const char* chunk : {"x\r\n", "5 \r\nhello\r\n", "5\nhello\r\n", "5\r\nhelloX",
                            "ffffffffffffffffff\r\n", "-1\r\n"}) {
    LoopWorld world;
    Peer client = world.connect();
    client.write("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
    world.turn();
    Peer backend = world.accept();
    client.write(chunk);
    world.turn();
    EXPECT_THAT(backend.read(), Not(HasSubstr("\r\n0\r\n\r\n"))) << chunk;
    EXPECT_TRUE(backend.ended) << chunk;
    EXPECT_THAT(client.read(), StartsWith("HTTP/1.1 400 ")) << chunk;
  }
}

TEST(Http1Rules, http_1_0_gets_no_chunks_and_no_interim_response) {
  LoopWorld world;
  Peer client = world.connect();
  client.write("GET / HTTP/1.0\r\n\r\n");
  world.turn();
  Peer backend = world.accept();
  EXPECT_THAT(backend.read(), StartsWith("GET / HTTP/1.1\r\nHost: main.test\r\n"));
  backend.write(
      "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
      "chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
  world.turn();
  EXPECT_EQ(client.read(), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok");
  EXPECT_TRUE(client.ended);
}

TEST(Http1Rules, a_head_request_has_no_body_whatever_its_fields_say) {
  LoopWorld world;
  Peer client = world.connect();
  client.write("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  world.turn();
  Peer backend = world.accept();
  backend.write("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
  world.turn();
  EXPECT_EQ(client.read(), "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
  client.write(kGet);
  world.turn();
  EXPECT_THAT(backend.read(), HasSubstr("GET / HTTP/1.1"));
}

TEST(Http1Rules, a_body_over_the_limit_is_refused_before_or_while_it_comes) {
  LoopWorld world;
  world.settings().body_limit_bytes = 10;
  Peer announced = world.connect();
  announced.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n");
  world.turn();
  EXPECT_THAT(announced.read(), StartsWith("HTTP/1.1 413 "));
  EXPECT_FALSE(world.accept().fd);
  Peer chunked = world.connect();
  chunked.write(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
      "chunked\r\n\r\n6\r\nhello!\r\n6\r\nhello!\r\n");
  world.turn();
  EXPECT_THAT(chunked.read(), StartsWith("HTTP/1.1 413 "));
}

TEST(Http1Rules, drain_finishes_what_runs_and_closes_what_rests) {
  LoopWorld world;
  Peer idle = world.connect();
  Peer busy = world.connect();
  busy.write(kGet);
  world.turn();
  Peer backend = world.accept();
  world.services().draining = true;
  world.connections().drain();
  world.turn();
  idle.read();
  EXPECT_TRUE(idle.ended);
  EXPECT_FALSE(world.connections().empty());
  backend.write(kOk);
  world.turn();
  EXPECT_THAT(busy.read(), HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(busy.ended);
  EXPECT_TRUE(world.connections().empty());
}

// Whatever byte a connection dies at, nothing is left behind.
TEST(Http1Rules, either_side_may_fail_at_any_byte) {
  const std::string request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody";
  const std::string response =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
  for (std::size_t n = 0; n <= request.size(); ++n) {
    LoopWorld world;
    Peer client = world.connect();
    client.write(request.substr(0, n));
    world.turn(3);
    client.close();
    world.turn();
    EXPECT_TRUE(world.connections().empty()) << n;
    EXPECT_EQ(world.counters().exchanges_active.value(), 0) << n;
  }
  for (std::size_t n = 0; n < response.size(); ++n) {
    LoopWorld world;
    Peer client = world.connect();
    client.write(request);
    world.turn();
    Peer backend = world.accept();
    backend.read();
    backend.write(response.substr(0, n));
    world.turn(3);
    backend.close();
    world.turn();
    const std::string got = client.read();
    EXPECT_TRUE(got.starts_with("HTTP/1.1 502") || (client.ended && !got.ends_with("0\r\n\r\n")))
        << n << got;
    EXPECT_EQ(world.counters().backend_open.value(), 0) << n;
    EXPECT_EQ(world.counters().exchanges_active.value(), 0) << n;
  }
}

}  // namespace
