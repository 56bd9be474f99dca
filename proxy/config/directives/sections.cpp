// SPDX-License-Identifier: Apache-2.0
// <VirtualHost>, and the sections in which ProxyPass and its access rules stand.
#include "base/config/values.hpp"
#include "proxy/config/directives/rows.hpp"

#include <string>
#include <utility>
#include <vector>

namespace proxy::config {
namespace {

namespace context = base::config::context;

// A section with a mistake in its argument is opened all the same: what stands in it is judged too.

Result<> open_virtual_host(const Args& args, Builder& builder) {
  std::vector<base::net::Endpoint> addresses;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (const auto address = base::config::parse_host_address(args[i])) {
      addresses.push_back(*address);
    } else {
      builder.error(args, address.error().detail);
    }
  }
  if (addresses.empty()) addresses.emplace_back();
  builder.open_host(std::move(addresses), args.origin());
  return {};
}

Result<> open_location(const Args& args, Builder& builder) {
  const bool tilde = args[0] == "~" && args.size() == 2;
  OpenSection section{context::location, args.subject(), args[tilde ? 1 : 0], tilde, args.origin()};
  section.expression = tilde || section.pattern.find_first_of("*?[") != std::string::npos;
  builder.open_section(std::move(section));
  return {};
}

Result<> open_location_match(const Args& args, Builder& builder) {
  builder.open_section({context::location, args.subject(), args[0], true, args.origin()});
  return {};
}

/// Access to what is proxied: only what lets everybody in is accepted inside (duties.cpp).
Result<> open_proxy(const Args& args, Builder& builder) {
  builder.open_section({context::directory, args.subject(), args[0], true, args.origin()});
  return {};
}

void close_virtual_host(Builder& builder) {
  builder.close_host();
}
void close_section(Builder& builder) {
  builder.close_section();
}

constexpr Contexts kHost = context::server | context::vhost;

constexpr DirectiveRow kRows[] = {
    {{.name = "Location",
      .section = true,
      .contexts = kHost,
      .arity = {1, 2},
      .synopsis = "url-path",
      .doc = "A ProxyPass inside holds for this URL path; the app server reads the rest.",
      .elsewhere = context::section},
     open_location,
     close_section},
    {{.name = "LocationMatch",
      .section = true,
      .contexts = kHost,
      .arity = {1, 1},
      .synopsis = "regex",
      .doc = "Read by the app server; a ProxyPass inside is refused.",
      .elsewhere = context::section},
     open_location_match,
     close_section},
    {{.name = "Proxy",
      .section = true,
      .contexts = kHost,
      .arity = {1, base::config::kMany},
      .synopsis = "url",
      .doc = "Accepted where it lets everybody in (Require all granted)."},
     open_proxy,
     close_section},
    {{.name = "ProxyMatch",
      .section = true,
      .contexts = kHost,
      .arity = {1, base::config::kMany},
      .synopsis = "regex",
      .doc = "Accepted where it lets everybody in (Require all granted)."},
     open_proxy,
     close_section},
    {{.name = "VirtualHost",
      .section = true,
      .contexts = context::server,
      .arity = {1, base::config::kMany},
      .synopsis = "address[:port]...",
      .doc = "A host of its own for connections to these addresses; `*` and `_default_` stand for "
             "any."},
     open_virtual_host,
     close_virtual_host},
};
static_assert(base::config::well_formed(kRows));

}  // namespace

std::span<const DirectiveRow> section_rows() {
  return kRows;
}

}  // namespace proxy::config
