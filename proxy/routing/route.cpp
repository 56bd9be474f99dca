// SPDX-License-Identifier: Apache-2.0
#include "proxy/routing/route.hpp"

#include "base/http/tokens.hpp"

#include <algorithm>

namespace proxy::routing {

namespace {

bool is_unreserved(char c) {
  return base::http::is_alpha(c) || base::http::is_digit(c) || c == '-' || c == '.' || c == '_' ||
         c == '~';
}

// Escapes of unreserved characters become the characters: "%2e%2E" is ".." (RFC 3986
// section 6.2.2.2).
std::string decode_unreserved(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '%' && i + 2 < path.size() && base::http::is_hex_digit(path[i + 1]) &&
        base::http::is_hex_digit(path[i + 2])) {
      const char c = static_cast<char>(base::http::hex_value(path[i + 1]) * 16 +
                                       base::http::hex_value(path[i + 2]));
      if (is_unreserved(c)) {
        out.push_back(c);
        i += 2;
        continue;
      }
    }
    out.push_back(path[i]);
  }
  return out;
}

bool is_plain(std::string_view path) {
  return path.find('%') == std::string_view::npos && path.find("//") == std::string_view::npos &&
         path.find("/.") == std::string_view::npos;
}

}  // namespace

bool append_canonical_path(std::string& out, std::string_view path) {
  if (is_plain(path)) {
    out.append(path);
    return true;
  }
  const std::string decoded = decode_unreserved(path);
  const std::size_t root = out.size();
  std::string_view rest = decoded;
  bool ends_in_slash = false;
  while (!rest.empty()) {
    rest.remove_prefix(1);  // the slash
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view segment = rest.substr(0, end);
    rest.remove_prefix(end);
    ends_in_slash = true;
    if (segment.empty() || segment == ".") continue;
    if (segment == "..") {
      if (out.size() == root) return false;
      out.erase(out.rfind('/'));
      continue;
    }
    out.append("/").append(segment);
    ends_in_slash = false;
  }
  if (ends_in_slash || out.size() == root) out.push_back('/');
  return true;
}

bool is_path_prefix(std::string_view prefix, std::string_view path) noexcept {
  if (path.substr(0, prefix.size()) != prefix) return false;
  return path.size() == prefix.size() || (!prefix.empty() && prefix.back() == '/') ||
         path[prefix.size()] == '/';
}

Decision route(const config::VirtualHost& host, const base::net::Endpoint& default_app_server,
               std::string_view target, std::string& storage) {
  Decision out;
  out.backend = host.app_server ? &*host.app_server : &default_app_server;
  out.target = target;
  if (host.routes.empty() || target == "*") return out;

  const std::size_t query_at = std::min(target.find('?'), target.size());
  std::string path;
  if (!append_canonical_path(path, target.substr(0, query_at))) {
    out.status = 400;
    return out;
  }
  for (const config::Route& candidate : host.routes) {
    if (!is_path_prefix(candidate.path, path)) continue;
    if (candidate.exclude) return out;
    storage.assign(candidate.backend_path);
    std::string_view rest = std::string_view(path).substr(candidate.path.size());
    if (!storage.empty() && storage.back() == '/' && !rest.empty() && rest.front() == '/')
      rest.remove_prefix(1);
    storage.append(rest);
    if (storage.empty() || storage.front() != '/') storage.insert(storage.begin(), '/');
    storage.append(target.substr(query_at));
    out.backend = &candidate.backend;
    out.app_server = false;
    out.target = storage;
    return out;
  }
  return out;
}

}  // namespace proxy::routing
