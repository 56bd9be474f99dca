// SPDX-License-Identifier: Apache-2.0
// The small parts: byte buffer, flood guard, request ids, response fields.
#include "base/http/head.hpp"
#include "proxy/exchange/request_id.hpp"
#include "proxy/frontend/flood_guard.hpp"
#include "proxy/frontend/response_fields.hpp"
#include "proxy/memory/byte_buffer.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace {

using proxy::memory::ByteBuffer;

TEST(ByteBuffer, keeps_bytes_in_order_through_growth_and_compaction) {
  ByteBuffer buffer;
  std::string expected;
  char next = 'a';
  for (std::size_t size = 1; size < 40'000; size = size * 3 + 1) {
    const std::string piece(size, next++);
    buffer.append(piece);
    expected += piece;
    const std::size_t taken = expected.size() / 3;
    buffer.consume(taken);
    expected.erase(0, taken);
    ASSERT_EQ(buffer.view(), expected);
  }
}

TEST(ByteBuffer, holds_no_memory_when_released) {
  ByteBuffer buffer;
  EXPECT_EQ(buffer.capacity(), 0U);
  buffer.append("x");
  buffer.release_if_empty();
  EXPECT_EQ(buffer.view(), "x");
  buffer.consume(1);
  buffer.release_if_empty();
  EXPECT_EQ(buffer.capacity(), 0U);
}

TEST(ByteBuffer, drops_what_was_decoded_away) {
  ByteBuffer buffer;
  buffer.append("keep");
  const auto room = buffer.reserve(3);
  room[0] = 'a';
  buffer.commit(3);
  buffer.drop_tail(2);
  EXPECT_EQ(buffer.view(), "keepa");
}

TEST(FloodGuard, allows_a_burst_and_then_its_rate) {
  using proxy::frontend::FloodGuard;
  using proxy::metrics::Flood;
  FloodGuard guard;
  auto now = base::net::Clock::now();
  const auto limit = FloodGuard::limit_of(Flood::ping);
  for (std::uint32_t i = 0; i < limit.burst; ++i) EXPECT_TRUE(guard.allow(Flood::ping, now)) << i;
  EXPECT_FALSE(guard.allow(Flood::ping, now));
  EXPECT_TRUE(guard.allow(Flood::reset, now)) << "each kind has its own bucket";
  now += std::chrono::seconds(2);
  for (std::uint32_t i = 0; i + 1 < 2 * limit.per_second; ++i)
    EXPECT_TRUE(guard.allow(Flood::ping, now)) << i;
  EXPECT_FALSE(guard.allow(Flood::ping, now) && guard.allow(Flood::ping, now));
}

TEST(FloodGuard, every_kind_has_a_limit) {
  using proxy::metrics::Flood;
  for (std::uint8_t kind = 0; kind < static_cast<std::uint8_t>(Flood::count_); ++kind)
    EXPECT_GT(proxy::frontend::FloodGuard::limit_of(static_cast<Flood>(kind)).burst, 0U)
        << int{kind};
}

TEST(RequestIds, are_unique_hex_words) {
  proxy::exchange::RequestIds one;
  proxy::exchange::RequestIds two;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    for (auto* ids : {&one, &two}) {
      const std::string id(ids->next());
      EXPECT_EQ(id.size(), 32U);
      EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos) << id;
      EXPECT_TRUE(seen.insert(id).second) << id;
    }
  }
}

TEST(ResponseFields, those_of_one_connection_stay_behind) {
  const std::string text =
      "HTTP/1.1 200 OK\r\nConnection: close, X-Gone\r\nX-Gone: 1\r\nKeep-Alive: x\r\nUpgrade: "
      "x\r\nTE: x\r\n"
      "Gatehouse-Hop: x\r\nContent-Length: 0\r\nX-Kept: 1\r\nSet-Cookie: a\r\n\r\n";
  base::http::ResponseHead head;
  base::http::ResponseParser parser;
  ASSERT_EQ(parser.parse(text, {}, base::http::Method::get, head),
            base::http::ParseStatus::complete);
  std::string kept;
  const bool names = proxy::frontend::connection_names_fields(head);
  EXPECT_TRUE(names);
  for (const auto& field : head.fields) {
    if (proxy::frontend::passes_to_client(head, field, names)) kept.append(field.name).append(" ");
  }
  EXPECT_EQ(kept, "Content-Length X-Kept Set-Cookie ");
}

}  // namespace
