// SPDX-License-Identifier: Apache-2.0
// The loop with real pipes: events once per edge, removal inside callbacks, wake-ups, hooks.
#include "tests/unit/base/net/event_loop_fixture.hpp"

namespace base::net {
namespace {

TEST(EventLoop, tells_of_an_edge_once) {
  EventLoop loop;
  const Pipe pipe;
  Handler handler;
  ASSERT_TRUE(loop.add(pipe.out.get(), handler, EPOLLIN));
  pipe.write("ab");
  loop.turn(0);
  ASSERT_EQ(handler.seen.size(), 1U);
  EXPECT_NE(handler.seen[0] & EPOLLIN, 0U);
  loop.turn(0);
  EXPECT_EQ(handler.seen.size(), 1U) << "unread, but no new edge";
  pipe.write("c");
  loop.turn(0);
  EXPECT_EQ(handler.seen.size(), 2U);
  EXPECT_EQ(pipe.read(), "abc");
}

TEST(EventLoop, tells_of_the_end) {
  EventLoop loop;
  Pipe pipe;
  Handler handler;
  ASSERT_TRUE(loop.add(pipe.out.get(), handler));
  pipe.in.reset();
  loop.turn(0);
  ASSERT_EQ(handler.seen.size(), 1U);
  EXPECT_NE(handler.seen[0] & EPOLLHUP, 0U);
}

TEST(EventLoop, refuses_a_descriptor_that_is_none) {
  EventLoop loop;
  Handler handler;
  const auto added = loop.add(-1, handler);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, ErrorCode::system);
}

TEST(EventLoop, a_removed_handler_gets_no_event_of_the_same_turn) {
  EventLoop loop;
  const Pipe first;
  const Pipe second;
  auto a = std::make_unique<Handler>();
  auto b = std::make_unique<Handler>();
  int calls = 0;
  // Whichever comes first removes and destroys the other.
  a->then = [&](std::uint32_t) {
    ++calls;
    loop.remove(second.out.get(), *b);
    b.reset();
  };
  b->then = [&](std::uint32_t) {
    ++calls;
    loop.remove(first.out.get(), *a);
    a.reset();
  };
  ASSERT_TRUE(loop.add(first.out.get(), *a, EPOLLIN));
  ASSERT_TRUE(loop.add(second.out.get(), *b, EPOLLIN));
  first.write("x");
  second.write("x");
  loop.turn(0);
  EXPECT_EQ(calls, 1);
  loop.turn(0);
  EXPECT_EQ(calls, 1);
}

TEST(EventLoop, stop_ends_run) {
  EventLoop loop;
  const Pipe pipe;
  Handler handler;
  handler.then = [&](std::uint32_t) { loop.stop(); };
  ASSERT_TRUE(loop.add(pipe.out.get(), handler, EPOLLIN));
  pipe.write("x");
  loop.run();
  EXPECT_EQ(handler.seen.size(), 1U);
}

TEST(EventLoop, time_is_read_once_a_turn) {
  EventLoop loop;
  const Pipe pipe;
  Handler handler;
  TimePoint inside;
  handler.then = [&](std::uint32_t) { inside = loop.now(); };
  ASSERT_TRUE(loop.add(pipe.out.get(), handler, EPOLLIN));
  pipe.write("x");
  const TimePoint before = Clock::now();
  loop.turn(0);
  EXPECT_GE(inside, before);
  EXPECT_EQ(inside, loop.now());
  EXPECT_LE(loop.now(), Clock::now());
  EXPECT_GT(loop.wall_us(), 1'600'000'000'000'000);
}

TEST(WakeAt, is_finer_than_deadlines_and_comes_once) {
  EventLoop loop;
  Wake wake;
  const TimePoint at = loop.now() + microseconds(1500);
  TimePoint woken;
  wake.then = [&] { woken = loop.now(); };
  loop.wake_at(at, wake);
  ASSERT_TRUE(run_until(loop, [&] { return wake.called != 0; }));
  EXPECT_GE(woken, at);
  loop.turn(0);
  EXPECT_EQ(wake.called, 1);
}

TEST(WakeAt, a_later_call_replaces_the_time_and_cancel_takes_it_back) {
  EventLoop loop;
  Wake first;
  Wake second;
  loop.wake_at(loop.now(), first);
  loop.wake_at(loop.now(), second);
  loop.turn(0);
  EXPECT_EQ(first.called, 0);
  EXPECT_EQ(second.called, 1);
  loop.wake_at(loop.now(), second);
  loop.cancel_wake();
  loop.turn(0);
  EXPECT_EQ(second.called, 1);
  second.then = [&] {
    if (second.called < 4) loop.wake_at(loop.now(), second);
  };
  loop.wake_at(loop.now(), second);
  ASSERT_TRUE(run_until(loop, [&] { return second.called == 4; })) << "asking again from inside";
}

TEST(TurnEnd, hooks_run_once_after_events_and_deadlines) {
  EventLoop loop;
  const Pipe pipe;
  Handler handler;
  Timer timer;
  Hook hook;
  std::string order;
  handler.then = [&](std::uint32_t) {
    order += 'e';
    loop.at_turn_end(hook);
    loop.at_turn_end(hook);
    loop.arm(timer, loop.now());
  };
  timer.then = [&] {
    order += 'd';
    loop.at_turn_end(hook);
  };
  hook.then = [&] { order += 'h'; };
  ASSERT_TRUE(loop.add(pipe.out.get(), handler, EPOLLIN));
  pipe.write("x");
  loop.turn(0);
  EXPECT_EQ(order.substr(0, 1), "e");
  EXPECT_EQ(order.back(), 'h');
  EXPECT_EQ(hook.called, 1);
  ASSERT_TRUE(run_until(loop, [&] { return timer.fired == 1; }));
  EXPECT_EQ(order.back(), 'h');
}

TEST(TurnEnd, hook_asked_for_by_a_hook_runs_in_the_same_turn) {
  EventLoop loop;
  Hook first;
  Hook second;
  first.then = [&] { loop.at_turn_end(second); };
  loop.at_turn_end(first);
  loop.turn(0);
  EXPECT_EQ(first.called, 1);
  EXPECT_EQ(second.called, 1);
}

TEST(TurnEnd, cancelled_hook_may_be_destroyed_even_by_another_hook) {
  EventLoop loop;
  Hook never;
  loop.at_turn_end(never);
  loop.cancel(never);
  loop.cancel(never);
  auto victim = std::make_unique<Hook>();
  Hook killer;
  killer.then = [&] {
    loop.cancel(*victim);
    victim.reset();
  };
  loop.at_turn_end(killer);
  loop.at_turn_end(*victim);
  loop.turn(0);
  EXPECT_EQ(never.called, 0);
  EXPECT_EQ(killer.called, 1);
  loop.at_turn_end(never);
  loop.turn(0);
  EXPECT_EQ(never.called, 1) << "and may be asked for again";
}

}  // namespace
}  // namespace base::net
