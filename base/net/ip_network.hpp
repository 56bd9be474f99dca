// SPDX-License-Identifier: Apache-2.0
// A CIDR network and lists of them: whom trust and access rules name.
#pragma once

#include "base/net/endpoint.hpp"
#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace base::net {

struct IpNetwork {
  IpAddress address;           ///< host bits are zero
  unsigned prefix_bits = 128;  ///< counted in the mapped 128-bit form: an IPv4 /8 is 104

  [[nodiscard]] bool contains(const IpAddress& ip) const noexcept;
  [[nodiscard]] std::string text() const;
};

/// Parses "10.0.0.0/8", "10.0.0.0/255.0.0.0", "10.1" (partial IPv4, a subnet), "10.0.0.1",
/// "2001:db8::/32". Host bits set beyond the prefix, a mask with holes, upper-case hex and anything
/// else are errors. Source: wsgi-hosting 5.1, 1.8.
Result<IpNetwork> parse_network(std::string_view text);

class IpNetworkSet {
 public:
  void add(IpNetwork network) { networks_.push_back(network); }
  [[nodiscard]] bool contains(const IpAddress& ip) const noexcept;
  [[nodiscard]] bool empty() const noexcept { return networks_.empty(); }
  [[nodiscard]] const std::vector<IpNetwork>& networks() const noexcept { return networks_; }

 private:
  std::vector<IpNetwork> networks_;
};

}  // namespace base::net
