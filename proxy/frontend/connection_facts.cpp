// SPDX-License-Identifier: Apache-2.0
#include "proxy/frontend/connection_facts.hpp"

#include "base/http/hop.hpp"

namespace proxy::frontend {

void ConnectionFacts::settle(std::string_view protocol) {
  if (!client.is_unix) client_ip = client.ip.text();
  if (!local.is_unix) local_port = std::to_string(local.port);
  trusted = !client.is_unix && generation->settings->trusted_proxies.contains(client.ip);
  base::http::Hop facts;
  facts.local = local;
  facts.client = client;
  facts.tls = tls;
  facts.tls_protocol = tls_protocol;
  facts.tls_cipher = tls_cipher;
  facts.sni = sni;
  facts.protocol = protocol;
  base::http::append_hop(hop, facts);
  // The request id, the last part, is added for each request.
  constexpr std::string_view kEmptyId = ";i=";
  hop.resize(hop.size() - kEmptyId.size());
}

}  // namespace proxy::frontend
