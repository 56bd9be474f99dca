// SPDX-License-Identifier: Apache-2.0
// The loop with real pipes: events once per edge, removal inside callbacks, deadlines, wake-ups,
// hooks.
#include "base/net/event_loop.hpp"

#include <gtest/gtest.h>

#include <array>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

namespace base::net {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Pipe {
  Pipe() {
    int fds[2];
    EXPECT_EQ(::pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
    out = Fd(fds[0]);
    in = Fd(fds[1]);
  }
  void write(std::string_view text) const {
    EXPECT_EQ(::write(in.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  [[nodiscard]] std::string read() const {
    char buffer[64];
    const ssize_t got = ::read(out.get(), buffer, sizeof buffer);
    return got > 0 ? std::string(buffer, static_cast<std::size_t>(got)) : std::string();
  }
  Fd out;
  Fd in;
};

struct Handler : EventHandler {
  std::function<void(std::uint32_t)> then = [](std::uint32_t) {};
  std::vector<std::uint32_t> seen;
  void on_events(std::uint32_t events) override {
    seen.push_back(events);
    then(events);
  }
};

struct Timer : Deadline {
  std::function<void()> then = [] {};
  int fired = 0;
  void on_deadline() override {
    ++fired;
    then();
  }
};

struct Hook : TurnEndHook {
  std::function<void()> then = [] {};
  int called = 0;
  void on_turn_end() override {
    ++called;
    then();
  }
};

struct Wake : Waker {
  std::function<void()> then = [] {};
  int called = 0;
  void on_wake() override {
    ++called;
    then();
  }
};

/// Turns until the condition holds; false after ten seconds.
bool run_until(EventLoop& loop, const std::function<bool()>& condition) {
  const TimePoint end = Clock::now() + seconds(10);
  while (!condition()) {
    if (Clock::now() > end) return false;
    loop.turn(100);
  }
  return true;
}

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

TEST(Deadline, never_fires_early_and_soon_after) {
  EventLoop loop;
  Timer timer;
  const TimePoint at = loop.now() + milliseconds(50);
  TimePoint fired;
  timer.then = [&] { fired = loop.now(); };
  loop.arm(timer, at);
  EXPECT_TRUE(timer.armed());
  EXPECT_EQ(timer.at(), at);
  ASSERT_TRUE(run_until(loop, [&] { return timer.fired != 0; }));
  EXPECT_GE(fired, at);
  EXPECT_FALSE(timer.armed());
  EXPECT_LT(fired, at + seconds(5)) << "far beyond one tick, even on a busy machine";
}

TEST(Deadline, one_turn_waits_for_it_without_being_told_how_long) {
  EventLoop loop;
  Timer timer;
  loop.arm(timer, loop.now() + milliseconds(40));
  int turns = 0;
  while (timer.fired == 0 && turns < 10) {
    loop.turn();
    ++turns;
  }
  EXPECT_EQ(timer.fired, 1);
  EXPECT_LE(turns, 3) << "no ticks in between";
}

TEST(Deadline, in_the_past_fires_within_a_tick) {
  EventLoop loop;
  Timer timer;
  loop.arm(timer, loop.now() - seconds(1));
  ASSERT_TRUE(run_until(loop, [&] { return timer.fired == 1; }));
}

TEST(Deadline, set_later_fires_once_and_at_the_later_time) {
  EventLoop loop;
  Timer timer;
  TimePoint fired;
  timer.then = [&] { fired = loop.now(); };
  const TimePoint start = loop.now();
  loop.arm(timer, start + milliseconds(20));
  loop.arm(timer, start + milliseconds(120));
  ASSERT_TRUE(run_until(loop, [&] { return timer.fired != 0; }));
  EXPECT_GE(fired, start + milliseconds(120));
  EXPECT_EQ(timer.fired, 1);
}

TEST(Deadline, set_earlier_fires_earlier) {
  EventLoop loop;
  Timer timer;
  loop.arm(timer, loop.now() + seconds(3600));
  loop.arm(timer, loop.now() + milliseconds(20));
  ASSERT_TRUE(run_until(loop, [&] { return timer.fired == 1; }));
}

TEST(Deadline, disarmed_does_not_fire) {
  EventLoop loop;
  Timer off;
  Timer on;
  loop.arm(off, loop.now() + milliseconds(10));
  loop.arm(on, loop.now() + milliseconds(100));
  loop.disarm(off);
  EXPECT_FALSE(off.armed());
  ASSERT_TRUE(run_until(loop, [&] { return on.fired == 1; }));
  EXPECT_EQ(off.fired, 0);
  loop.arm(off, loop.now());
  ASSERT_TRUE(run_until(loop, [&] { return off.fired == 1; })) << "and may be armed again";
}

TEST(Deadline, destroyed_while_armed_is_forgotten) {
  EventLoop loop;
  Timer other;
  {
    Timer gone;
    loop.arm(gone, loop.now() + milliseconds(10));
    loop.arm(other, loop.now() + milliseconds(10));
  }
  ASSERT_TRUE(run_until(loop, [&] { return other.fired == 1; }));
}

TEST(Deadline, may_outlive_the_loop) {
  Timer timer;
  {
    EventLoop loop;
    loop.arm(timer, loop.now() + seconds(1));
  }
  EXPECT_EQ(timer.fired, 0);
}

TEST(Deadline, may_destroy_another_that_is_due_in_the_same_turn) {
  EventLoop loop;
  auto a = std::make_unique<Timer>();
  auto b = std::make_unique<Timer>();
  int fired = 0;
  a->then = [&] {
    ++fired;
    b.reset();
  };
  b->then = [&] {
    ++fired;
    a.reset();
  };
  const TimePoint at = loop.now() + milliseconds(10);
  loop.arm(*a, at);
  loop.arm(*b, at);
  Timer last;
  loop.arm(last, at + milliseconds(60));
  ASSERT_TRUE(run_until(loop, [&] { return last.fired == 1; }));
  EXPECT_EQ(fired, 1);
}

TEST(Deadline, may_arm_itself_again) {
  EventLoop loop;
  Timer timer;
  timer.then = [&] {
    if (timer.fired < 3) loop.arm(timer, loop.now() + milliseconds(1));
  };
  loop.arm(timer, loop.now());
  ASSERT_TRUE(run_until(loop, [&] { return timer.fired == 3; }));
  EXPECT_FALSE(timer.armed());
}

TEST(Deadline, of_a_later_round_shares_a_bucket_and_does_not_fire_with_it) {
  EventLoop loop;
  Timer soon;
  Timer round_later;
  const TimePoint at = loop.now() + milliseconds(20);
  loop.arm(soon, at);
  loop.arm(round_later, at + EventLoop::kTick * EventLoop::kBuckets);
  ASSERT_TRUE(run_until(loop, [&] { return soon.fired == 1; }));
  loop.turn(0);
  EXPECT_EQ(round_later.fired, 0);
  EXPECT_TRUE(round_later.armed());
}

TEST(Deadline, many_fire_in_ticks_never_early) {
  EventLoop loop;
  std::array<Timer, 200> timers;
  const TimePoint start = loop.now();
  int early = 0;
  int fired = 0;
  for (std::size_t i = 0; i < timers.size(); ++i) {
    const TimePoint at = start + microseconds(731) * static_cast<int>(i);
    timers[i].then = [&, at] {
      ++fired;
      if (loop.now() < at) ++early;
    };
    loop.arm(timers[i], at);
  }
  ASSERT_TRUE(run_until(loop, [&] { return fired == 200; }));
  EXPECT_EQ(early, 0);
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
