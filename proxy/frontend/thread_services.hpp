// SPDX-License-Identifier: Apache-2.0
// What all connections of one I/O thread share: the loop, the backend pool, scratch memory,
// counters.
#pragma once

#include "base/http/date.hpp"
#include "base/net/event_loop.hpp"
#include "base/observe/access_log.hpp"
#include "proxy/backend/connection_pool.hpp"
#include "proxy/exchange/exchange.hpp"
#include "proxy/exchange/next_turn.hpp"
#include "proxy/exchange/request_id.hpp"
#include "proxy/frontend/transport.hpp"
#include "proxy/metrics/counters.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace proxy::frontend {

/// Exchanges between requests: their strings and field lists keep what they have grown to.
class ExchangeStore {
 public:
  std::unique_ptr<exchange::Exchange> take();
  void give(std::unique_ptr<exchange::Exchange> exchange);

 private:
  std::vector<std::unique_ptr<exchange::Exchange>> free_;
};

/// Writes the thread's access logs at most a second after the first line that waits.
class LogFlusher final : private base::net::Deadline {
 public:
  explicit LogFlusher(base::net::EventLoop& loop) : loop_(loop) {}
  ~LogFlusher() { flush(); }
  void note(const std::shared_ptr<base::observe::AccessLog>& log);
  void flush();

 private:
  void on_deadline() override { flush(); }
  base::net::EventLoop& loop_;
  std::vector<std::shared_ptr<base::observe::AccessLog>> waiting_;
};

/// One a thread. Members are in the order in which they may need each other.
struct ThreadServices {
  explicit ThreadServices(metrics::ThreadCounters& thread_counters)
      : counters(thread_counters),
        next_turn(loop),
        pool(loop, next_turn, counters),
        log_flusher(loop) {}

  metrics::ThreadCounters& counters;
  base::net::EventLoop loop;
  exchange::NextTurn next_turn;
  ExchangeStore exchanges;
  backend::ConnectionPool pool;
  exchange::RequestIds request_ids;
  base::http::CachedDate date;
  LogFlusher log_flusher;
  std::unique_ptr<TransportScratch> scratch = std::make_unique<TransportScratch>();
  bool draining = false;  ///< finish what runs, accept nothing new
};

}  // namespace proxy::frontend
