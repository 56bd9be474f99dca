// SPDX-License-Identifier: Apache-2.0
// A streamed request body arrives whole with its end mark, or visibly broken: never short.
#include "appserver/net/body_pump.hpp"

#include "appserver/daemon/frame.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/socket.h>

namespace appserver::net {
namespace {

using base::http::BodyKind;

struct NoOwner final : BodyPump::Owner {
  int rooms = 0;
  void on_body_room() override { ++rooms; }
};

class BodyPumpTest : public ::testing::Test {
 protected:
  void open(BodyKind kind, std::uint64_t length, std::uint64_t limit = 0) {
    pump.begin(kind, length, limit);
    daemon = std::move(*pump.open());
    (void)::fcntl(daemon.get(), F_SETFL, O_NONBLOCK);
    pump.allow();
  }
  /// Reads what the daemon would: body bytes; `mark` is the end or error mark once it was seen.
  void receive() {
    char buffer[65536];
    for (;;) {
      const ssize_t n = ::recv(daemon.get(), buffer, sizeof buffer, 0);
      if (n <= 0) break;
      wire.append(buffer, static_cast<std::size_t>(n));
    }
    std::uint32_t length = 0;
    while (wire.size() >= sizeof length) {
      std::memcpy(&length, wire.data(), sizeof length);
      if (length == daemon::kBodyEnd || length == daemon::kBodyError) {
        mark = length;
        return;
      }
      if (wire.size() < sizeof length + length) return;
      body += wire.substr(sizeof length, length);
      wire.erase(0, sizeof length + length);
    }
  }
  base::net::EventLoop loop;
  NoOwner owner;
  BodyPump pump{loop, owner};
  base::Fd daemon;
  std::string wire, body;
  std::uint32_t mark = 1;
  std::size_t used = 0;
};

TEST_F(BodyPumpTest, length_ends_exactly_and_leaves_the_next_request) {
  open(BodyKind::length, 5);
  EXPECT_EQ(pump.feed("he", used), BodyPump::Fed::more);
  EXPECT_EQ(pump.feed("lloGET /", used), BodyPump::Fed::ended);
  EXPECT_EQ(used, 3U);
  receive();
  EXPECT_EQ(body, "hello");
  EXPECT_EQ(mark, daemon::kBodyEnd);
}

TEST_F(BodyPumpTest, chunks_are_decoded) {
  open(BodyKind::chunked, 0);
  const std::string body_bytes = "5\r\nhello\r\n3;x=y\r\nabc\r\n0\r\nT: v\r\n\r\n";
  EXPECT_EQ(pump.feed(body_bytes + "NEXT", used), BodyPump::Fed::ended);
  EXPECT_EQ(used, body_bytes.size());
  receive();
  EXPECT_EQ(body, "helloabc");
  EXPECT_EQ(mark, daemon::kBodyEnd);
}

TEST_F(BodyPumpTest, bad_chunk_is_told) {
  open(BodyKind::chunked, 0);
  EXPECT_EQ(pump.feed("zz\r\n", used), BodyPump::Fed::bad_chunk);
  pump.break_off(base::ErrorCode::invalid);
  receive();
  EXPECT_EQ(mark, daemon::kBodyError);
}

TEST_F(BodyPumpTest, chunked_body_stops_at_its_limit) {
  open(BodyKind::chunked, 0, 4);
  EXPECT_EQ(pump.feed("5\r\nhello\r\n", used), BodyPump::Fed::too_large);
}

TEST_F(BodyPumpTest, never_keeps_more_than_one_piece_while_nobody_reads) {
  open(BodyKind::length, 100U << 20U);
  const std::string piece(128U << 10U, 'x');
  int pieces = 0;
  while (pump.wants_input() && pieces < 1000) {
    (void)pump.feed(piece, used);
    ++pieces;
  }
  EXPECT_FALSE(pump.wants_input());
  EXPECT_LT(pieces, 20);  // the socket's buffer and one piece, not 100 MiB
  receive();
  loop.turn(1000);
  EXPECT_EQ(owner.rooms, 1);
}

TEST_F(BodyPumpTest, a_daemon_that_closes_does_not_stop_the_client) {
  open(BodyKind::length, 1000);
  daemon.reset();
  EXPECT_EQ(pump.feed(std::string(10, 'x'), used), BodyPump::Fed::more);
  EXPECT_TRUE(pump.refused());
  EXPECT_EQ(pump.feed(std::string(990, 'x'), used), BodyPump::Fed::ended);
}

}  // namespace
}  // namespace appserver::net
