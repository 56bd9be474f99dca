// SPDX-License-Identifier: Apache-2.0
// From what was written to what holds: inheritance from the main server, TLS, labels, checks of the
// whole.
#include "proxy/config/builder.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace proxy::config {
namespace {

/// The host's own value, or the main server's.
template <class T>
std::optional<T> inherit(const std::optional<T>& own, const std::optional<T>& shared) {
  return own ? own : shared;
}

std::string_view without_slash(std::string_view path) {
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  return path;
}

/// `path` is `prefix` or lies below it.
bool is_below(std::string_view path, std::string_view prefix) {
  path = without_slash(path);
  prefix = without_slash(prefix);
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

bool overlaps(const AppServerDuty& duty, const Route& route) {
  return duty.somewhere || is_below(duty.path, route.path) || is_below(route.path, duty.path);
}

/// The first route that may hand a request to another backend although the app server has a duty
/// there.
const Route* taken_away(const std::vector<Route>& routes, const AppServerDuty& duty) {
  for (const Route& route : routes) {
    if (!overlaps(duty, route)) continue;
    if (!route.exclude) return &route;
    if (!duty.somewhere && is_below(duty.path, route.path)) return nullptr;
  }
  return nullptr;
}

std::string shown_name(const VirtualHost& host) {
  if (host.addresses.empty()) return "the main server";
  return host.server_name.empty() ? "the host" : "the host " + host.server_name;
}

}  // namespace

Settings Builder::finish() {
  finish_listeners();
  base::config::LabelMaker labels;
  for (std::size_t i = 0; i < hosts_.size(); ++i) finish_host(i, labels);
  settings.hosts.reserve(hosts_.size());
  for (HostDraft& draft : hosts_) settings.hosts.push_back(std::move(draft.host));
  settings.notices = report.notices();
  return std::move(settings);
}

void Builder::finish_listeners() {
  std::vector<base::config::HostTls> hosts;
  for (const HostDraft& draft : hosts_) {
    hosts.push_back({draft.host.addresses, inherit(draft.tls.engine, hosts_.front().tls.engine),
                     shown_name(draft.host), draft.host.origin});
  }
  base::config::decide_tls(listen_lines, hosts, report);
  for (const auto& host : hosts) speaks_tls_.push_back(host.tls);
  for (const auto& line : listen_lines) {
    settings.listeners.push_back({line.endpoint, line.tls, line.origin});
  }
}

void Builder::finish_host(std::size_t index, base::config::LabelMaker& labels) {
  const HostDraft& main = hosts_.front();
  HostDraft& draft = hosts_[index];
  VirtualHost& host = draft.host;
  host.label = labels.make(host.server_name, draft.server_port, host.addresses);
  host.error_log = base::config::finish_error_log(main.error_logs, draft.error_logs);
  host.access_logs = base::config::finish_access_logs(main.proxy_logs, draft.proxy_logs, report);
  if (const auto protocols = inherit(draft.protocols, main.protocols)) {
    host.http2 = protocols->first;
    host.http1 = protocols->second;
  }
  host.preserve_host = inherit(draft.preserve_host, main.preserve_host).value_or(true);
  host.backend_timeout =
      inherit(draft.proxy_timeout, main.proxy_timeout).value_or(settings.io_timeout);
  // Of several sections that cover a URL the last one holds, and sections hold before the host's
  // own list.
  host.routes.insert(host.routes.begin(), draft.location_routes.rbegin(),
                     draft.location_routes.rend());
  if (index > 0) {
    host.routes.insert(host.routes.end(), main.host.routes.begin(), main.host.routes.end());
    if (!host.app_server) host.app_server = main.host.app_server;
  } else if (host.app_server) {
    settings.app_server = *host.app_server;
  }
  if (speaks_tls_[index]) finish_tls(main, draft);
  check_duties(main, draft);
}

void Builder::finish_tls(const HostDraft& main, HostDraft& draft) {
  const TlsDraft& own = draft.tls;
  const TlsDraft& shared = main.tls;
  const auto certificate = inherit(own.certificate_file, shared.certificate_file);
  if (!certificate) {
    const Origin& origin = own.engine_origin.file ? own.engine_origin : draft.host.origin;
    report.error(origin, "SSLEngine",
                 shown_name(draft.host) + " speaks TLS and has no SSLCertificateFile");
    return;
  }
  TlsSettings tls;
  tls.certificate_file = *certificate;
  // A key goes with its certificate.
  const TlsDraft& source = own.certificate_file ? own : shared;
  tls.key_file = (own.key_file ? own.key_file : source.key_file).value_or("");
  tls.chain_file = source.chain_file.value_or("");
  if (const auto versions = inherit(own.versions, shared.versions)) {
    std::tie(tls.min_version, tls.max_version) = *versions;
  }
  tls.cipher_list = inherit(own.cipher_list, shared.cipher_list).value_or("");
  tls.cipher_suites = inherit(own.cipher_suites, shared.cipher_suites).value_or("");
  tls.honor_cipher_order =
      inherit(own.honor_cipher_order, shared.honor_cipher_order).value_or(false);
  tls.origin = own.engine_origin.file ? own.engine_origin : draft.host.origin;
  draft.host.tls = std::move(tls);
}

void Builder::check_duties(const HostDraft& main, const HostDraft& draft) {
  const auto check = [&](const std::vector<AppServerDuty>& duties) {
    for (const AppServerDuty& duty : duties) {
      const Route* const taken = taken_away(draft.host.routes, duty);
      if (taken == nullptr) continue;
      report.error(duty.origin, duty.directive,
                   "not supported by this version for what ProxyPass takes away from the app "
                   "server (" +
                       taken->path + ", " + taken->origin.text() + ")");
    }
  };
  check(draft.duties);
  if (&draft != &main) check(main.duties);
}

}  // namespace proxy::config
