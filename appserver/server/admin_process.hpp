// SPDX-License-Identifier: Apache-2.0
// The life of the admin process: answers /metrics, /healthz, /readyz and /status while every other
// process is busy.
#pragma once

#include "appserver/config/model/model.hpp"
#include "appserver/metrics/slabs.hpp"
#include "appserver/server/listeners.hpp"
#include "base/fd.hpp"
#include "base/observe/log.hpp"

#include <memory>

namespace appserver::server {

struct AdminStart {
  std::shared_ptr<const config::Model> model;
  std::shared_ptr<metrics::SharedMetrics> metrics;
  std::shared_ptr<base::observe::ErrorLog> log;
  std::shared_ptr<Listener> listener;
  base::Fd control;
};

[[noreturn]] void run_admin(AdminStart start);

}  // namespace appserver::server
