// SPDX-License-Identifier: Apache-2.0
// What the proxy's admin listener answers. It runs on a thread of its own and only reads counters.
#include "base/observe/exposition.hpp"
#include "base/observe/wall_time.hpp"
#include "base/version.hpp"
#include "proxy/metrics/exporter.hpp"
#include "proxy/server/proxy_server.hpp"

#include <memory>
#include <pthread.h>
#include <string>
#include <unistd.h>
#include <utility>

namespace proxy::server {

using base::observe::AdminReply;
using base::observe::AdminRequest;
using base::observe::AdminRoute;
using Method = AdminRoute::Method;

namespace {

constexpr const char* kText = "text/plain; charset=utf-8";

// Plain sentences around the JSON: the page shows the same numbers, nothing from outside stands in
// it.
std::string page_of(const std::string& json) {
  return "<!doctype html><meta "
         "charset=utf-8><title>gatehouse-proxy</title><h1>gatehouse-proxy</h1><pre>" +
         json + "</pre>\n";
}

}  // namespace

void ProxyServer::start_admin(base::Fd socket) {
  admin_ = std::make_unique<base::observe::AdminListener>(std::move(socket), admin_routes());
  admin_thread_ = std::thread([this] {
    (void)::pthread_setname_np(::pthread_self(), "admin");
    admin_->run();
  });
}

base::observe::AdminRoutes ProxyServer::admin_routes() {
  const metrics::Registry& registry = *registry_;
  base::observe::AdminRoutes routes;
  routes.push_back({Method::get, "/metrics", [&registry](const AdminRequest&) {
                      return AdminReply{
                          200, std::string(base::observe::kExpositionType),
                          base::observe::exposition_text(metrics::Exporter(registry).Collect())};
                    }});
  routes.push_back({Method::get, "/healthz", [](const AdminRequest&) {
                      return AdminReply{200, kText, "The proxy lives.\n"};
                    }});
  routes.push_back({Method::get, "/readyz", [&registry](const AdminRequest&) {
                      if (registry.server().ready.value() != 0)
                        return AdminReply{200, kText, "The proxy is ready.\n"};
                      return AdminReply{503, kText, "The proxy is starting or draining.\n"};
                    }});
  routes.push_back({Method::get, "/status", [this](const AdminRequest&) {
                      return AdminReply{200, "text/html; charset=utf-8", page_of(status_json())};
                    }});
  routes.push_back({Method::get, "/status.json", [this](const AdminRequest&) {
                      return AdminReply{200, "application/json", status_json()};
                    }});
  routes.push_back({Method::post, "/reload", [this](const AdminRequest&) {
                      Outcome outcome = ask_for_reload();
                      return AdminReply{outcome.done ? 200 : 500, kText, std::move(outcome.text)};
                    }});
  return routes;
}

std::string ProxyServer::status_json() const {
  const metrics::Registry& registry = *registry_;
  const auto number = [&](std::string& out, const char* name, std::int64_t value) {
    out.append(",\n  \"").append(name).append("\": ").append(std::to_string(value));
  };
  const auto gauge = [&](metrics::Gauge metrics::ThreadCounters::*member) {
    return registry.sum([member](const metrics::ThreadCounters& t) { return (t.*member).value(); });
  };
  std::string out = "{\n  \"program\": \"gatehouse-proxy\",\n  \"version\": \"";
  out.append(base::kVersion).append("\"");
  number(out, "pid", ::getpid());
  number(out, "threads", static_cast<std::int64_t>(registry.thread_count()));
  number(out, "uptime_seconds",
         (base::observe::wall_clock_us() - registry.server().start_us.load()) / 1'000'000);
  number(out, "ready", registry.server().ready.value());
  number(out, "connections_open", gauge(&metrics::ThreadCounters::connections_open));
  number(out, "exchanges_active", gauge(&metrics::ThreadCounters::exchanges_active));
  number(out, "backend_connections_open", gauge(&metrics::ThreadCounters::backend_open));
  number(out, "backend_connections_idle", gauge(&metrics::ThreadCounters::backend_idle));
  number(out, "reloads", static_cast<std::int64_t>(registry.server().reloads_done.value()));
  return out.append("\n}\n");
}

// On the admin listener's thread for POSTs: may wait for the main thread.
ProxyServer::Outcome ProxyServer::ask_for_reload() {
  std::unique_lock lock(mutex_);
  reload_outcome_.reset();
  reload_wanted_ = true;
  wake();
  answered_.wait(lock, [this] { return reload_outcome_.has_value() || ended_; });
  if (!reload_outcome_) return {false, "the server has ended\n"};
  return *std::exchange(reload_outcome_, std::nullopt);
}

}  // namespace proxy::server
