// SPDX-License-Identifier: Apache-2.0
// Authority and path -> the backend that answers: a ProxyPass of the host, in file order, or the
// app server. Pure. Source: httpd mod_proxy.
#pragma once

#include "base/net/endpoint.hpp"
#include "proxy/config/settings.hpp"

#include <string>
#include <string_view>

namespace proxy::routing {

struct Decision {
  const base::net::Endpoint* backend = nullptr;
  bool app_server = true;
  std::string_view
      target;      ///< what to ask the backend for: the request's target or a view into `storage`
  int status = 0;  ///< 400: the path leads above the root
};

/// `target` is in origin form or "*". Prefixes are compared with the path as the backend will
/// understand it: dot segments resolved, escaped letters decoded, runs of slashes merged; `%2F`
/// stays what it is. A ProxyPass backend is asked for that path; the app server gets the target
/// untouched, as it maps it itself.
Decision route(const config::VirtualHost& host, const base::net::Endpoint& default_app_server,
               std::string_view target, std::string& storage);

/// The path in one spelling, appended to `out`. False when it leads above the root.
bool append_canonical_path(std::string& out, std::string_view path);
/// Whether `prefix` names `path` or a folder above it: "/api" fits "/api" and "/api/x", not
/// "/apix"; "/api/" not "/api".
bool is_path_prefix(std::string_view prefix, std::string_view path) noexcept;

}  // namespace proxy::routing
