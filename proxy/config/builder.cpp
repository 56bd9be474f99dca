// SPDX-License-Identifier: Apache-2.0
#include "proxy/config/builder.hpp"

#include "base/config/values.hpp"

namespace proxy::config {
namespace {

namespace context = base::config::context;

}  // namespace

Builder::Builder(base::config::Report& report_in, std::string server_root_in, bool as_root_in)
    : report(report_in), server_root(std::move(server_root_in)), as_root(as_root_in) {
  hosts_.emplace_back();
  settings.app_server.kind = base::net::Endpoint::Kind::unix_path;
  settings.app_server.path = "/run/gatehouse/app.sock";
  settings.admin.kind = base::net::Endpoint::Kind::ip;
  settings.admin.ip = base::net::parse_ip("127.0.0.1").value_or(base::net::IpAddress{});
  settings.admin.port = 9118;
}

Contexts Builder::context() const noexcept {
  if (!open_sections_.empty()) return open_sections_.back().context;
  return in_vhost() ? context::vhost : context::server;
}

std::string Builder::place() const {
  if (const OpenSection* open = section()) {
    return open->name + " (" + open->origin.text() + ")";
  }
  if (in_vhost()) return "<VirtualHost> (" + hosts_[current_host_].host.origin.text() + ")";
  return "server config";
}

void Builder::open_host(std::vector<base::net::Endpoint> addresses, Origin origin) {
  HostDraft draft;
  draft.host.addresses = std::move(addresses);
  draft.host.origin = std::move(origin);
  hosts_.push_back(std::move(draft));
  current_host_ = hosts_.size() - 1;
}

void Builder::note_duty(const Args& args) {
  AppServerDuty duty{"", false, args.subject(), args.origin()};
  if (const OpenSection* open = section()) {
    duty.path = open->pattern;
    duty.somewhere = open->expression;
  }
  host().duties.push_back(std::move(duty));
}

std::string Builder::path(const std::string& word) const {
  return base::config::resolve_path(word, server_root);
}

}  // namespace proxy::config
