// SPDX-License-Identifier: Apache-2.0
// The life of one process of a daemon group, from just after the fork to its exit.
#pragma once

#include "appserver/config/model/model.hpp"
#include "appserver/metrics/slabs.hpp"
#include "base/fd.hpp"
#include "base/observe/log.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace appserver::server {

struct DaemonStart {
  std::shared_ptr<const config::Model> model;
  std::size_t group = 0;
  unsigned process = 0;
  metrics::SharedMetrics* metrics = nullptr;
  std::shared_ptr<base::observe::ErrorLog> log;
  base::Fd control;
  base::Fd kick;
  base::Fd claims;
  std::vector<base::Fd> links;  ///< one a front, by index
};

/// Exit status of a process whose interpreter could not be started: the supervisor waits before the
/// next try.
inline constexpr int kStartFailed = 70;

[[noreturn]] void run_daemon(DaemonStart start);

}  // namespace appserver::server
