// SPDX-License-Identifier: Apache-2.0
// Deadlines: never early, soon after, and safe to arm, disarm and destroy at any time.
#include "tests/unit/base/net/event_loop_fixture.hpp"

namespace base::net {
namespace {

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

}  // namespace
}  // namespace base::net
