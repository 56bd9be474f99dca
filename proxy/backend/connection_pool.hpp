// SPDX-License-Identifier: Apache-2.0
// One thread's connections to the backends: hands a request to one that rests, or opens another.
#pragma once

#include "base/net/endpoint.hpp"
#include "base/net/event_loop.hpp"
#include "proxy/exchange/exchange.hpp"
#include "proxy/exchange/next_turn.hpp"
#include "proxy/metrics/counters.hpp"

#include <memory>
#include <vector>

namespace proxy::backend {

class Http1Client;

class ConnectionPool final : private base::net::TurnEndHook {
 public:
  ConnectionPool(base::net::EventLoop& loop, exchange::NextTurn& next_turn,
                 metrics::ThreadCounters& counters);
  ~ConnectionPool();
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  /// Sends `exchange` to `backend`. What goes wrong is told to `exchange.front`, possibly before
  /// this returns.
  void start(exchange::Exchange& exchange, const base::net::Endpoint& backend);

 private:
  friend class Http1Client;
  struct Group {
    explicit Group(base::net::Endpoint where) : endpoint(std::move(where)) {}
    base::net::Endpoint endpoint;
    std::vector<Http1Client*>
        idle;  // the one used last is used next: the others may grow old and close
  };

  Group& group_of(const base::net::Endpoint& backend);
  void start_fresh(exchange::Exchange& exchange, Group& group);
  // By Http1Client:
  void rest(Http1Client& client);
  void unrest(Http1Client& client) noexcept;
  void bury(Http1Client& client);
  void on_turn_end() override;

  base::net::EventLoop& loop_;
  exchange::NextTurn& next_turn_;
  metrics::ThreadCounters& counters_;
  std::vector<std::unique_ptr<Group>> groups_;  // few; their addresses stay
  std::vector<std::unique_ptr<Http1Client>> clients_;
  std::vector<std::unique_ptr<Http1Client>>
      graves_;  // emptied at the turn's end: nobody stands in them then
};

}  // namespace proxy::backend
