// SPDX-License-Identifier: Apache-2.0
// Believes a hop from our own proxy and from nobody else.
#include "appserver/trust/client_identity.hpp"

#include "base/http/hop.hpp"

namespace appserver::trust {
namespace {

std::string address_text(const base::net::SocketAddress& address) {
  return address.is_unix ? std::string() : address.ip.text();
}

void describe_connection(const ConnectionFacts& facts, ClientIdentity& out) {
  out.client = facts.peer;
  out.local = facts.local;
  out.client_text = facts.peer_text;
  out.local_text = facts.local_text;
  out.from_hop = false;
  out.tls = false;
  out.tls_protocol = {};
  out.tls_cipher = {};
  out.sni = {};
  out.protocol = {};
  out.request_id = {};
  out.forwarded = FieldSet();
  out.hop_ignored = false;
}

void describe_hop(const base::http::Hop& hop, ClientIdentity& out) {
  out.client = hop.client;
  out.local = hop.local;
  out.client_text = address_text(hop.client);
  out.local_text = address_text(hop.local);
  out.from_hop = true;
  out.tls = hop.tls;
  out.tls_protocol = hop.tls_protocol;
  out.tls_cipher = hop.tls_cipher;
  out.sni = hop.sni;
  out.protocol = hop.protocol;
  out.request_id = hop.request_id;
}

}  // namespace

ConnectionFacts connection_facts(const base::net::SocketAddress& peer,
                                 const base::net::SocketAddress& local, ListenerKind listener,
                                 PeerCredentials credentials,
                                 const base::net::IpNetworkSet& proxies) {
  ConnectionFacts facts;
  facts.peer = peer;
  facts.local = local;
  facts.listener = listener;
  facts.is_our_proxy =
      listener == ListenerKind::backend &&
      (peer.is_unix ? credentials == PeerCredentials::ours : proxies.contains(peer.ip));
  facts.peer_text = address_text(peer);
  facts.local_text = address_text(local);
  return facts;
}

base::Result<> identify(const ConnectionFacts& facts, const base::http::RequestHead& head,
                        ClientIdentity& out) {
  describe_connection(facts, out);
  const base::http::Field* hop_field = nullptr;
  unsigned hop_fields = 0;
  for (const base::http::Field& field : head.fields) {
    if (field.id == base::http::FieldName::gatehouse_hop) {
      hop_field = &field;
      ++hop_fields;
    } else if (kForwardedFields.has(field.id)) {
      out.forwarded.add(field.id);
    }
  }
  if (hop_field == nullptr) return {};
  if (!facts.is_our_proxy) {
    out.hop_ignored = true;
    return {};
  }
  // The proxy removes the client's and adds one: two mean that something else speaks on its socket.
  if (hop_fields > 1)
    return base::fail(base::ErrorCode::invalid, "two Gatehouse-Hop fields in one request");
  GH_TRY(const base::http::Hop hop, base::http::parse_hop(hop_field->value));
  describe_hop(hop, out);
  return {};
}

}  // namespace appserver::trust
