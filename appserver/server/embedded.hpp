// SPDX-License-Identifier: Apache-2.0
// Embedded mode: the front's own interpreter and request threads beside its I/O thread. They hang
// on the same kind of link as a daemon process, so requests take one way whatever mode they run in.
#pragma once

#include "appserver/config/model/model.hpp"
#include "appserver/daemon/client.hpp"
#include "appserver/daemon/crew.hpp"
#include "appserver/metrics/slabs.hpp"
#include "appserver/wsgi/python.hpp"
#include "base/fd.hpp"
#include "base/net/event_loop.hpp"
#include "base/observe/log.hpp"

#include <memory>

namespace appserver::server {

class Embedded final : public base::net::EventHandler {
 public:
  Embedded(base::net::EventLoop& loop, std::shared_ptr<base::observe::ErrorLog> log)
      : loop_(loop), log_(std::move(log)) {}
  ~Embedded();
  Embedded(const Embedded&) = delete;
  Embedded& operator=(const Embedded&) = delete;

  /// Starts Python on the calling thread, then the threads, and gives their link to `client`.
  base::Result<> start(const config::Model& model, unsigned front, unsigned fronts,
                       daemon::GroupClient& client, metrics::ProcessCounters& counters);
  /// Waits for running requests until `deadline`, then ends the interpreter. False: some did not
  /// end.
  bool stop(daemon::Crew::Clock::time_point deadline);
  void on_events(std::uint32_t events) override;  // a kick

 private:
  base::net::EventLoop& loop_;
  std::shared_ptr<base::observe::ErrorLog> log_;
  std::unique_ptr<wsgi::Python> python_;
  std::unique_ptr<daemon::Crew> crew_;
  base::Fd kick_;
};

}  // namespace appserver::server
