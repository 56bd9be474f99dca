// SPDX-License-Identifier: Apache-2.0
#include "proxy/exchange/next_turn.hpp"

#include <algorithm>
#include <utility>

namespace proxy::exchange {

Resumable::~Resumable() {
  if (waiting_in_ != nullptr) waiting_in_->cancel(*this);
}

void NextTurn::ask(Resumable& who) {
  if (who.waiting_in_ != nullptr) return;
  who.waiting_in_ = this;
  waiting_.push_back(&who);
  loop_.wake_at(loop_.now(), *this);
}

void NextTurn::cancel(Resumable& who) noexcept {
  if (std::exchange(who.waiting_in_, nullptr) == nullptr) return;
  std::erase(waiting_, &who);
  std::replace(running_.begin(), running_.end(), &who, static_cast<Resumable*>(nullptr));
}

void NextTurn::on_wake() {
  running_.swap(waiting_);
  for (std::size_t i = 0; i < running_.size(); ++i) {
    Resumable* who = running_[i];
    if (who == nullptr) continue;
    who->waiting_in_ = nullptr;
    who->on_next_turn();
  }
  running_.clear();
}

}  // namespace proxy::exchange
