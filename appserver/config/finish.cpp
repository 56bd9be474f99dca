// SPDX-License-Identifier: Apache-2.0
// From what was written to what holds: inheritance between the main server and its hosts
// (wsgi-hosting 1.5), TLS, labels, and the checks that need the whole file.
#include "appserver/config/builder.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace appserver::config {
namespace {

/// V's entries come first, then S's: the first match wins (wsgi-hosting 1.3).
template <class T>
void append(std::vector<T>& own, const std::vector<T>& shared) {
  own.insert(own.end(), shared.begin(), shared.end());
}

std::string shown_name(const VirtualHost& host) {
  if (host.addresses.empty()) return "the main server";
  return host.server_name.empty() ? "the host" : "the host " + host.server_name;
}

}  // namespace

Model Builder::finish() {
  finish_tls();
  check_preloads();
  base::config::LabelMaker labels;
  for (std::size_t i = 0; i < hosts_.size(); ++i) finish_host(i, labels);
  model.hosts.reserve(hosts_.size());
  for (HostDraft& draft : hosts_) model.hosts.push_back(std::move(draft.host));
  model.uses_embedded = std::any_of(model.hosts.begin(), model.hosts.end(), may_run_embedded);
  if (restrict_embedded && restrict_embedded->first && model.uses_embedded) {
    report.error(restrict_embedded->second, "WSGIRestrictEmbedded",
                 "not supported by this version while a script may run embedded: name a process "
                 "group for every "
                 "WSGIScriptAlias");
  }
  model.notices = report.notices();
  return std::move(model);
}

void Builder::finish_host(std::size_t index, base::config::LabelMaker& labels) {
  const HostDraft& main = hosts_.front();
  HostDraft& draft = hosts_[index];
  VirtualHost& host = draft.host;
  host.error_log = base::config::finish_error_log(main.logs, draft.logs);
  host.access_logs = base::config::finish_access_logs(main.logs, draft.logs, report);
  host.label = labels.make(host.server_name, host.server_port, host.addresses);
  if (index == 0) return;
  host.scope = merge(main.host.scope, host.scope);
  host.sections.insert(host.sections.begin(), main.host.sections.begin(), main.host.sections.end());
  append(host.alias_list, main.host.alias_list);
  append(host.script_alias_list, main.host.script_alias_list);
  if (host.document_root.empty()) host.document_root = main.host.document_root;
  if (host.server_admin.empty()) host.server_admin = main.host.server_admin;
}

void Builder::finish_tls() {
  std::vector<base::config::HostTls> hosts;
  const auto& inherited = hosts_.front().tls_engine;
  for (const HostDraft& draft : hosts_) {
    const auto& engine = draft.tls_engine ? draft.tls_engine : inherited;
    hosts.push_back({draft.host.addresses, engine ? std::optional(engine->first) : std::nullopt,
                     shown_name(draft.host), draft.host.origin});
  }
  base::config::decide_tls(listen_lines, hosts, report);
  for (std::size_t i = 0; i < hosts.size(); ++i) hosts_[i].host.tls = hosts[i].tls;
  for (const auto& line : listen_lines) {
    model.listeners.push_back({line.endpoint, line.tls, line.origin});
  }
}

/// The three errors of the pre-load rule (wsgi-hosting 1.3).
void Builder::check_preloads() {
  for (const PreloadCheck& check : preload_checks) {
    const auto declared = model.groups.begin() + static_cast<std::ptrdiff_t>(check.groups_declared);
    const auto group = std::find_if(model.groups.begin(), declared,
                                    [&](const DaemonGroup& g) { return g.name == check.group; });
    if (group == declared) {
      report.error(check.origin, check.directive,
                   "WSGI process group not yet configured: " + check.group);
      continue;
    }
    if (!group->vhost || *group->vhost == check.host) continue;
    const std::string& theirs = hosts_[*group->vhost].host.server_name;
    const std::string& ours = hosts_[check.host].host.server_name;
    const std::string where =
        ": " + check.group + " belongs to the host of " + hosts_[*group->vhost].host.origin.text();
    if (theirs.empty() != ours.empty()) {
      report.error(check.origin, check.directive, "WSGI process group not matchable" + where);
    } else if (theirs != ours) {
      report.error(check.origin, check.directive, "WSGI process group not accessible" + where);
    }
  }
}

}  // namespace appserver::config
