// SPDX-License-Identifier: Apache-2.0
// One thread's epoll loop: edge-triggered, registered once per descriptor, coarse deadlines,
// end-of-turn hooks. Why not Asio on the request path: docs/decisions/0001-own-event-loop.md.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <sys/epoll.h>
#include <vector>

namespace base::net {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;

/// Gets a descriptor's events. The loop never owns it. Destroying one inside a callback is fine
/// after `remove`.
class EventHandler {
 public:
  /// `events`: EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP, EPOLLERR. Edge-triggered: read until a
  /// short read (then the socket is empty, epoll(7)) unless RDHUP, HUP or ERR is set: then until
  /// the end or an error.
  virtual void on_events(std::uint32_t events) = 0;

 protected:
  ~EventHandler() = default;
};

/// Called once at the end of the loop's turn when asked for by `EventLoop::at_turn_end`.
class TurnEndHook {
 public:
  virtual void on_turn_end() = 0;

 protected:
  ~TurnEndHook() = default;

 private:
  friend class EventLoop;
  bool queued_ = false;
};

/// Called at a time finer than the deadlines' grain; see `EventLoop::wake_at`.
class Waker {
 public:
  virtual void on_wake() = 0;

 protected:
  ~Waker() = default;
};

/// Something that must happen at a point in time. Setting `at` later is free (the wheel looks again
/// when it fires); setting it earlier, or arming one that is not armed, links it. Exact to kTick,
/// never early.
class Deadline {
 public:
  virtual void on_deadline() = 0;
  [[nodiscard]] bool armed() const noexcept { return at_ != TimePoint::max(); }
  [[nodiscard]] TimePoint at() const noexcept { return at_; }

 protected:
  Deadline() = default;
  ~Deadline();

 private:
  friend class EventLoop;
  TimePoint at_ = TimePoint::max();  // when it is due; max: not armed
  std::int64_t linked_tick_ = 0;     // tick it is linked for, while bucket_ >= 0
  int bucket_ = -1;                  // -1: in none
  Deadline* previous_ = nullptr;
  Deadline* next_ = nullptr;
  class EventLoop* loop_ = nullptr;
};

class EventLoop {
 public:
  static constexpr std::chrono::milliseconds kTick{
      32};                              ///< grain of deadlines: timeouts are seconds
  static constexpr int kBuckets = 512;  ///< 16 s a round; later ones are looked at once a round

  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Registers for `events` | EPOLLET (EPOLLIN | EPOLLOUT | EPOLLRDHUP unless told otherwise).
  Result<> add(int fd, EventHandler& handler,
               std::uint32_t events = EPOLLIN | EPOLLOUT | EPOLLRDHUP);
  /// Watches for other events from now on. AF_UNIX streams report EPOLLOUT whenever the other end
  /// has read something: ask for it only while output waits.
  void modify(int fd, EventHandler& handler, std::uint32_t events) noexcept;
  /// Forgets the descriptor, and drops what this turn still holds for its handler. Call before
  /// closing it.
  void remove(int fd, EventHandler& handler) noexcept;

  void at_turn_end(TurnEndHook& hook);
  /// Takes back `at_turn_end`: before the hook is destroyed.
  void cancel(TurnEndHook& hook) noexcept;
  void arm(Deadline& deadline, TimePoint at);
  void disarm(Deadline& deadline) noexcept { deadline.at_ = TimePoint::max(); }

  /// Calls `waker.on_wake()` at `at`, to the microsecond (the channel's 1 ms question). One waker a
  /// loop: a later call replaces the earlier one's time; it is called once and must ask again.
  void wake_at(TimePoint at, Waker& waker) noexcept {
    wake_at_ = at;
    waker_ = &waker;
  }
  void cancel_wake() noexcept { wake_at_ = TimePoint::max(); }

  /// Time of this turn; read from the clock once per turn.
  [[nodiscard]] TimePoint now() const noexcept { return now_; }
  /// Wall clock of this turn in microseconds since the epoch (UTC).
  [[nodiscard]] std::int64_t wall_us() const noexcept { return wall_us_; }

  void run();  ///< until stop(); returns at once when it was called before
  void stop() noexcept { stopped_ = true; }
  /// One turn: wait (at most `limit_ms`, -1: as long as needed), events, deadlines, hooks.
  void turn(int limit_ms = -1);

 private:
  friend class Deadline;
  void read_clock() noexcept;
  [[nodiscard]] std::int64_t tick_of(TimePoint at) const noexcept;
  void link(Deadline& deadline, int bucket, std::int64_t tick) noexcept;
  void unlink(Deadline& deadline) noexcept;
  void run_deadlines();
  [[nodiscard]] std::int64_t wait_us(int limit_ms) noexcept;

  Fd epoll_;
  TimePoint origin_;
  TimePoint now_;
  std::int64_t wall_us_ = 0;
  std::int64_t next_tick_ = 0;     // first tick not looked at
  std::int64_t first_linked_ = 0;  // no deadline is linked for an earlier tick
  int linked_ = 0;
  std::vector<Deadline*> buckets_;  // the last one holds those due in this turn
  std::vector<TurnEndHook*> hooks_;
  std::vector<TurnEndHook*> running_hooks_;
  std::vector<epoll_event> events_;
  int event_count_ = 0;
  int event_index_ = 0;
  TimePoint wake_at_ = TimePoint::max();
  Waker* waker_ = nullptr;
  bool stopped_ = false;
};

}  // namespace base::net
