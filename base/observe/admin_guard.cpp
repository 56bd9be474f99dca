// SPDX-License-Identifier: Apache-2.0
#include "base/observe/admin_guard.hpp"

#include "base/net/endpoint.hpp"

#include <algorithm>

namespace base::observe {
namespace {

// "127.0.0.1:9117", "[::1]:9117", "localhost:9117": the part before the port, brackets off.
std::string_view without_port(std::string_view host) noexcept {
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    return end == std::string_view::npos ? std::string_view() : host.substr(1, end - 1);
  }
  return host.substr(0, std::min(host.find(':'), host.size()));
}

}  // namespace

bool may_post(std::string_view host, std::string_view origin,
              std::string_view fetch_site) noexcept {
  if (!fetch_site.empty() && fetch_site != "same-origin" && fetch_site != "none") return false;
  if (origin.empty()) return true;
  constexpr std::string_view kScheme = "http://";
  if (!origin.starts_with(kScheme) || origin.substr(kScheme.size()) != host) return false;
  const std::string_view name = without_port(host);
  return name == "localhost" || net::parse_ip(name).has_value();
}

}  // namespace base::observe
