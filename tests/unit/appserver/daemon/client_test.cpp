// SPDX-License-Identifier: Apache-2.0
// How a front spreads requests over a group, and what becomes of them when a process ends, is stuck
// or says goodbye.
#include "tests/unit/appserver/daemon/channel_fixture.hpp"

#include <memory>
#include <vector>

namespace appserver::daemon::testing {
namespace {

TEST_F(ChannelTest, request_and_answer_cross_the_link) {
  FakeDaemon& daemon = add_daemon();
  FakeRequest request("ask");
  group().submit(request);
  const FrameView frame = request_at(daemon);
  EXPECT_EQ(frame.head.type, FrameType::request);
  EXPECT_EQ(frame.payload, "ask");
  daemon.answer(frame.head, "told");
  turn();
  EXPECT_EQ(request.status, 200);
  EXPECT_EQ(request.body, "told");
  EXPECT_TRUE(request.complete);
}

TEST_F(ChannelTest, one_turn_leaves_with_one_write_per_link) {
  FakeDaemon& daemon = add_daemon();
  std::vector<std::unique_ptr<FakeRequest>> requests;
  for (int i = 0; i < 10; ++i) {
    requests.push_back(std::make_unique<FakeRequest>("r" + std::to_string(i)));
    group().submit(*requests.back());
  }
  turn();
  (void)daemon.reader.receive(daemon.socket.get());
  FrameView frame;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(daemon.reader.next(frame));  // all came with that one read
    EXPECT_EQ(frame.payload, "r" + std::to_string(i));
    daemon.answer(frame.head, "");
  }
  turn_until([&] { return requests.back()->ended; });
}

TEST_F(ChannelTest, goes_to_the_process_with_fewest_outstanding) {
  FakeDaemon& first = add_daemon();
  FakeDaemon& second = add_daemon();
  FakeRequest a("a");
  FakeRequest b("b");
  group().submit(a);
  group().submit(b);
  EXPECT_EQ(request_at(first).payload, "a");
  EXPECT_EQ(request_at(second).payload, "b");
}

TEST_F(ChannelTest, beyond_the_window_requests_wait_and_are_sent_as_slots_come_free) {
  FakeDaemon& daemon = add_daemon();
  std::vector<std::unique_ptr<FakeRequest>> requests;
  for (unsigned i = 0; i < kWindow + 3; ++i) {
    requests.push_back(std::make_unique<FakeRequest>("x"));
    group().submit(*requests.back());
  }
  EXPECT_EQ(group().waiting(), 3U);
  turn();
  EXPECT_EQ(metrics->group(0, 0).waiting.value(), kWindow + 3);  // none has been started
  EXPECT_EQ(metrics->group(0, 0).active.value(), 0);
  for (unsigned i = 0; i < kWindow + 3; ++i) daemon.answer(request_at(daemon).head, "");
  turn_until([&] { return requests.back()->complete; });
  EXPECT_EQ(group().waiting(), 0U);
}

TEST_F(ChannelTest, death_of_a_process_fails_what_ran_and_resends_what_did_not) {
  FakeDaemon& dying = add_daemon();
  FakeRequest running("running");
  FakeRequest waiting("waiting");
  group().submit(running);
  group().submit(waiting);
  const FrameView frame = request_at(dying);
  ASSERT_TRUE(dying.claims.start(0, frame.head.slot, frame.head.generation));
  FakeDaemon& sibling = add_daemon();
  daemons[0]->socket.reset();
  turn_until([&] { return running.ended; });
  EXPECT_EQ(running.status, 502);
  EXPECT_FALSE(waiting.ended);
  const FrameView again = request_at(sibling);
  EXPECT_EQ(again.payload, "waiting");
  sibling.answer(again.head, "done");
  turn();
  EXPECT_EQ(waiting.body, "done");
  EXPECT_EQ(metrics->group(0, 0).crashed.value(), 1U);
  EXPECT_EQ(metrics->group(0, 0).resent.value(), 1U);
}

TEST_F(ChannelTest, answers_written_before_death_still_count) {
  FakeDaemon& daemon = add_daemon();
  FakeRequest request("q");
  group().submit(request);
  const FrameView frame = request_at(daemon);
  ASSERT_TRUE(daemon.claims.start(0, frame.head.slot, frame.head.generation));
  daemon.answer(frame.head, "last words");
  daemon.socket.reset();
  turn();
  EXPECT_EQ(request.status, 200);
  EXPECT_EQ(request.body, "last words");
}

TEST_F(ChannelTest, death_after_the_head_is_a_truncated_answer) {
  FakeDaemon& daemon = add_daemon();
  FakeRequest request("q");
  group().submit(request);
  const FrameView frame = request_at(daemon);
  ASSERT_TRUE(daemon.claims.start(0, frame.head.slot, frame.head.generation));
  daemon.send(FrameType::response, frame.head, 0, FakeDaemon::head(200, "half"));
  daemon.socket.reset();
  turn_until([&] { return request.ended; });
  EXPECT_EQ(request.body, "half");
  EXPECT_FALSE(request.complete);
}

TEST_F(ChannelTest, the_supervisors_word_of_a_death_counts_even_when_the_socket_stays_open) {
  FakeDaemon& daemon = add_daemon();
  FakeRequest request("q");
  group().submit(request);
  const FrameView frame = request_at(daemon);
  ASSERT_TRUE(daemon.claims.start(0, frame.head.slot, frame.head.generation));
  group().process_died(1000);
  EXPECT_EQ(request.status, 502);
}

TEST_F(ChannelTest, goaway_gives_unstarted_requests_to_a_sibling_and_leaves_running_ones) {
  FakeDaemon& leaving = add_daemon();
  FakeRequest running("running");
  FakeRequest waiting("waiting");
  group().submit(running);
  group().submit(waiting);
  const FrameView frame = request_at(leaving);
  ASSERT_TRUE(leaving.claims.start(0, frame.head.slot, frame.head.generation));
  FakeDaemon& sibling = add_daemon();
  leaving.send(FrameType::goaway, {}, 0, {});
  EXPECT_EQ((turn(), request_at(sibling)).payload, "waiting");
  leaving.answer(frame.head, "finished");
  turn();
  EXPECT_EQ(running.body, "finished");
}

TEST_F(ChannelTest, reject_sends_the_request_to_another_process) {
  FakeDaemon& stale = add_daemon();
  FakeRequest request("q");
  group().submit(request);
  const FrameView frame = request_at(stale);
  stale.writer.frame(FrameType::goaway, 0, 0, 0, {});
  stale.send(FrameType::reject, frame.head, 0, {});
  FakeDaemon& fresh = add_daemon();
  const FrameView again = (turn(), request_at(fresh));
  EXPECT_EQ(again.payload, "q");
  EXPECT_EQ(request.encoded, 2);
}

TEST_F(ChannelTest, hand_overs_end_with_503) {
  settings.processes = 1;  // budget: 2 * 1 + 1 (wsgi-hosting 4.10)
  FakeRequest request("q");
  FakeDaemon& stubborn = add_daemon();
  group().submit(request);
  for (int i = 0; i < 10 && !request.ended; ++i) {
    turn();
    if (auto frame = stubborn.next(); frame && frame->head.type == FrameType::request)
      stubborn.send(FrameType::reject, frame->head, 0, {});
    turn();
  }
  EXPECT_EQ(request.status, 503);
}

TEST_F(ChannelTest, without_a_process_requests_wait_for_one) {
  FakeRequest request("early");
  group().submit(request);
  turn();
  EXPECT_EQ(group().waiting(), 1U);
  FakeDaemon& daemon = add_daemon();
  EXPECT_EQ((turn(), request_at(daemon)).payload, "early");
}

TEST_F(ChannelTest, without_a_process_for_connect_timeout_503) {
  settings.connect_timeout = std::chrono::milliseconds(1);
  FakeRequest request("q");
  group().submit(request);
  turn_until([&] { return request.ended; });
  EXPECT_EQ(request.status, 503);
  EXPECT_EQ(metrics->group(0, 0).queue_overflows.value(), 1U);
}

TEST_F(ChannelTest, silence_longer_than_socket_timeout_504_and_the_late_answer_is_dropped) {
  settings.socket_timeout = std::chrono::milliseconds(1);
  FakeDaemon& daemon = add_daemon();
  FakeRequest request("q");
  group().submit(request);
  const FrameView frame = request_at(daemon);
  turn_until([&] { return request.ended; });
  EXPECT_EQ(request.status, 504);
  turn();
  const auto cancel = daemon.next();
  ASSERT_TRUE(cancel.has_value());
  EXPECT_EQ(cancel->head.type, FrameType::cancel);
  daemon.answer(frame.head, "too late");
  turn();
  EXPECT_EQ(request.body, "");
  EXPECT_EQ(group().outstanding(), 0U);
}

TEST_F(ChannelTest, a_cancelled_request_keeps_its_slot_until_the_daemon_is_done) {
  FakeDaemon& daemon = add_daemon();
  FakeRequest request("q");
  group().submit(request);
  const FrameView frame = request_at(daemon);
  group().cancel(request);
  turn();
  EXPECT_EQ(group().outstanding(), 1U);
  const std::uint64_t none = 0;
  daemon.send(FrameType::end, frame.head, 0, {reinterpret_cast<const char*>(&none), sizeof none});
  turn();
  EXPECT_EQ(group().outstanding(), 0U);
  EXPECT_FALSE(request.ended);
}

TEST_F(ChannelTest, a_silent_process_is_kicked_and_an_idle_one_is_not) {
  FakeDaemon& daemon = add_daemon();
  turn();
  EXPECT_FALSE(daemon.kicked());
  FakeRequest request("q");
  group().submit(request);
  const FrameView frame = request_at(daemon);
  turn_until([&] { return daemon.kicked(); });
  daemon.answer(frame.head, "");
  turn();
  EXPECT_FALSE(daemon.kicked());
  loop.turn(5);  // no wake-up is left armed: this waits its whole time
  EXPECT_FALSE(daemon.kicked());
}

TEST_F(ChannelTest, requests_behind_a_stuck_process_are_recalled_for_a_sibling) {
  FakeDaemon& stuck = add_daemon(1);
  FakeRequest slow("slow");
  FakeRequest behind("behind");
  group().submit(slow);
  group().submit(behind);
  const FrameView first = request_at(stuck);
  const FrameView second = *stuck.next();
  ASSERT_TRUE(stuck.claims.start(0, first.head.slot, first.head.generation));
  stuck.claims.busy().store(1);
  FakeDaemon& sibling = add_daemon(1);
  std::optional<FrameView> moved;
  turn_until([&] { return (moved = sibling.next()).has_value(); });
  EXPECT_EQ(moved->payload, "behind");
  // The stuck process comes back to life: it must not start what was taken from it.
  EXPECT_FALSE(stuck.claims.start(0, second.head.slot, second.head.generation));
  stuck.answer(first.head, "slow answer");
  sibling.answer(moved->head, "fast answer");
  turn();
  EXPECT_EQ(behind.body, "fast answer");
  EXPECT_EQ(slow.body, "slow answer");
}

}  // namespace
}  // namespace appserver::daemon::testing
