// SPDX-License-Identifier: Apache-2.0
// Going on in the loop's next turn: how one busy connection lets the others of its thread have
// theirs.
#pragma once

#include "base/net/event_loop.hpp"

#include <cstddef>
#include <vector>

namespace proxy::exchange {

class NextTurn;

/// Something that stopped in the middle of readable input because its share of the turn was used
/// up.
class Resumable {
 public:
  virtual void on_next_turn() = 0;

 protected:
  Resumable() = default;
  ~Resumable();

 private:
  friend class NextTurn;
  NextTurn* waiting_in_ = nullptr;
};

/// One a thread. It is the loop's only waker.
class NextTurn final : public base::net::Waker {
 public:
  explicit NextTurn(base::net::EventLoop& loop) : loop_(loop) {}
  void ask(Resumable& who);
  void cancel(Resumable& who) noexcept;
  void on_wake() override;

 private:
  base::net::EventLoop& loop_;
  std::vector<Resumable*> waiting_;
  std::vector<Resumable*> running_;
};

/// Bytes that one connection may move in one turn.
class TurnShare {
 public:
  static constexpr std::size_t kBytes = 262'144;  ///< four full body pipes

  /// False when the share of this turn is used up.
  bool left(base::net::TimePoint now) noexcept {
    if (turn_ != now) {
      turn_ = now;
      used_bytes_ = 0;
    }
    return used_bytes_ < kBytes;
  }
  void use(std::size_t bytes) noexcept { used_bytes_ += bytes; }

 private:
  base::net::TimePoint turn_{};
  std::size_t used_bytes_ = 0;
};

}  // namespace proxy::exchange
