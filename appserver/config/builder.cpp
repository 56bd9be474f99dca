// SPDX-License-Identifier: Apache-2.0
#include "appserver/config/builder.hpp"

#include "base/config/values.hpp"

#include <utility>

namespace appserver::config {
namespace {

namespace context = base::config::context;

Contexts context_of(Section::Kind kind) noexcept {
  switch (kind) {
    case Section::Kind::directory:
    case Section::Kind::directory_match:
      return context::directory;
    case Section::Kind::files:
    case Section::Kind::files_match:
      return context::files;
    case Section::Kind::location:
    case Section::Kind::location_match:
      break;
  }
  return context::location;
}

std::string_view section_name(Section::Kind kind) noexcept {
  switch (kind) {
    case Section::Kind::directory:
      return "Directory";
    case Section::Kind::directory_match:
      return "DirectoryMatch";
    case Section::Kind::files:
      return "Files";
    case Section::Kind::files_match:
      return "FilesMatch";
    case Section::Kind::location:
      return "Location";
    case Section::Kind::location_match:
      return "LocationMatch";
  }
  return "";
}

}  // namespace

Builder::Builder(base::config::Report& report_in, std::string server_root_in, bool as_root_in)
    : report(report_in), server_root(std::move(server_root_in)), as_root(as_root_in) {
  hosts_.emplace_back();
  model.admin.kind = base::net::Endpoint::Kind::ip;
  model.admin.ip = base::net::parse_ip("127.0.0.1").value_or(base::net::IpAddress{});
  model.admin.port = 9117;
}

Contexts Builder::context() const noexcept {
  if (in_section()) return context_of(open_sections_.back().kind);
  return in_vhost() ? context::vhost : context::server;
}

std::string Builder::place() const {
  if (in_section()) {
    const Section& section = open_sections_.back();
    return "<" + std::string(section_name(section.kind)) + "> (" + section.origin.text() + ")";
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

void Builder::close_section() {
  Section section = std::move(open_sections_.back());
  open_sections_.pop_back();
  auto& siblings = in_section() ? open_sections_.back().nested : host().host.sections;
  siblings.push_back(std::move(section));
}

std::string Builder::path(const std::string& word) const {
  return base::config::resolve_path(word, server_root);
}

}  // namespace appserver::config
