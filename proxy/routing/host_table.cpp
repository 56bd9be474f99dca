// SPDX-License-Identifier: Apache-2.0
#include "proxy/routing/host_table.hpp"

#include "base/http/tokens.hpp"

#include <algorithm>

namespace proxy::routing {

namespace {

using base::net::Endpoint;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), base::http::to_lower);
  return out;
}

// A ServerName may carry scheme and port ("https://www.example.org:443"): only the name is
// compared.
std::string bare_name(std::string_view text) {
  const std::size_t scheme = text.find("://");
  if (scheme != std::string_view::npos) text.remove_prefix(scheme + 3);
  if (text.empty() || text.front() != '[') text = text.substr(0, text.find(':'));
  return lower(text);
}

bool same_place(const Endpoint& a, const Endpoint& b) {
  return a.kind == b.kind && a.ip == b.ip && a.port == b.port;
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view text) noexcept {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t retry = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

HostSet::HostSet(const config::Settings& settings, std::vector<std::uint32_t> hosts)
    : hosts_(std::move(hosts)) {
  default_tls_ = hosts_.front();
  bool have_tls = false;
  for (std::uint32_t order = 0; order < hosts_.size(); ++order) {
    const config::VirtualHost& host = settings.hosts[hosts_[order]];
    if (host.tls && !have_tls) {
      default_tls_ = hosts_[order];
      have_tls = true;
    }
    const auto add = [this, order](std::string_view name) {
      std::string text = bare_name(name);
      if (text.empty()) return;
      if (text.find_first_of("*?") != std::string::npos) {
        patterns_.push_back({std::move(text), order});
      } else {
        exact_.emplace(std::move(text), order);
      }
    };
    add(host.server_name);
    for (const std::string& alias : host.aliases) add(alias);
  }
}

std::uint32_t HostSet::find(std::string_view name) const {
  const auto exact = exact_.find(name);
  const std::uint32_t exact_order =
      exact == exact_.end() ? static_cast<std::uint32_t>(hosts_.size()) : exact->second;
  for (const Pattern& pattern : patterns_) {
    if (pattern.order >= exact_order) break;
    if (matches_pattern(pattern.text, name)) return hosts_[pattern.order];
  }
  return exact == exact_.end() ? hosts_.front() : hosts_[exact_order];
}

HostTable::HostTable(const config::Settings& settings) : main_(settings, {0}) {
  std::vector<std::pair<Endpoint, std::vector<std::uint32_t>>> groups;
  for (std::uint32_t i = 1; i < settings.hosts.size(); ++i) {
    for (const Endpoint& address : settings.hosts[i].addresses) {
      auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& known) {
        return same_place(known.first, address);
      });
      if (group == groups.end()) group = groups.insert(groups.end(), {address, {}});
      if (group->second.empty() || group->second.back() != i) group->second.push_back(i);
    }
  }
  for (auto& [address, hosts] : groups)
    entries_.push_back({address, HostSet(settings, std::move(hosts))});
}

const HostSet& HostTable::select(const base::net::SocketAddress& local) const noexcept {
  const HostSet* best = &main_;
  int best_rank = 0;
  for (const Entry& entry : entries_) {
    const Endpoint& address = entry.address;
    const bool port_fits = address.port == 0 || address.port == local.port;
    const bool names_ip = address.kind == Endpoint::Kind::ip && !address.ip.is_unspecified();
    if (!port_fits || (names_ip && (local.is_unix || address.ip != local.ip))) continue;
    const int rank = 1 + (names_ip ? 2 : 0) + (address.port != 0 ? 1 : 0);
    if (rank > best_rank) {
      best = &entry.hosts;
      best_rank = rank;
    }
  }
  return *best;
}

}  // namespace proxy::routing
