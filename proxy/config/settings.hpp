// SPDX-License-Identifier: Apache-2.0
// The proxy's configuration as the rest of it reads it: plain structs.
#pragma once

#include "base/config/origin.hpp"
#include "base/net/endpoint.hpp"
#include "base/net/ip_network.hpp"
#include "base/observe/log_settings.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace proxy::config {

using base::config::Origin;

struct TlsSettings {
  std::string certificate_file;
  std::string key_file;      ///< empty: in the certificate file
  std::string chain_file;    ///< SSLCertificateChainFile: intermediate certificates beside those of
                             ///< certificate_file
  int min_version = 0x0303;  ///< TLS1_2_VERSION (SSLProtocol)
  int max_version = 0x0304;
  std::string cipher_list;    ///< SSLCipherSuite for TLS 1.2; empty: Mozilla intermediate
  std::string cipher_suites;  ///< for TLS 1.3 (`SSLCipherSuite TLSv1.3 ...`)
  bool honor_cipher_order = false;
  Origin origin;
};

/// ProxyPass: a path prefix and its backend. `!` means: not this backend (fall to the app server).
struct Route {
  std::string path;  ///< "/api/"; longest... no: first match in file order, as Apache
  bool exclude = false;
  base::net::Endpoint backend;
  std::string backend_path;  ///< replaces `path`
  Origin origin;
};

struct VirtualHost {
  std::vector<base::net::Endpoint> addresses;
  std::string server_name;
  std::vector<std::string> aliases;
  std::optional<TlsSettings> tls;  ///< SSLEngine on
  std::vector<Route> routes;
  std::optional<base::net::Endpoint> app_server;  ///< AppServer; none: the global default
  bool preserve_host =
      true;  ///< ProxyPreserveHost: for ProxyPass; the app server always gets the client's Host
  bool http2 = true;  ///< Protocols h2
  bool http1 = true;
  std::chrono::milliseconds backend_timeout{60'000};  ///< ProxyTimeout, else Timeout
  std::vector<base::observe::AccessLogSettings> access_logs;
  base::observe::ErrorLogSettings error_log;
  std::string label;  ///< metric label
  Origin origin;
};

struct Listen {
  base::net::Endpoint endpoint;
  bool tls = false;  ///< decided: `Listen port https`, or a host on it says SSLEngine on
  Origin origin;
};

struct Settings {
  std::vector<VirtualHost> hosts;  ///< [0] is the main server
  std::vector<Listen> listeners;
  base::net::Endpoint app_server;  ///< AppServer, default unix:/run/gatehouse/app.sock
  base::net::Endpoint admin;       ///< AdminListen, default 127.0.0.1:9118
  base::net::IpNetworkSet
      trusted_proxies;   ///< clients whose forwarded headers are kept and added to
  unsigned threads = 0;  ///< 0: one a core
  std::string user;      ///< identity after the listeners are open
  std::string group;
  std::chrono::milliseconds io_timeout{60'000};
  std::chrono::milliseconds keep_alive_timeout{5'000};
  std::chrono::milliseconds head_timeout{20'000};
  std::uint64_t body_limit_bytes = 0;  ///< LimitRequestBody at server scope: refused early; 0: none
  std::chrono::milliseconds drain_timeout{10'000};
  std::vector<std::string> notices;
};

}  // namespace proxy::config
