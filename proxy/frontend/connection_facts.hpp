// SPDX-License-Identifier: Apache-2.0
// What stays true for every request of one connection, made once: addresses, TLS, trust, the
// private field's value.
#pragma once

#include "base/net/endpoint.hpp"
#include "proxy/frontend/generation.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace proxy::frontend {

struct ConnectionFacts {
  std::shared_ptr<const Generation>
      generation;  ///< shared with the thread, which may have a newer one already
  const routing::HostSet* hosts = nullptr;  ///< those of the local address
  base::net::SocketAddress client;
  base::net::SocketAddress local;
  bool trusted = false;
  bool tls = false;
  const tls::Context* tls_context = nullptr;  ///< the one chosen by name
  std::string sni;
  std::string_view tls_protocol;  ///< OpenSSL's own text
  std::string_view tls_cipher;
  std::string client_ip;   ///< empty for a Unix peer
  std::string local_port;  ///< empty for a Unix listener
  std::string hop;         ///< Gatehouse-Hop without the request id
  std::uint32_t requests = 0;

  /// Makes the texts, once the protocol is known ("HTTP/1.1", "HTTP/2.0").
  void settle(std::string_view protocol);
};

}  // namespace proxy::frontend
