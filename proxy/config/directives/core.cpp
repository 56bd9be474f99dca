// SPDX-License-Identifier: Apache-2.0
// Hosts, ports, identity, limits and logs of the proxy.
#include "base/config/lexer.hpp"
#include "base/config/values.hpp"
#include "proxy/config/directives/rows.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

namespace proxy::config {
namespace {

using base::ErrorCode;
using base::fail;
using base::config::RootAllowed;
namespace context = base::config::context;

Result<> apply_server_name(const Args& args, Builder& builder) {
  GH_TRY(auto identity, base::config::parse_server_name(args[0]));
  builder.host().host.server_name = std::move(identity.name);
  builder.host().server_port = identity.port;
  return {};
}

Result<> apply_server_alias(const Args& args, Builder& builder) {
  for (std::size_t i = 0; i < args.size(); ++i) builder.host().host.aliases.push_back(args[i]);
  return {};
}

Result<> apply_user(const Args& args, Builder& builder) {
  if (builder.as_root) GH_CHECK(base::config::check_user(args[0], RootAllowed::no));
  builder.settings.user = args[0];
  return {};
}

Result<> apply_group(const Args& args, Builder& builder) {
  if (builder.as_root) GH_CHECK(base::config::check_group(args[0], RootAllowed::yes));
  builder.settings.group = args[0];
  return {};
}

Result<> apply_listen(const Args& args, Builder& builder) {
  return base::config::read_listen(args, builder.listen_lines);
}

Result<> apply_admin_listen(const Args& args, Builder& builder) {
  GH_TRY(auto endpoint, base::net::parse_endpoint(args[0]));
  if (args.size() == 1 || base::config::equal_no_case(args[1], "appserver")) return {};
  if (!base::config::equal_no_case(args[1], "proxy")) {
    return fail(ErrorCode::invalid,
                "expected proxy or appserver, got \"" + base::config::printable(args[1]) + "\"");
  }
  builder.settings.admin = std::move(endpoint);
  return {};
}

/// Connections are the whole server's: the host is known only when a request came. The app server
/// says so too.
Result<> apply_timeout(const Args& args, Builder& builder) {
  GH_TRY(const auto value, base::config::parse_seconds(args[0]));
  if (!builder.in_vhost()) builder.settings.io_timeout = value;
  return {};
}

Result<> apply_keep_alive_timeout(const Args& args, Builder& builder) {
  GH_TRY(const auto value, base::config::parse_duration(args[0]));
  if (!builder.in_vhost()) builder.settings.keep_alive_timeout = value;
  return {};
}

Result<> apply_request_read_timeout(const Args& args, Builder& builder) {
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::string word = base::config::lower_case(args[i]);
    if (!word.starts_with("header=")) continue;  // the app server judges the other stages
    const std::size_t begin = word.find('=') + 1;
    std::string range = word.substr(begin, word.find(',') - begin);
    if (const std::size_t dash = range.find('-'); dash != std::string::npos) {
      range.erase(0, dash + 1);
    }
    GH_TRY(const auto value, base::config::parse_seconds(range));
    if (!builder.in_vhost()) builder.settings.head_timeout = value;
  }
  return {};
}

Result<> apply_graceful_shutdown_timeout(const Args& args, Builder& builder) {
  GH_TRY(const auto value, base::config::parse_seconds(args[0]));
  if (value.count() != 0) builder.settings.drain_timeout = value;
  return {};
}

Result<> apply_limit_request_body(const Args& args, Builder& builder) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  GH_TRY(builder.settings.body_limit_bytes, base::config::parse_number(args[0], 0, kMost));
  return {};
}

Result<> apply_threads(const Args& args, Builder& builder) {
  constexpr std::uint64_t kMost = 1024;
  GH_TRY(const std::uint64_t value, base::config::parse_number(args[0], 0, kMost));
  builder.settings.threads = static_cast<unsigned>(value);
  return {};
}

Result<> apply_trusted_proxies(const Args& args, Builder& builder) {
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (const auto network = base::net::parse_network(args[i])) {
      builder.settings.trusted_proxies.add(*network);
    } else {
      builder.report.error(args.origin(i), args.subject(), network.error().detail);
    }
  }
  return {};
}

Result<> apply_error_log(const Args& args, Builder& builder) {
  return base::config::read_error_log(args, builder.host().error_logs, builder.log_input());
}
Result<> apply_log_level(const Args& args, Builder& builder) {
  return base::config::read_log_level(args, builder.host().error_logs, builder.log_input());
}
Result<> apply_log_format(const Args& args, Builder& builder) {
  GH_CHECK(base::config::read_log_format(args, builder.host().proxy_logs));
  return {};
}
Result<> apply_proxy_log(const Args& args, Builder& builder) {
  return base::config::read_access_log(args, builder.host().proxy_logs, builder.log_input());
}

constexpr Contexts kServer = context::server;
constexpr Contexts kHost = context::server | context::vhost;
constexpr base::config::Arity kOne{1, 1};

constexpr DirectiveRow kRows[] = {
    {{.name = "AdminListen",
      .contexts = kServer,
      .arity = {1, 2},
      .synopsis = "[address:]port|unix:path proxy",
      .doc = "Where metrics, health and status are answered (default 127.0.0.1:9118); without the "
             "word proxy it is the app server's."},
     apply_admin_listen},
    {{.name = "ErrorLog",
      .contexts = kHost,
      .arity = kOne,
      .synopsis = "file",
      .doc = "Where messages go (default: standard error)."},
     apply_error_log},
    {{.name = "GatehouseProxyLog",
      .contexts = kHost,
      .arity = {2, 3},
      .synopsis = "file format|nickname [env=[!]name|expr=...]",
      .doc = "An access log of the proxy's own; CustomLog is the app server's, so that no line is "
             "written twice."},
     apply_proxy_log},
    {{.name = "GatehouseProxyThreads",
      .contexts = kServer,
      .arity = kOne,
      .synopsis = "number",
      .doc = "Threads; 0, the default, is one for each processor core."},
     apply_threads},
    {{.name = "GatehouseTrustedProxies",
      .contexts = kServer,
      .arity = {1, base::config::kMany},
      .synopsis = "address|network...",
      .doc =
          "Clients whose forwarded headers are kept and added to; everybody else's are dropped."},
     apply_trusted_proxies},
    {{.name = "GracefulShutdownTimeout",
      .contexts = kServer,
      .arity = kOne,
      .synopsis = "seconds",
      .doc = "How long stopping waits for requests that run (default 10)."},
     apply_graceful_shutdown_timeout},
    {{.name = "Group",
      .contexts = kServer,
      .arity = kOne,
      .synopsis = "name|#gid",
      .doc = "Group of the process after its ports are open, when started as root."},
     apply_group},
    {{.name = "KeepAliveTimeout",
      .contexts = kHost,
      .arity = kOne,
      .synopsis = "seconds|numberms",
      .doc = "How long an idle connection waits for its next request (default 5)."},
     apply_keep_alive_timeout},
    {{.name = "LimitRequestBody",
      .contexts = kServer,
      .arity = kOne,
      .synopsis = "bytes",
      .doc = "Larger request bodies are refused at once; limits of hosts and sections are the app "
             "server's.",
      .elsewhere = context::vhost | context::section},
     apply_limit_request_body},
    {{.name = "Listen",
      .contexts = kServer,
      .arity = {1, 2},
      .synopsis = "[address:]port|unix:path [http|https]",
      .doc = "Opens a port; it speaks TLS when it says https or its hosts say SSLEngine on."},
     apply_listen},
    {{.name = "LogFormat",
      .contexts = kHost,
      .arity = {1, 2},
      .synopsis = "format [nickname]",
      .doc = "Names a format; common, combined and vhost_combined are there already."},
     apply_log_format},
    {{.name = "LogLevel",
      .contexts = kHost,
      .arity = {1, base::config::kMany},
      .synopsis = "[module:]level...",
      .doc = "Least urgent messages that are written (default warn).",
      .elsewhere = context::section},
     apply_log_level},
    {{.name = "RequestReadTimeout",
      .contexts = kHost,
      .arity = {1, 3},
      .synopsis = "header=seconds[-most][,MinRate=n]",
      .doc = "The longest time a request head may take."},
     apply_request_read_timeout},
    {{.name = "ServerAlias",
      .contexts = context::vhost,
      .arity = {1, base::config::kMany},
      .synopsis = "name...",
      .doc = "Further names of the host; `*` and `?` stand for any text and sign."},
     apply_server_alias},
    {{.name = "ServerName",
      .contexts = kHost,
      .arity = kOne,
      .synopsis = "[scheme://]name[:port]",
      .doc = "The host's name; also its name in TLS (SNI)."},
     apply_server_name},
    {{.name = "Timeout",
      .contexts = kHost,
      .arity = kOne,
      .synopsis = "seconds",
      .doc = "How long a single read or write may wait (default 60)."},
     apply_timeout},
    {{.name = "User",
      .contexts = kServer,
      .arity = kOne,
      .synopsis = "name|#uid",
      .doc = "User of the process after its ports are open, when started as root; root itself is "
             "refused."},
     apply_user},
};
static_assert(base::config::well_formed(kRows));

}  // namespace

std::span<const DirectiveRow> core_rows() {
  return kRows;
}

}  // namespace proxy::config
