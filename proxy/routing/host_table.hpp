// SPDX-License-Identifier: Apache-2.0
// Which virtual host a request belongs to: by the address it came to, then by name.
// Pure. Source: httpd's name-based virtual hosts (wsgi-hosting 1).
#pragma once

#include "base/net/endpoint.hpp"
#include "proxy/config/settings.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace proxy::routing {

/// The virtual hosts of one address, in file order. The first is the default.
class HostSet {
 public:
  explicit HostSet(const config::Settings& settings, std::vector<std::uint32_t> hosts);

  /// Index of the host that answers to `name` (lower-case, no port): the first in file order whose
  /// ServerName or ServerAlias (with `*` and `?`) fits; else the default.
  [[nodiscard]] std::uint32_t find(std::string_view name) const;
  [[nodiscard]] std::uint32_t default_host() const noexcept { return hosts_.front(); }
  /// The first host that has TLS settings; `default_host()` when none has.
  [[nodiscard]] std::uint32_t default_tls_host() const noexcept { return default_tls_; }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  struct Pattern {
    std::string text;
    std::uint32_t order;
  };
  std::vector<std::uint32_t> hosts_;
  std::uint32_t default_tls_ = 0;
  std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>>
      exact_;  // name -> place in hosts_
  std::vector<Pattern> patterns_;
};

class HostTable {
 public:
  explicit HostTable(const config::Settings& settings);
  /// The hosts of the most specific address that fits: address and port, address, port, any; else
  /// the main server.
  [[nodiscard]] const HostSet& select(const base::net::SocketAddress& local) const noexcept;

 private:
  struct Entry {
    base::net::Endpoint address;
    HostSet hosts;
  };
  std::vector<Entry> entries_;
  HostSet main_;
};

/// `*` stands for any run of characters, `?` for one. Both texts lower-case.
bool matches_pattern(std::string_view pattern, std::string_view text) noexcept;

}  // namespace proxy::routing
