// SPDX-License-Identifier: Apache-2.0
// Listen lines beside the hosts of the same file: which of them speak TLS (architecture, section
// 1). Both programs decide alike: one opens the ports, the other knows what the client spoke.
#pragma once

#include "base/config/origin.hpp"
#include "base/config/report.hpp"
#include "base/config/section_tree.hpp"
#include "base/net/endpoint.hpp"
#include "base/result.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace base::config {

struct ListenLine {
  net::Endpoint endpoint;
  bool https = false;  ///< `Listen 443 https`
  Origin origin;
  bool tls = false;  ///< decided by decide_tls
};

/// Reads `[addr:]port|unix:/path [protocol]` and adds it; the same place twice is an error that
/// names both.
Result<> read_listen(const Args& args, std::vector<ListenLine>& lines);

struct HostTls {
  std::vector<net::Endpoint> addresses;  ///< empty: the main server
  std::optional<bool> engine;            ///< SSLEngine as written for it; none: not said
  std::string name;                      ///< for messages
  Origin origin;
  bool tls = false;  ///< decided
};

/// `hosts[0]` is the main server. A port speaks TLS when its line says https or all its hosts say
/// SSLEngine on; a mixture is an error that names two hosts.
void decide_tls(std::span<ListenLine> lines, std::span<HostTls> hosts, Report& report);

/// Metric label of each host: "name:port", the first address of a nameless one, "_main_"; made
/// unique by "#2".
class LabelMaker {
 public:
  std::string make(const std::string& server_name, std::uint16_t server_port,
                   const std::vector<net::Endpoint>& addresses);

 private:
  std::vector<std::string> used_;
};

}  // namespace base::config
