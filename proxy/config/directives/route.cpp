// SPDX-License-Identifier: Apache-2.0
// Which backend answers: the app server, or what ProxyPass names.
#include "base/config/lexer.hpp"
#include "base/config/values.hpp"
#include "proxy/config/directives/rows.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace proxy::config {
namespace {

using base::ErrorCode;
using base::fail;
using base::config::equal_no_case;
using base::config::printable;
namespace context = base::config::context;

Result<> apply_app_server(const Args& args, Builder& builder) {
  GH_TRY(builder.host().host.app_server, base::config::parse_backend_address(args[0]));
  return {};
}

/// `http://host[:port][/path]` or `unix:/path|http://name[/path]`.
Result<> parse_backend(std::string_view url, Route& route) {
  std::string_view rest = url;
  std::string socket;
  if (rest.starts_with("unix:")) {
    const std::size_t bar = rest.find('|');
    socket = rest.substr(0, bar);
    rest =
        bar == std::string_view::npos ? std::string_view("http://localhost") : rest.substr(bar + 1);
  }
  constexpr std::string_view kScheme = "http://";
  if (!equal_no_case(rest.substr(0, kScheme.size()), kScheme)) {
    return fail(
        ErrorCode::unsupported,
        "not supported by this version: only http:// backends are, got \"" + printable(url) + "\"");
  }
  rest.remove_prefix(kScheme.size());
  const std::size_t slash = rest.find('/');
  const std::string authority(rest.substr(0, slash));
  if (slash != std::string_view::npos) route.backend_path = rest.substr(slash);
  if (authority.empty()) {
    return fail(ErrorCode::invalid,
                "expected http://host[:port][/path], got \"" + printable(url) + "\"");
  }
  if (!socket.empty()) {
    GH_TRY(route.backend, base::config::parse_backend_address(socket));
    return {};
  }
  const bool has_port =
      authority.find(':', authority.front() == '[' ? authority.find(']') : 0) != std::string::npos;
  GH_TRY(route.backend,
         base::config::parse_backend_address(has_port ? authority : authority + ":80"));
  return {};
}

Result<> apply_proxy_pass(const Args& args, Builder& builder) {
  const OpenSection* const section = builder.section();
  if (section != nullptr && section->expression) {
    return fail(ErrorCode::unsupported,
                "not supported by this version inside a section whose path is an expression");
  }
  Route route;
  route.origin = args.origin();
  const std::size_t target = section == nullptr ? 1 : 0;
  if (args.size() <= target)
    return fail(ErrorCode::invalid, "expected a URL path and a backend or !");
  route.path = section == nullptr ? args[0] : section->pattern;
  if (!route.path.starts_with('/')) {
    return fail(ErrorCode::invalid,
                "expected a URL path that begins with /, got \"" + printable(route.path) + "\"");
  }
  if (args[target] == "!") {
    route.exclude = true;
  } else {
    GH_CHECK(parse_backend(args[target], route));
    if (route.backend_path.empty() && route.path.ends_with('/')) route.backend_path = "/";
  }
  for (std::size_t i = target + 1; i < args.size(); ++i) {
    builder.report.notice(args.origin(i), args.subject(), "has no effect: " + printable(args[i]));
  }
  auto& routes = section == nullptr ? builder.host().host.routes : builder.host().location_routes;
  routes.push_back(std::move(route));
  return {};
}

Result<> apply_preserve_host(const Args& args, Builder& builder) {
  if (builder.section() != nullptr) {
    return fail(ErrorCode::unsupported, "not supported by this version inside a section");
  }
  GH_TRY(builder.host().preserve_host, base::config::parse_on_off(args[0]));
  return {};
}

Result<> apply_proxy_timeout(const Args& args, Builder& builder) {
  GH_TRY(builder.host().proxy_timeout, base::config::parse_seconds(args[0]));
  return {};
}

template <const std::string_view& Word>
Result<> accept_only(const Args& args, Builder&) {
  if (equal_no_case(args[0], Word)) return {};
  return fail(ErrorCode::unsupported,
              "not supported by this version: only " + std::string(Word) + " is");
}
constexpr std::string_view kOff = "Off";
constexpr std::string_view kOn = "On";

constexpr Contexts kHost = context::server | context::vhost;
constexpr base::config::Arity kOne{1, 1};

constexpr DirectiveRow kRows[] = {
    {{.name = "AppServer",
      .contexts = kHost,
      .arity = kOne,
      .synopsis = "unix:path|host:port",
      .doc = "The app server behind a host, or all hosts (default unix:/run/gatehouse/app.sock)."},
     apply_app_server},
    {{.name = "ProxyAddHeaders",
      .contexts = kHost | context::section,
      .arity = kOne,
      .synopsis = "On",
      .doc = "Only On is accepted: backends are told who asks."},
     accept_only<kOn>},
    {{.name = "ProxyErrorOverride",
      .contexts = kHost | context::section,
      .arity = {1, base::config::kMany},
      .synopsis = "Off",
      .doc = "Only Off is accepted: a backend's own error pages are sent."},
     accept_only<kOff>},
    {{.name = "ProxyPass",
      .contexts = kHost | context::location,
      .arity = {1, base::config::kMany},
      .synopsis = "[url-path] http://host[:port][/path]|!",
      .doc = "Hands a URL path to another backend than the app server, or with ! not. First match "
             "in file order wins; inside Location without its path."},
     apply_proxy_pass},
    {{.name = "ProxyPreserveHost",
      .contexts = kHost | context::section,
      .arity = kOne,
      .synopsis = "On|Off",
      .doc = "Whether ProxyPass backends get the client's Host (default On, unlike httpd)."},
     apply_preserve_host},
    {{.name = "ProxyRequests",
      .contexts = kHost,
      .arity = kOne,
      .synopsis = "Off",
      .doc = "Only Off is accepted: there is no forward proxy."},
     accept_only<kOff>},
    {{.name = "ProxyTimeout",
      .contexts = kHost,
      .arity = kOne,
      .synopsis = "seconds",
      .doc = "How long a backend's next bytes are waited for (default: Timeout)."},
     apply_proxy_timeout},
};
static_assert(base::config::well_formed(kRows));

}  // namespace

std::span<const DirectiveRow> route_rows() {
  return kRows;
}

}  // namespace proxy::config
