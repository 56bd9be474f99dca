// SPDX-License-Identifier: Apache-2.0
// The life of one front, from just after the fork to its exit.
#pragma once

#include "appserver/config/model/model.hpp"
#include "appserver/metrics/slabs.hpp"
#include "appserver/server/listeners.hpp"
#include "appserver/server/logs.hpp"
#include "base/fd.hpp"

#include <memory>

namespace appserver::server {

struct FrontStart {
  std::shared_ptr<const config::Model> model;
  unsigned front = 0;
  unsigned fronts = 1;
  metrics::SharedMetrics* metrics = nullptr;
  Logs logs;
  ListenerSet listeners;
  base::Fd control;
};

[[noreturn]] void run_front(FrontStart start);

}  // namespace appserver::server
