// SPDX-License-Identifier: Apache-2.0
// Fronts believe nothing (architecture section 4): whatever a daemon writes into its link costs its
// own group's requests only, and ends in one closed link.
#include "tests/unit/appserver/daemon/channel_fixture.hpp"

#include <cstring>
#include <fcntl.h>

namespace appserver::daemon::testing {
namespace {

struct Attack {
  const char* name;
  std::function<void(FakeDaemon&, FrameHead)> play;
};

std::ostream& operator<<(std::ostream& out, const Attack& attack) {
  return out << attack.name;
}

std::string code(std::uint16_t value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

void send_with_fd(FakeDaemon& daemon, FrameType type, const FrameHead& to, const char* path,
                  std::string_view payload) {
  const std::size_t place = daemon.writer.begin_frame(type, to.slot, to.generation, kHasFd);
  daemon.writer.attach(base::Fd(::open(path, O_RDONLY | O_CLOEXEC)));
  daemon.writer.buffer().append(payload);
  daemon.writer.end_frame(place);
  daemon.flush();
}

std::string range() {
  const FileRange value{0, 10};
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

class HostileDaemon : public ChannelTest, public ::testing::WithParamInterface<Attack> {};

TEST_P(HostileDaemon, loses_its_link_and_nothing_else_happens) {
  FakeDaemon& daemon = add_daemon();
  FakeRequest request("q");
  group().submit(request);
  const FrameView frame = request_at(daemon);
  ASSERT_TRUE(daemon.claims.start(0, frame.head.slot, frame.head.generation));
  GetParam().play(daemon, frame.head);
  turn();
  EXPECT_TRUE(request.ended);
  EXPECT_EQ(request.status, 502);
  EXPECT_EQ(request.body, "");
  // A sound sibling serves on.
  FakeDaemon& sound = add_daemon();
  FakeRequest next("next");
  group().submit(next);
  sound.answer(request_at(sound).head, "fine");
  turn();
  EXPECT_EQ(next.body, "fine");
}

FrameHead other(FrameHead head, int slot_step, int generation_step) {
  head.slot = static_cast<std::uint8_t>(head.slot + slot_step);
  head.generation += static_cast<std::uint32_t>(generation_step);
  return head;
}

const Attack kAttacks[] = {
    {"slot_outside_window", [](FakeDaemon& d, FrameHead h) { d.answer(other(h, 100, 0), "x"); }},
    {"slot_without_request", [](FakeDaemon& d, FrameHead h) { d.answer(other(h, 1, 0), "x"); }},
    {"generation_of_another_time",
     [](FakeDaemon& d, FrameHead h) { d.answer(other(h, 0, 1), "x"); }},
    {"generation_of_the_past", [](FakeDaemon& d, FrameHead h) { d.answer(other(h, 0, -1), "x"); }},
    {"unknown_type",
     [](FakeDaemon& d, FrameHead h) { d.send(static_cast<FrameType>(99), h, 0, ""); }},
    {"type_of_the_front",
     [](FakeDaemon& d, FrameHead h) { d.send(FrameType::request, h, 0, "x"); }},
    {"data_before_head", [](FakeDaemon& d, FrameHead h) { d.send(FrameType::data, h, 0, "x"); }},
    {"response_too_short",
     [](FakeDaemon& d, FrameHead h) { d.send(FrameType::response, h, kComplete, "xy"); }},
    {"reason_beyond_payload",
     [](FakeDaemon& d, FrameHead h) {
       ResponseHeadFixed fixed;
       fixed.status = 200;
       fixed.reason_bytes = 500;
       d.send(FrameType::response, h, kComplete,
              {reinterpret_cast<const char*>(&fixed), sizeof fixed});
     }},
    {"fields_beyond_payload",
     [](FakeDaemon& d, FrameHead h) {
       ResponseHeadFixed fixed;
       fixed.status = 200;
       fixed.field_bytes = 0xFFFFFFF0U;
       d.send(FrameType::response, h, kComplete,
              {reinterpret_cast<const char*>(&fixed), sizeof fixed});
     }},
    {"status_100",
     [](FakeDaemon& d, FrameHead h) {
       d.send(FrameType::response, h, kComplete, FakeDaemon::head(100, ""));
     }},
    {"status_0",
     [](FakeDaemon& d, FrameHead h) {
       d.send(FrameType::response, h, kComplete, FakeDaemon::head(0, ""));
     }},
    {"status_1000",
     [](FakeDaemon& d, FrameHead h) {
       d.send(FrameType::response, h, kComplete, FakeDaemon::head(1000, ""));
     }},
    {"end_without_number",
     [](FakeDaemon& d, FrameHead h) { d.send(FrameType::end, h, kComplete, "abc"); }},
    {"failure_with_status_200",
     [](FakeDaemon& d, FrameHead h) { d.send(FrameType::fail, h, 0, code(200)); }},
    {"failure_without_status",
     [](FakeDaemon& d, FrameHead h) { d.send(FrameType::fail, h, 0, ""); }},
    {"stream_before_head",
     [](FakeDaemon& d, FrameHead h) { send_with_fd(d, FrameType::stream, h, "/dev/null", ""); }},
    {"file_before_head",
     [](FakeDaemon& d, FrameHead h) {
       send_with_fd(d, FrameType::file, h, "/etc/passwd", range());
     }},
    {"descriptor_with_the_wrong_frame",
     [](FakeDaemon& d, FrameHead h) { send_with_fd(d, FrameType::data, h, "/dev/null", ""); }},
    {"descriptor_promised_but_missing",
     [](FakeDaemon& d, FrameHead h) { d.send(FrameType::stream, h, kHasFd, ""); }},
    {"length_beyond_the_limit",
     [](FakeDaemon& d, FrameHead h) {
       FrameHead head = h;
       head.type = FrameType::response;
       head.payload_bytes = 0xFFFFFFFFU;
       d.writer.buffer().append(reinterpret_cast<const char*>(&head), sizeof head);
       d.flush();
     }},
};

INSTANTIATE_TEST_SUITE_P(, HostileDaemon, ::testing::ValuesIn(kAttacks),
                         [](const auto& attack) { return std::string(attack.param.name); });

TEST_F(ChannelTest, a_file_must_be_regular_and_a_stream_a_socket) {
  struct Case {
    FrameType type;
    const char* path;
    std::string payload;
  };
  for (const Case& c :
       {Case{FrameType::file, "/dev/zero", range()}, Case{FrameType::stream, "/etc/passwd", ""},
        Case{FrameType::file, "/etc/passwd", "short"}}) {
    FakeDaemon& daemon = add_daemon();
    FakeRequest request("q");
    group().submit(request);
    const FrameView frame = request_at(daemon);
    ASSERT_TRUE(daemon.claims.start(0, frame.head.slot, frame.head.generation));
    daemon.send(FrameType::response, frame.head, 0, FakeDaemon::head(200, ""));
    send_with_fd(daemon, c.type, frame.head, c.path, c.payload);
    turn();
    EXPECT_FALSE(request.complete);
    EXPECT_TRUE(request.ended);
    EXPECT_FALSE(request.has_file);
    EXPECT_FALSE(request.streamed);
  }
}

TEST_F(ChannelTest, two_heads_for_one_request_end_the_link) {
  FakeDaemon& daemon = add_daemon();
  FakeRequest request("q");
  group().submit(request);
  const FrameView frame = request_at(daemon);
  ASSERT_TRUE(daemon.claims.start(0, frame.head.slot, frame.head.generation));
  daemon.send(FrameType::response, frame.head, 0, FakeDaemon::head(200, "a"));
  daemon.send(FrameType::response, frame.head, 0, FakeDaemon::head(200, "b"));
  turn();
  EXPECT_EQ(request.body, "a");
  EXPECT_TRUE(request.ended);
  EXPECT_FALSE(request.complete);
}

TEST_F(ChannelTest, a_claims_page_full_of_noise_decides_nothing_but_retries) {
  FakeDaemon& daemon = add_daemon();
  FakeRequest request("q");
  group().submit(request);
  const FrameView frame = request_at(daemon);
  for (unsigned slot = 0; slot < kWindow; ++slot)
    daemon.claims.set(0, slot, 0xABCDEF, static_cast<ClaimState>(77));
  daemon.claims.busy().store(0xFFFFFFFFU);
  daemon.answer(frame.head, "ok");
  turn();
  EXPECT_EQ(request.body, "ok");
}

}  // namespace
}  // namespace appserver::daemon::testing
