// SPDX-License-Identifier: Apache-2.0
#include "base/config/values.hpp"

#include "base/config/lexer.hpp"
#include "base/config/report.hpp"
#include "base/handle.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <grp.h>
#include <netdb.h>
#include <optional>
#include <pwd.h>
#include <sys/types.h>
#include <vector>

namespace base::config {
namespace {

std::string quoted(std::string_view word) {
  return '"' + printable(word) + '"';
}

template <class T>
bool read_decimal(std::string_view text, T& out) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, out);
  return error == std::errc() && stop == end;
}

Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  if (!read_decimal(text, port) || port == 0) {
    return fail(ErrorCode::invalid, "expected a port from 1 to 65535, got " + quoted(text));
  }
  return port;
}

using AddressList = Handle<addrinfo, freeaddrinfo>;

Result<net::IpAddress> resolve(const std::string& name) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(name.c_str(), nullptr, &hints, &found);
  const AddressList list(found);
  if (code != 0 || !list) {
    return fail(ErrorCode::not_found,
                "cannot resolve the host name " + quoted(name) + ": write an IP address or *");
  }
  // Local backends listen on 127.0.0.1 far more often than on ::1.
  const addrinfo* chosen = list.get();
  for (const addrinfo* each = list.get(); each != nullptr; each = each->ai_next) {
    if (each->ai_family != AF_INET) continue;
    chosen = each;
    break;
  }
  sockaddr_storage storage{};
  std::copy_n(static_cast<const unsigned char*>(static_cast<const void*>(chosen->ai_addr)),
              std::min<std::size_t>(chosen->ai_addrlen, sizeof storage),
              static_cast<unsigned char*>(static_cast<void*>(&storage)));
  return net::SocketAddress::from(storage).ip;
}

/// getpwnam_r and friends want a buffer whose size nobody knows.
constexpr std::size_t kNameBufferBytes = 65'536;

std::optional<unsigned> number_after_hash(const std::string& word) {
  unsigned id = 0;
  if (word.size() < 2 || word.front() != '#' ||
      !read_decimal(std::string_view(word).substr(1), id)) {
    return std::nullopt;
  }
  return id;
}

Result<> check_identity(const std::string& word, std::optional<unsigned> id, std::string_view what,
                        RootAllowed root) {
  if (!id) return fail(ErrorCode::not_found, "unknown " + std::string(what) + " " + quoted(word));
  if (*id == 0 && root == RootAllowed::no) {
    return fail(ErrorCode::denied,
                std::string(what) + " " + quoted(word) + " is root: blocked from running as root");
  }
  return {};
}

}  // namespace

std::string resolve_path(std::string_view path, std::string_view server_root) {
  if (path.empty() || path.front() == '/' || server_root.empty()) return std::string(path);
  std::string out = without_trailing_slash(std::string(server_root));
  if (out.back() != '/') out.push_back('/');
  return out.append(path);
}

std::string without_trailing_slash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

Result<bool> parse_on_off(std::string_view word) {
  if (equal_no_case(word, "on")) return true;
  if (equal_no_case(word, "off")) return false;
  return fail(ErrorCode::invalid, "expected On or Off, got " + quoted(word));
}

Result<std::uint64_t> parse_number(std::string_view word, std::uint64_t least, std::uint64_t most) {
  std::uint64_t value = 0;
  if (!read_decimal(word, value) || value < least || value > most) {
    return fail(ErrorCode::invalid, "expected a number from " + std::to_string(least) + " to " +
                                        std::to_string(most) + ", got " + quoted(word));
  }
  return value;
}

Result<std::chrono::milliseconds> parse_seconds(std::string_view word) {
  constexpr std::uint64_t kTenYears = 10ULL * 366 * 24 * 3600;
  std::uint64_t value = 0;
  if (!read_decimal(word, value) || value > kTenYears) {
    return fail(ErrorCode::invalid, "expected a number of seconds, got " + quoted(word));
  }
  return std::chrono::seconds(value);
}

Result<std::chrono::milliseconds> parse_duration(std::string_view word) {
  const std::size_t digits = std::min(word.find_first_not_of("0123456789"), word.size());
  const std::string_view unit = word.substr(digits);
  const auto value = parse_seconds(word.substr(0, digits));
  if (value) {
    if (unit.empty() || equal_no_case(unit, "s")) return *value;
    if (equal_no_case(unit, "ms")) return *value / 1000;
    if (equal_no_case(unit, "min") || equal_no_case(unit, "mi")) return *value * 60;
    if (equal_no_case(unit, "h")) return *value * 3600;
  }
  return fail(ErrorCode::invalid,
              "expected seconds or a number with ms, s, min or h, got " + quoted(word));
}

Result<ServerIdentity> parse_server_name(std::string_view word) {
  ServerIdentity out;
  std::string_view rest = word;
  if (const std::size_t scheme = rest.find("://"); scheme != std::string_view::npos) {
    out.scheme = lower_case(rest.substr(0, scheme));
    if (out.scheme != "http" && out.scheme != "https") {
      return fail(ErrorCode::invalid, "expected the scheme http or https, got " + quoted(word));
    }
    rest.remove_prefix(scheme + 3);
  }
  const bool bracketed = !rest.empty() && rest.front() == '[';
  const std::size_t from = bracketed ? rest.find(']') : 0;
  const std::size_t colon =
      from == std::string_view::npos ? std::string_view::npos : rest.find(':', from);
  out.name = rest.substr(0, colon);
  if (colon != std::string_view::npos) {
    GH_TRY(out.port, parse_port(rest.substr(colon + 1)));
  }
  const bool bad = out.name.empty() || out.name.find_first_of("/ \t?#@") != std::string::npos;
  if (bad) {
    return fail(ErrorCode::invalid, "expected [scheme://]name[:port], got " + quoted(word));
  }
  return out;
}

Result<net::Endpoint> parse_host_address(std::string_view word) {
  net::Endpoint out;
  std::string_view address = word;
  std::string_view port;
  const std::size_t bracket = word.starts_with('[') ? word.find(']') : 0;
  const std::size_t colon =
      bracket == std::string_view::npos ? std::string_view::npos : word.find(':', bracket);
  if (colon != std::string_view::npos) {
    address = word.substr(0, colon);
    port = word.substr(colon + 1);
    if (port != "*") {
      GH_TRY(out.port, parse_port(port));
    }
  }
  if (address == "*" || equal_no_case(address, "_default_")) return out;
  if (address.empty()) {
    return fail(ErrorCode::invalid,
                "expected address[:port], *[:port] or _default_[:port], got " + quoted(word));
  }
  out.kind = net::Endpoint::Kind::ip;
  if (address.size() > 2 && address.front() == '[' && address.back() == ']') {
    GH_TRY(out.ip, net::parse_ip(address.substr(1, address.size() - 2)));
    return out;
  }
  if (const auto ip = net::parse_ip(address)) {
    out.ip = *ip;
    return out;
  }
  GH_TRY(out.ip, resolve(std::string(address)));
  return out;
}

Result<net::Endpoint> parse_backend_address(std::string_view word) {
  if (word.starts_with("unix:")) return net::parse_endpoint(word);
  const std::size_t colon = word.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    return fail(ErrorCode::invalid, "expected unix:path or host:port, got " + quoted(word));
  }
  net::Endpoint out;
  out.kind = net::Endpoint::Kind::ip;
  GH_TRY(out.port, parse_port(word.substr(colon + 1)));
  std::string_view host = word.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    GH_TRY(out.ip, net::parse_ip(host.substr(1, host.size() - 2)));
  } else if (const auto ip = net::parse_ip(host)) {
    out.ip = *ip;
  } else {
    GH_TRY(out.ip, resolve(std::string(host)));
  }
  return out;
}

Result<> check_user(const std::string& word, RootAllowed root) {
  std::vector<char> buffer(kNameBufferBytes);
  passwd entry{};
  passwd* found = nullptr;
  if (const auto id = number_after_hash(word)) {
    (void)::getpwuid_r(*id, &entry, buffer.data(), buffer.size(), &found);
  } else {
    (void)::getpwnam_r(word.c_str(), &entry, buffer.data(), buffer.size(), &found);
  }
  return check_identity(word, found ? std::optional(found->pw_uid) : std::nullopt, "user", root);
}

Result<> check_group(const std::string& word, RootAllowed root) {
  if (const auto id = number_after_hash(word)) return check_identity(word, id, "group", root);
  std::vector<char> buffer(kNameBufferBytes);
  group entry{};
  group* found = nullptr;
  (void)::getgrnam_r(word.c_str(), &entry, buffer.data(), buffer.size(), &found);
  return check_identity(word, found ? std::optional(found->gr_gid) : std::nullopt, "group", root);
}

}  // namespace base::config
