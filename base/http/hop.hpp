// SPDX-License-Identifier: Apache-2.0
// The private field between gatehouse-proxy and gatehouse-appserver: what the client's connection
// looked like. Believed only on a BackendListen connection; removed from everything clients send
// (architecture section 1).
#pragma once

#include "base/net/endpoint.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace base::http {

inline constexpr std::string_view kHopFieldName = "Gatehouse-Hop";

struct Hop {
  net::SocketAddress local;   ///< address and port the client connected to
  net::SocketAddress client;  ///< the client's own
  bool tls = false;
  std::string_view tls_protocol;  ///< "TLSv1.3"; empty without TLS
  std::string_view tls_cipher;    ///< OpenSSL's name
  std::string_view sni;
  std::string_view protocol;  ///< "HTTP/2.0" or "HTTP/1.1": what the client spoke
  std::string_view request_id;
};

/// Appends the value, e.g.
/// `v=1;l=10.0.0.1,8443;c=192.0.2.7,51000;t=TLSv1.3;k=TLS_AES_256_GCM_SHA384;s=www;p=HTTP/2.0;i=...`.
/// IPv6 stands without brackets (the comma parts address and port); a Unix peer is `unix,0`.
void append_hop(std::string& out, const Hop& hop);
/// Reads it back; views point into `value`. Any deviation is an error: the peer is not our proxy.
Result<Hop> parse_hop(std::string_view value);

}  // namespace base::http
