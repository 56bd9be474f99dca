// SPDX-License-Identifier: Apache-2.0
// Exact names in a table, wildcards in file order; whichever host stands first in the file wins.
#include "appserver/mapping/virtual_host.hpp"

#include "appserver/mapping/glob.hpp"
#include "base/http/request_target.hpp"

#include <algorithm>

namespace appserver::mapping {
namespace {

using base::net::Endpoint;

std::string address_key(const base::net::IpAddress& ip, std::uint16_t port) {
  std::string key;
  for (const std::uint8_t byte : ip.bytes) key.push_back(static_cast<char>(byte));
  key.push_back(static_cast<char>(port >> 8U));
  key.push_back(static_cast<char>(port & 0xffU));
  return key;
}

bool is_wildcard(std::string_view name) noexcept {
  return name.find_first_of("*?") != std::string_view::npos;
}

}  // namespace

HostIndex::HostIndex(const std::vector<config::VirtualHost>& hosts) {
  for (const config::VirtualHost& host : hosts) {
    Names names;
    const auto add_name = [&names](std::string_view text) {
      std::string name;
      base::http::append_host_key(name, text);
      if (name.empty()) return;
      (is_wildcard(name) ? names.wildcards : names.exact).push_back(std::move(name));
    };
    add_name(host.server_name);
    for (const std::string& alias : host.aliases) add_name(alias);
    names_.push_back(std::move(names));
  }
  for (std::size_t i = 1; i < hosts.size(); ++i) {
    for (const Endpoint& address : hosts[i].addresses) {
      const bool any = address.kind == Endpoint::Kind::any;
      if (address.kind == Endpoint::Kind::ip)
        add(by_address_[address_key(address.ip, address.port)], i);
      else if (any && address.port != 0)
        add(by_port_[address.port], i);
      else if (any)
        add(any_, i);
      if (any) add(portless_, i);
    }
  }
}

void HostIndex::add(AddressSet& set, std::size_t host) const {
  if (std::find(set.hosts.begin(), set.hosts.end(), host) != set.hosts.end()) return;
  const std::size_t position = set.hosts.size();
  set.hosts.push_back(host);
  for (const std::string& name : names_[host].exact) set.exact.emplace(name, position);
  for (const std::string& name : names_[host].wildcards) set.wildcards.emplace_back(position, name);
}

std::size_t HostIndex::choose(const AddressSet& set, std::string_view host_name) {
  if (host_name.empty()) return set.hosts.front();
  const auto exact = set.exact.find(host_name);
  const std::size_t limit = exact == set.exact.end() ? set.hosts.size() : exact->second;
  for (const auto& [position, pattern] : set.wildcards) {
    if (position >= limit) break;
    if (wildcard_match(pattern, host_name)) return set.hosts[position];
  }
  return limit < set.hosts.size() ? set.hosts[limit] : set.hosts.front();
}

std::size_t HostIndex::select(const base::net::SocketAddress& local,
                              std::string_view host_name) const {
  if (local.is_unix) {
    if (!any_.hosts.empty()) return choose(any_, host_name);
    return portless_.hosts.empty() ? 0 : choose(portless_, host_name);
  }
  if (!by_address_.empty()) {
    for (const std::uint16_t port : {local.port, std::uint16_t{0}}) {
      const auto set = by_address_.find(address_key(local.ip, port));
      if (set != by_address_.end()) return choose(set->second, host_name);
    }
  }
  if (const auto set = by_port_.find(local.port); set != by_port_.end())
    return choose(set->second, host_name);
  return any_.hosts.empty() ? 0 : choose(any_, host_name);
}

bool HostIndex::is_name_of(std::size_t host, std::string_view host_name) const {
  const Names& names = names_[host];
  return std::find(names.exact.begin(), names.exact.end(), host_name) != names.exact.end() ||
         std::any_of(names.wildcards.begin(), names.wildcards.end(),
                     [host_name](const std::string& pattern) {
                       return wildcard_match(pattern, host_name);
                     });
}

}  // namespace appserver::mapping
