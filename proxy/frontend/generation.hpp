// SPDX-License-Identifier: Apache-2.0
// One reading of the configuration as one thread's connections use it.
#pragma once

#include "base/observe/access_log.hpp"
#include "base/observe/log.hpp"
#include "proxy/config/settings.hpp"
#include "proxy/metrics/counters.hpp"
#include "proxy/routing/host_table.hpp"
#include "proxy/tls/context.hpp"

#include <memory>
#include <vector>

namespace proxy::frontend {

struct HostRuntime {
  std::shared_ptr<const tls::Context>
      tls;  ///< shared by the threads and by hosts with the same certificate
  std::shared_ptr<base::observe::ErrorLog> error_log;  ///< shared by all who log to the same place
  std::vector<std::shared_ptr<base::observe::AccessLog>>
      access_logs;                             ///< shared by this thread's hosts only
  metrics::VhostCounters* counters = nullptr;  ///< this thread's; lives as long as the process
};

/// Made by the main thread, handed over whole, never changed. Connections hold the generation that
/// they began with.
struct Generation {
  std::shared_ptr<const config::Settings> settings;      ///< shared by the threads
  std::shared_ptr<const routing::HostTable> host_table;  ///< shared by the threads
  std::vector<HostRuntime> hosts;                        ///< as settings->hosts
  bool logs_response_fields = false;
};

}  // namespace proxy::frontend
