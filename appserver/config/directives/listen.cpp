// SPDX-License-Identifier: Apache-2.0
// Where connections come in: from clients, from the proxy, from the administrator (architecture,
// sections 1 and 8).
#include "appserver/config/directives/rows.hpp"
#include "base/config/lexer.hpp"
#include "base/config/values.hpp"

#include <string>
#include <utility>

namespace appserver::config {
namespace {

using base::ErrorCode;
using base::fail;
namespace context = base::config::context;

Result<> apply_listen(const Args& args, Builder& builder) {
  return base::config::read_listen(args, builder.listen_lines);
}

Result<> apply_backend_listen(const Args& args, Builder& builder) {
  GH_TRY(auto endpoint, base::net::parse_endpoint(args[0]));
  for (const Listen& other : builder.model.backend_listeners) {
    if (other.endpoint == endpoint) {
      return fail(ErrorCode::invalid, "the same address as in " + other.origin.text());
    }
  }
  builder.model.backend_listeners.push_back({std::move(endpoint), false, args.origin()});
  return {};
}

Result<> apply_backend_trusted_proxies(const Args& args, Builder& builder) {
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (const auto network = base::net::parse_network(args[i])) {
      builder.model.backend_trusted_proxies.add(*network);
    } else {
      builder.report.error(args.origin(i), args.subject(), network.error().detail);
    }
  }
  return {};
}

Result<> apply_admin_listen(const Args& args, Builder& builder) {
  GH_TRY(auto endpoint, base::net::parse_endpoint(args[0]));
  if (args.size() == 2) {
    if (base::config::equal_no_case(args[1], "proxy")) return {};
    if (!base::config::equal_no_case(args[1], "appserver")) {
      return fail(ErrorCode::invalid,
                  "expected proxy or appserver, got \"" + base::config::printable(args[1]) + "\"");
    }
  }
  builder.model.admin = std::move(endpoint);
  return {};
}

/// The proxy's work; the hosts' scheme and the refusal of plain HTTP on a TLS port follow from it.
Result<> apply_ssl_engine(const Args& args, Builder& builder) {
  GH_TRY(const bool on, base::config::parse_on_off(args[0]));
  builder.host().tls_engine = {on, args.origin()};
  return {};
}

constexpr Contexts kServer = context::server;
constexpr Contexts kHost = context::server | context::vhost;

constexpr DirectiveRow kRows[] = {
    {{.name = "AdminListen",
      .contexts = kServer,
      .arity = {1, 2},
      .synopsis = "[address:]port|unix:path [appserver|proxy]",
      .doc = "Where metrics, health and status are answered (default 127.0.0.1:9117); the second "
             "word says whose address it is."},
     apply_admin_listen},
    {{.name = "BackendListen",
      .contexts = kServer,
      .arity = {1, 1},
      .synopsis = "unix:path|[address:]port",
      .doc = "Where the proxy hands requests over; with any such line the Listen lines are not "
             "opened."},
     apply_backend_listen},
    {{.name = "BackendTrustedProxies",
      .contexts = kServer,
      .arity = {1, base::config::kMany},
      .synopsis = "address|network...",
      .doc = "Peers of a TCP BackendListen that are believed to be the proxy."},
     apply_backend_trusted_proxies},
    {{.name = "Listen",
      .contexts = kServer,
      .arity = {1, 2},
      .synopsis = "[address:]port|unix:path [http|https]",
      .doc = "Opens a port for clients; without an address for both IP families. A port that "
             "speaks TLS is left to the proxy."},
     apply_listen},
    {{.name = "SSLEngine",
      .contexts = kHost,
      .arity = {1, 1},
      .synopsis = "On|Off",
      .doc = "Says that the host speaks TLS; the proxy does the work."},
     apply_ssl_engine},
};
static_assert(base::config::well_formed(kRows));

}  // namespace

std::span<const DirectiveRow> listen_rows() {
  return kRows;
}

}  // namespace appserver::config
