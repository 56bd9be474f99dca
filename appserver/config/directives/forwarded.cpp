// SPDX-License-Identifier: Apache-2.0
// Whom to believe about the client (wsgi-hosting 5.1; architecture, section 5).
#include "appserver/config/directives/rows.hpp"
#include "base/config/lexer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace appserver::config {
namespace {

using base::ErrorCode;
using base::fail;
using base::config::equal_no_case;
using base::config::Override;
using base::config::printable;
namespace context = base::config::context;

/// Repeated in one scope they add up; an inner scope replaces them whole (wsgi-hosting 1.3).
Result<> apply_trusted_proxies(const Args& args, Builder& builder) {
  Scope& scope = builder.scope();
  if (!scope.trusted_proxies)
    scope.trusted_proxies.emplace(base::net::IpNetworkSet(), args.origin());
  // Set beside the networks: an inner scope that names only networks does not inherit `unix:`.
  if (!scope.trusted_unix_peers) scope.trusted_unix_peers = {false, args.origin()};
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (equal_no_case(args[i], "unix:")) {
      scope.trusted_unix_peers->first = true;
    } else if (const auto network = base::net::parse_network(args[i])) {
      scope.trusted_proxies->first.add(*network);
    } else {
      builder.report.error(args.origin(i), args.subject(), network.error().detail);
    }
  }
  return {};
}

bool is_token(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of(
             "!#$%&'*+-.^_`|~0123456789"
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == std::string_view::npos;
}

Result<> apply_trusted_proxy_headers(const Args& args, Builder& builder) {
  Scope& scope = builder.scope();
  if (!scope.trusted_proxy_headers) {
    scope.trusted_proxy_headers.emplace(std::vector<std::string>(), args.origin());
  }
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (is_token(args[i])) {
      scope.trusted_proxy_headers->first.push_back(args[i]);
    } else {
      builder.report.error(args.origin(i), args.subject(),
                           "expected the name of a header, got \"" + printable(args[i]) + "\"");
    }
  }
  return {};
}

Result<> apply_untrusted_forwarded(const Args& args, Builder& builder) {
  const bool pass = equal_no_case(args[0], "pass");
  if (!pass && !equal_no_case(args[0], "remove")) {
    return fail(ErrorCode::invalid, "expected remove or pass, got \"" + printable(args[0]) + "\"");
  }
  builder.scope().untrusted_forwarded_pass = {pass, args.origin()};
  return {};
}

constexpr DirectiveRow kRows[] = {
    {{.name = "GatehouseUntrustedForwarded",
      .contexts = context::server | context::vhost | context::section,
      .arity = {1, 1},
      .synopsis = "remove|pass",
      .doc = "Whether forwarded headers of a peer that is not trusted reach the application; "
             "remove is the default."},
     apply_untrusted_forwarded},
    {{.name = "WSGITrustedProxies",
      .contexts = context::anywhere,
      .override_class = Override::file_info,
      .arity = {1, base::config::kMany},
      .synopsis = "address|network|unix:...",
      .doc = "Peers whose forwarded headers are believed; repeated lines add up, an inner section "
             "replaces them."},
     apply_trusted_proxies},
    {{.name = "WSGITrustedProxyHeaders",
      .contexts = context::anywhere,
      .override_class = Override::file_info,
      .arity = {1, base::config::kMany},
      .synopsis = "header...",
      .doc = "The forwarded headers that are believed from trusted proxies; without "
             "WSGITrustedProxies from nobody."},
     apply_trusted_proxy_headers},
};
static_assert(base::config::well_formed(kRows));

}  // namespace

std::span<const DirectiveRow> forwarded_rows() {
  return kRows;
}

}  // namespace appserver::config
