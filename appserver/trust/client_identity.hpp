// SPDX-License-Identifier: Apache-2.0
// Who asks, before any configuration of the site is known: the peer, or whom our own proxy says it
// speaks for. Stage 1 of the path (net -> trust -> mapping). Pure. Sources: architecture sections 1
// and 5, wsgi-hosting section 5.
//
// Behind our own proxy (a believed hop) the application sees what it saw when Apache terminated TLS
// itself: the hop's client is the peer for every later decision, access rules, logs and
// WSGITrustedProxies alike; the hop's TLS state is that of the connection. The forwarded headers
// our proxy stamps on each request (kProxyStamps) are then true, so they are visible to the
// application, but nothing is taken from them: the hop has said it already. If the hop's client is
// itself listed in WSGITrustedProxies (a load balancer before our proxy), the usual algorithm runs
// over what arrived.
#pragma once

#include "appserver/trust/field_set.hpp"
#include "base/http/head.hpp"
#include "base/net/endpoint.hpp"
#include "base/net/ip_network.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace appserver::trust {

enum class ListenerKind : std::uint8_t {
  plain,    ///< `Listen`: anybody may connect
  backend,  ///< `BackendListen`: made for gatehouse-proxy
};

/// What does not change while a connection lasts. Made once when it is accepted, by
/// `connection_facts`.
struct ConnectionFacts {
  base::net::SocketAddress peer;
  base::net::SocketAddress local;
  ListenerKind listener = ListenerKind::plain;
  bool is_our_proxy = false;  ///< its hop fields are believed
  std::string peer_text;      ///< of the address, as REMOTE_ADDR shows it; empty for a Unix peer
  std::string local_text;
};

/// Whether SO_PEERCRED of a Unix BackendListen connection names a process of ours (checked by
/// net/).
enum class PeerCredentials : std::uint8_t { none, ours };

/// `proxies`: BackendTrustedProxies, for backend listeners over TCP. Nothing makes a plain
/// listener's peer our proxy.
ConnectionFacts connection_facts(const base::net::SocketAddress& peer,
                                 const base::net::SocketAddress& local, ListenerKind listener,
                                 PeerCredentials credentials,
                                 const base::net::IpNetworkSet& proxies);

struct ClientIdentity {
  base::net::SocketAddress client;  ///< the peer, or the hop's client
  base::net::SocketAddress local;   ///< what it connected to: the virtual host is chosen by it
  std::string client_text;          ///< REMOTE_ADDR before any rewriting; empty for a Unix peer
  std::string local_text;           ///< SERVER_ADDR
  bool from_hop = false;
  bool tls = false;
  // Views into the request's head; empty without a hop.
  std::string_view tls_protocol;
  std::string_view tls_cipher;
  std::string_view sni;
  std::string_view protocol;    ///< "HTTP/2.0": what the client spoke
  std::string_view request_id;  ///< as our proxy logs it
  FieldSet forwarded;           ///< which of kForwardedFields the request carries
  bool hop_ignored =
      false;  ///< a Gatehouse-Hop field came from somebody else: it is hidden, count it

  [[nodiscard]] std::string_view scheme() const noexcept { return tls ? "https" : "http"; }
};

/// Fills `out` (its strings keep their capacity). A request without a hop on our proxy's connection
/// is its own (a health check): the facts of the connection hold. Error `invalid`: a believed peer
/// sent a broken hop or two of them: answer 400 and close; `out` then describes the connection
/// itself.
base::Result<> identify(const ConnectionFacts& facts, const base::http::RequestHead& head,
                        ClientIdentity& out);

}  // namespace appserver::trust
