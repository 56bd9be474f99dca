// SPDX-License-Identifier: Apache-2.0
// What the tests of the event loop share: pipes, and objects that count what the loop tells them.
#pragma once

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
inline bool run_until(EventLoop& loop, const std::function<bool()>& condition) {
  const TimePoint end = Clock::now() + seconds(10);
  while (!condition()) {
    if (Clock::now() > end) return false;
    loop.turn(100);
  }
  return true;
}

}  // namespace base::net
