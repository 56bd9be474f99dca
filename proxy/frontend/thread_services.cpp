// SPDX-License-Identifier: Apache-2.0
#include "proxy/frontend/thread_services.hpp"

#include <algorithm>

namespace proxy::frontend {

namespace {
constexpr std::size_t kKeptExchanges = 256;
constexpr std::chrono::seconds kLogDelay{1};
}  // namespace

std::unique_ptr<exchange::Exchange> ExchangeStore::take() {
  if (free_.empty()) return std::make_unique<exchange::Exchange>();
  auto exchange = std::move(free_.back());
  free_.pop_back();
  return exchange;
}

void ExchangeStore::give(std::unique_ptr<exchange::Exchange> exchange) {
  if (free_.size() >= kKeptExchanges) return;
  exchange->reset();
  free_.push_back(std::move(exchange));
}

void LogFlusher::note(const std::shared_ptr<base::observe::AccessLog>& log) {
  if (!log->pending()) return;
  if (std::find(waiting_.begin(), waiting_.end(), log) == waiting_.end()) waiting_.push_back(log);
  if (!armed()) loop_.arm(*this, loop_.now() + kLogDelay);
}

void LogFlusher::flush() {
  for (const auto& log : waiting_) log->flush();
  waiting_.clear();
}

}  // namespace proxy::frontend
