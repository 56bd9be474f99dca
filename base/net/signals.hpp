// SPDX-License-Identifier: Apache-2.0
// Signals as events of the loop: handlers that write into a pipe. Not signalfd: that needs blocked
// signals, and programs which an application starts would inherit the block.
#pragma once

#include "base/fd.hpp"
#include "base/net/event_loop.hpp"
#include "base/result.hpp"

#include <csignal>
#include <functional>
#include <initializer_list>

namespace base::net {

class SignalWatch final : public EventHandler {
 public:
  SignalWatch() = default;
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  /// Calls `handler` in the loop for each of `signals`. SIGPIPE is ignored from now on. One watch a
  /// process.
  Result<> watch(EventLoop& loop, std::initializer_list<int> signals,
                 std::function<void(int)> handler);
  void on_events(std::uint32_t events) override;

 private:
  EventLoop* loop_ = nullptr;
  Fd read_end_;
  Fd write_end_;
  std::function<void(int)> handler_;
};

/// Holds every signal back while it lives: around fork(), so that the child never runs its parent's
/// handlers.
class SignalsHeld {
 public:
  SignalsHeld();
  ~SignalsHeld();
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t former_;
};

/// In a child just after fork(): every signal has its default effect again (SIGPIPE stays ignored).
void forget_parents_signals();

}  // namespace base::net
