// SPDX-License-Identifier: Apache-2.0
// Forwarded headers play no part here: redirects and group names use the connection's own data
// (wsgi-hosting 5.3).
#include "appserver/mapping/own_name.hpp"

#include "base/http/tokens.hpp"

namespace appserver::mapping {
namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

std::uint16_t scheme_port(const MapResult& result) noexcept {
  return request_scheme(result) == "https" ? kHttpsPort : kHttpPort;
}

/// Httpd leaves these of a path as they are; hexadecimal digits of the others are lower case
/// (wsgi-hosting 1.4).
bool stands_unescaped(char c) noexcept {
  return base::http::is_alpha(c) || base::http::is_digit(c) ||
         std::string_view("$-_.+!*'(),:@&=/~").find(c) != std::string_view::npos;
}

}  // namespace

std::string_view request_scheme(const MapResult& result) noexcept {
  return result.host->server_scheme == "https" ? std::string_view("https") : result.client.scheme();
}

std::uint16_t server_port(const MapResult& result) noexcept {
  if (result.host_port != 0) return result.host_port;
  if (result.authority.empty() && result.host->server_port != 0) return result.host->server_port;
  return scheme_port(result);
}

std::string_view server_name(const MapResult& result) noexcept {
  if (!result.host_name.empty()) return result.host_name;
  if (!result.host->server_name.empty()) return result.host->server_name;
  return result.client.local_text;
}

void set_group_host(std::string& out, std::string_view name, std::uint16_t port) {
  out.assign(name);
  if (port != kHttpPort && port != kHttpsPort) out.append(":").append(std::to_string(port));
}

std::string own_url(const MapResult& result, std::string_view path, std::string_view query,
                    bool has_query) {
  std::string url(request_scheme(result));
  const std::string_view name = server_name(result);
  const bool bare_ipv6 = name.find(':') != std::string_view::npos && name.front() != '[';
  url.append(bare_ipv6 ? "://[" : "://").append(name).append(bare_ipv6 ? "]" : "");
  if (const std::uint16_t port = server_port(result); port != scheme_port(result))
    url.append(":").append(std::to_string(port));
  constexpr std::string_view kHex = "0123456789abcdef";
  for (const char c : path) {
    if (stands_unescaped(c)) {
      url.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    url.push_back('%');
    url.push_back(kHex[byte >> 4U]);
    url.push_back(kHex[byte & 0xfU]);
  }
  if (has_query) url.append("?").append(query);
  return url;
}

}  // namespace appserver::mapping
