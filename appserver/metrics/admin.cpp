// SPDX-License-Identifier: Apache-2.0
#include "appserver/metrics/admin.hpp"

#include "appserver/metrics/readiness.hpp"
#include "appserver/metrics/status.hpp"
#include "base/observe/exposition.hpp"
#include "base/observe/wall_time.hpp"

#include <memory>
#include <unistd.h>
#include <utility>

namespace appserver::metrics {
namespace {

using base::observe::AdminReply;
using base::observe::AdminRequest;
using base::observe::AdminRoute;
using Method = AdminRoute::Method;

constexpr const char* kText = "text/plain; charset=utf-8";

bool is_parent(const SharedMetrics& metrics) noexcept {
  return metrics.supervisor().supervisor.pid.load(std::memory_order_acquire) == ::getppid();
}

}  // namespace

base::observe::AdminRoutes admin_routes(const SharedMetrics& metrics, const BuildInfo& build,
                                        AdminHooks hooks) {
  if (!hooks.supervisor_lives) hooks.supervisor_lives = [&metrics] { return is_parent(metrics); };
  // Kept by the /metrics handler alone; shared_ptr because a handler must be copyable.
  const auto exporter = std::make_shared<Exporter>(metrics, build, hooks.usage);
  const auto status = [&metrics, build, usage = hooks.usage] {
    return read_status(metrics, build, usage, base::observe::wall_clock_us());
  };

  base::observe::AdminRoutes routes;
  routes.push_back({Method::get, "/metrics", [exporter](const AdminRequest&) {
                      return AdminReply{200, std::string(base::observe::kExpositionType),
                                        base::observe::exposition_text(exporter->Collect())};
                    }});
  routes.push_back({Method::get, "/healthz", [lives = hooks.supervisor_lives](const AdminRequest&) {
                      if (lives()) return AdminReply{200, kText, "The server lives.\n"};
                      return AdminReply{503, kText, "The supervisor has ended.\n"};
                    }});
  routes.push_back(
      {Method::get, "/readyz", [&metrics, lives = hooks.supervisor_lives](const AdminRequest&) {
         const std::string missing =
             lives() ? why_not_ready(metrics) : std::string("The supervisor has ended.");
         if (missing.empty()) return AdminReply{200, kText, "The server is ready.\n"};
         return AdminReply{503, kText, missing + "\n"};
       }});
  routes.push_back({Method::get, "/status", [status](const AdminRequest&) {
                      return AdminReply{200, "text/html; charset=utf-8", status_page(status())};
                    }});
  routes.push_back({Method::get, "/status.json", [status](const AdminRequest&) {
                      return AdminReply{200, "application/json", status_json(status())};
                    }});
  if (hooks.reload) {
    routes.push_back(
        {Method::post, "/reload", [reload = std::move(hooks.reload)](const AdminRequest&) {
           ReloadOutcome outcome = reload();
           if (!outcome.text.ends_with('\n')) outcome.text += '\n';
           return AdminReply{outcome.ok ? 200 : 500, kText, std::move(outcome.text)};
         }});
  }
  return routes;
}

}  // namespace appserver::metrics
