// SPDX-License-Identifier: Apache-2.0
// What the admin process answers: /metrics /healthz /readyz /status /status.json, and POST /reload.
#pragma once

#include "appserver/metrics/exporter.hpp"
#include "base/observe/admin_message.hpp"

#include <functional>
#include <string>

namespace appserver::metrics {

struct ReloadOutcome {
  bool ok = false;
  std::string text;  ///< for people: what serves now, or every mistake of the new configuration
};

struct AdminHooks {
  /// Asks the supervisor for a reload and waits for its end; may block, runs on a thread of its
  /// own, one at a time. It has a time limit of its own.
  std::function<ReloadOutcome()> reload;
  /// Whether the supervisor lives; the default looks whether it is our parent still.
  std::function<bool()> supervisor_lives;
  UsageReader usage = base::observe::process_usage;
};

/// `metrics` outlives the routes. The GET handlers are for one thread.
base::observe::AdminRoutes admin_routes(const SharedMetrics& metrics, const BuildInfo& build,
                                        AdminHooks hooks);

}  // namespace appserver::metrics
