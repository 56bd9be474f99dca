// SPDX-License-Identifier: Apache-2.0
// What forwarded headers change for the application, and which of them it may see at all.
// Runs after mapping/ (WSGITrustedProxies is a per-directory setting). Pure. Sources:
// wsgi-hosting 5.1-5.4, with the two safer defaults of architecture section 5: headers named
// without any WSGITrustedProxies are honoured from nobody, and an untrusted peer gets no forwarded
// header through, declared or not, unless GatehouseUntrustedForwarded says `pass`. `pass` is about
// visibility only (then 5.3 steps 1 and 4 decide); it never makes anybody trusted.
#pragma once

#include "appserver/config/model/model.hpp"
#include "appserver/trust/client_identity.hpp"
#include "appserver/trust/field_set.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace appserver::trust {

/// The trust settings of a merged scope, ready for use. Made once per scope.
struct TrustPolicy {
  base::net::IpNetworkSet proxies;
  bool unix_peers = false;  ///< `unix:` is listed
  bool pass_untrusted = false;
  std::vector<base::http::FieldName>
      headers;        ///< WSGITrustedProxyHeaders in order; unknown names are left out
  FieldSet declared;  ///< every registry header of a declared category

  [[nodiscard]] bool trusts(const base::net::SocketAddress& peer) const noexcept;
};
TrustPolicy make_policy(const config::Scope& scope);

/// Why a forwarded header does not reach the application; counted for metrics.
enum class DropReason : std::uint8_t {
  untrusted,  ///< the peer is in no WSGITrustedProxies
  synonym,    ///< another header of its category counted, or none that was asked for
  invalid,    ///< X-Forwarded-For without an address where one had to stand
  count_
};

enum class HttpsOverride : std::uint8_t {
  none,        ///< TLS of this hop and SetEnv decide
  on,          ///< HTTPS=1
  off,         ///< HTTPS removed, SetEnv's too
  ignore_tls,  ///< the value was not understood: as if this hop had no TLS
};

struct Overrides {
  std::optional<std::string> remote_addr;    ///< REMOTE_ADDR
  std::optional<std::string> forwarded_for;  ///< HTTP_X_FORWARDED_FOR as far as it can be believed
  std::optional<std::string> http_host;      ///< HTTP_HOST
  std::optional<std::string> server_name;    ///< SERVER_NAME
  std::optional<std::string> server_port;    ///< SERVER_PORT
  std::optional<std::string> script_name;    ///< SCRIPT_NAME and mod_wsgi.mount_point
  HttpsOverride https = HttpsOverride::none;
};

struct ForwardedOutcome {
  FieldSet hidden;                     ///< request fields nothing behind this stage may see
  std::optional<Overrides> overrides;  ///< only when a trusted peer sent something that applies
  bool bad_client_address =
      false;  ///< X-Forwarded-For named no address where one had to stand: log it
  std::array<std::uint16_t, static_cast<std::size_t>(DropReason::count_)> dropped{};

  void clear() noexcept;
};

/// Decides. Costs one comparison when the request carries no forwarded header.
void apply_forwarded(const TrustPolicy& policy, const ClientIdentity& client,
                     const base::http::RequestHead& head, ForwardedOutcome& out);

/// What an X-Forwarded-For field says (wsgi-hosting 5.4).
struct ClientChain {
  std::string_view client;    ///< REMOTE_ADDR: an IP address; empty: nothing to take
  std::string forwarded_for;  ///< it and everything to its right, joined by ", "
  bool has_elements = false;  ///< something stands between the commas
  /// The element that should have counted is no address: the last valid one stands.
  bool found_invalid = false;
};
/// Walks from the right past trusted proxies. `value`: all lines joined; views in the answer point
/// into it. An element that is no IP address never becomes REMOTE_ADDR.
ClientChain walk_forwarded_for(std::string_view value, const base::net::IpNetworkSet& proxies);

}  // namespace appserver::trust
