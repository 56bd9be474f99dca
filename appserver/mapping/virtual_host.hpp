// SPDX-License-Identifier: Apache-2.0
// Which virtual host answers: by the address the client connected to, then by the name it asked
// for. Source: wsgi-hosting 1.6.
#pragma once

#include "appserver/config/model/model.hpp"
#include "appserver/mapping/file_system.hpp"
#include "base/net/endpoint.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace appserver::mapping {

class HostIndex {
 public:
  explicit HostIndex(const std::vector<config::VirtualHost>& hosts);

  /// `host_name`: lower-cased, without port and trailing dot; empty: none was sent. Returns an
  /// index into the hosts; 0, the main server, when no <VirtualHost> stands for the address. A Unix
  /// socket has no address: hosts for `*` are asked, and when there are none every host with a
  /// wildcard address, whatever its port.
  [[nodiscard]] std::size_t select(const base::net::SocketAddress& local,
                                   std::string_view host_name) const;

  /// Whether the name is the host's ServerName or one of its ServerAlias (wildcards count).
  [[nodiscard]] bool is_name_of(std::size_t host, std::string_view host_name) const;

 private:
  /// Hosts that share an address, in file order.
  struct AddressSet {
    std::vector<std::size_t> hosts;
    std::unordered_map<std::string, std::size_t, TextHash, std::equal_to<>> exact;  // -> position
    std::vector<std::pair<std::size_t, std::string>> wildcards;  // position, pattern
  };
  struct Names {
    std::vector<std::string> exact;
    std::vector<std::string> wildcards;
  };
  void add(AddressSet& set, std::size_t host) const;
  [[nodiscard]] static std::size_t choose(const AddressSet& set, std::string_view host_name);

  std::vector<Names> names_;
  std::unordered_map<std::string, AddressSet>
      by_address_;  // 16 bytes of address, 2 of port (0: any)
  std::unordered_map<std::uint16_t, AddressSet> by_port_;  // *:port
  AddressSet any_;                                         // *:*
  AddressSet portless_;  // all with a wildcard address, for Unix sockets
};

}  // namespace appserver::mapping
