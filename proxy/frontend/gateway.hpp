// SPDX-License-Identifier: Apache-2.0
// From a complete request head to a backend, and from the end of an exchange to logs and metrics:
// the steps that both protocol versions share.
#pragma once

#include "proxy/exchange/exchange.hpp"
#include "proxy/frontend/connection_facts.hpp"
#include "proxy/frontend/thread_services.hpp"

#include <memory>
#include <string>

namespace proxy::frontend {

/// Why a request is not passed on.
struct Refusal {
  int status = 0;  ///< 0: it is
  const char* reason = "";
};

class Gateway {
 public:
  Gateway(ThreadServices& services, ConnectionFacts& facts) : services_(services), facts_(facts) {}

  /// A fresh exchange for a request whose first bytes have come; `front` gets its response.
  std::unique_ptr<exchange::Exchange> open(exchange::Front& front);
  /// Chooses host and backend, builds the backend's head. The request's framing must be settled in
  /// `exchange.head`.
  Refusal prepare(exchange::Exchange& exchange);
  /// Sends it on its way. The front may hear of failure at once.
  void start(exchange::Exchange& exchange);
  /// Answers from here, as a backend would: head and body go to the front.
  void answer(exchange::Exchange& exchange, int status);
  /// Writes the error log's line about a request that was refused or failed.
  void log_failure(const exchange::Exchange& exchange, int status, const char* reason);
  /// The exchange is over, one way or the other: logs, counts, takes it back.
  void close(std::unique_ptr<exchange::Exchange> exchange);

 private:
  void record(const exchange::Exchange& exchange, std::int64_t duration_us);

  ThreadServices& services_;
  ConnectionFacts& facts_;
  const base::net::Endpoint* backend_ = nullptr;  // between prepare and start
};

/// The customary phrase of a status code.
std::string_view reason_phrase(int status) noexcept;

}  // namespace proxy::frontend
