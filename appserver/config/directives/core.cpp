// SPDX-License-Identifier: Apache-2.0
// Hosts' names, the identity of processes, connections and limits (wsgi-hosting 1.4).
#include "appserver/config/directives/rows.hpp"
#include "base/config/values.hpp"

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <system_error>
#include <utility>

namespace appserver::config {
namespace {

using base::ErrorCode;
using base::fail;
using base::config::Override;
using base::config::RootAllowed;
namespace context = base::config::context;

Result<> apply_server_name(const Args& args, Builder& builder) {
  GH_TRY(auto identity, base::config::parse_server_name(args[0]));
  VirtualHost& host = builder.host().host;
  host.server_name = std::move(identity.name);
  host.server_port = identity.port;
  host.server_scheme = identity.scheme == "https" ? "https" : "";
  return {};
}

Result<> apply_server_alias(const Args& args, Builder& builder) {
  for (std::size_t i = 0; i < args.size(); ++i) {
    builder.host().host.aliases.push_back(args[i]);
  }
  return {};
}

Result<> apply_server_admin(const Args& args, Builder& builder) {
  builder.host().host.server_admin = args[0];
  return {};
}

Result<> apply_document_root(const Args& args, Builder& builder) {
  std::string path = base::config::without_trailing_slash(builder.path(args[0]));
  std::error_code error;
  if (path.empty() || !std::filesystem::is_directory(path, error)) {
    return fail(ErrorCode::not_found,
                "no such folder, or it cannot be read: " + base::config::printable(path));
  }
  builder.host().host.document_root = std::move(path);
  return {};
}

Result<> apply_user(const Args& args, Builder& builder) {
  if (builder.as_root) GH_CHECK(base::config::check_user(args[0], RootAllowed::no));
  builder.model.user = args[0];
  return {};
}

Result<> apply_group(const Args& args, Builder& builder) {
  if (builder.as_root) GH_CHECK(base::config::check_group(args[0], RootAllowed::yes));
  builder.model.group = args[0];
  return {};
}

/// Connections are the whole server's: the host is known only when a request came.
bool only_server_wide(const Args& args, Builder& builder) {
  if (!builder.in_vhost()) return true;
  builder.notice(args, "has no effect inside <VirtualHost>: it is the same for all hosts");
  return false;
}

Result<> apply_timeout(const Args& args, Builder& builder) {
  GH_TRY(const auto value, base::config::parse_seconds(args[0]));
  if (only_server_wide(args, builder)) builder.model.timeouts.io = value;
  return {};
}

Result<> apply_keep_alive(const Args& args, Builder& builder) {
  GH_TRY(const bool value, base::config::parse_on_off(args[0]));
  if (only_server_wide(args, builder)) builder.model.keep_alive = value;
  return {};
}

Result<> apply_keep_alive_timeout(const Args& args, Builder& builder) {
  GH_TRY(const auto value, base::config::parse_duration(args[0]));
  if (only_server_wide(args, builder)) builder.model.timeouts.keep_alive = value;
  return {};
}

Result<> apply_max_keep_alive_requests(const Args& args, Builder& builder) {
  constexpr std::uint64_t kMost = std::numeric_limits<unsigned>::max();
  GH_TRY(const std::uint64_t value, base::config::parse_number(args[0], 0, kMost));
  if (only_server_wide(args, builder)) {
    builder.model.max_keep_alive_requests = static_cast<unsigned>(value);
  }
  return {};
}

/// `header=20-40,MinRate=500 body=20`: what bounds a head is the longest time it may take.
Result<> apply_request_read_timeout(const Args& args, Builder& builder) {
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::string word = base::config::lower_case(args[i]);
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    if (equals == std::string::npos ||
        (name != "header" && name != "body" && name != "handshake")) {
      return fail(ErrorCode::invalid, "expected header=, body= or handshake=, got \"" +
                                          base::config::printable(args[i]) + "\"");
    }
    std::string range = word.substr(equals + 1, word.find(',') - equals - 1);
    if (const std::size_t dash = range.find('-'); dash != std::string::npos) {
      range.erase(0, dash + 1);
    }
    GH_TRY(const auto value, base::config::parse_seconds(range));
    if (name == "header" && only_server_wide(args, builder)) builder.model.timeouts.head = value;
  }
  return {};
}

Result<> apply_graceful_shutdown_timeout(const Args& args, Builder& builder) {
  GH_TRY(const auto value, base::config::parse_seconds(args[0]));
  if (value.count() == 0) {
    builder.notice(args, "without a limit is not offered: stopping waits at most 10 seconds");
  } else {
    builder.model.shutdown_timeout = value;
  }
  return {};
}

Result<> apply_limit_request_body(const Args& args, Builder& builder) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  GH_TRY(const std::uint64_t value, base::config::parse_number(args[0], 0, kMost));
  builder.scope().body_limit_bytes = {value, args.origin()};
  return {};
}

Result<> apply_set_env(const Args& args, Builder& builder) {
  if (args[0].empty() || args[0].find('=') != std::string::npos) {
    return fail(ErrorCode::invalid, "expected a name and a value, got the name \"" +
                                        base::config::printable(args[0]) + "\"");
  }
  auto& variables = builder.scope().set_env;
  std::string value = args.size() == 2 ? args[1] : "";
  for (auto& variable : variables) {
    if (variable.first != args[0]) continue;
    variable.second = std::move(value);
    return {};
  }
  variables.emplace_back(args[0], std::move(value));
  return {};
}

Result<> apply_types_config(const Args& args, Builder& builder) {
  std::string path = builder.path(args[0]);
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return fail(ErrorCode::not_found, "no such file: " + base::config::printable(path));
  }
  builder.model.mime_types_file = std::move(path);
  return {};
}

Result<> apply_fronts(const Args& args, Builder& builder) {
  constexpr std::uint64_t kMost = 1024;
  GH_TRY(const std::uint64_t value, base::config::parse_number(args[0], 0, kMost));
  builder.model.fronts = static_cast<unsigned>(value);
  return {};
}

Result<> apply_embedded_threads(const Args& args, Builder& builder) {
  constexpr std::uint64_t kMost = 1024;
  GH_TRY(const std::uint64_t value, base::config::parse_number(args[0], 1, kMost));
  builder.model.embedded_threads = static_cast<unsigned>(value);
  return {};
}

constexpr Contexts kServer = context::server;
constexpr Contexts kHost = context::server | context::vhost;
constexpr base::config::Arity kOne{1, 1};

constexpr DirectiveRow kRows[] = {
    {{.name = "DocumentRoot",
      .contexts = kHost,
      .arity = kOne,
      .synopsis = "folder",
      .doc = "Where URLs that no alias takes are looked up; the folder must exist."},
     apply_document_root},
    {{.name = "GatehouseEmbeddedThreads",
      .contexts = kServer,
      .arity = kOne,
      .synopsis = "number",
      .doc = "Threads that run applications in each front when scripts name no process group "
             "(default 15)."},
     apply_embedded_threads},
    {{.name = "GatehouseFronts",
      .contexts = kServer,
      .arity = kOne,
      .synopsis = "number",
      .doc =
          "Processes that own client connections; 0, the default, is one for each processor core."},
     apply_fronts},
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
      .doc = "Group of the processes when started as root."},
     apply_group},
    {{.name = "KeepAlive",
      .contexts = kHost,
      .arity = kOne,
      .synopsis = "On|Off",
      .doc = "Whether a connection serves more than one request (default On)."},
     apply_keep_alive},
    {{.name = "KeepAliveTimeout",
      .contexts = kHost,
      .arity = kOne,
      .synopsis = "seconds|numberms",
      .doc = "How long an idle connection waits for its next request (default 5)."},
     apply_keep_alive_timeout},
    {{.name = "LimitRequestBody",
      .contexts = context::anywhere,
      .override_class = Override::all,
      .arity = kOne,
      .synopsis = "bytes",
      .doc = "Larger request bodies are answered 413; 0, the default, is no limit."},
     apply_limit_request_body},
    {{.name = "MaxKeepAliveRequests",
      .contexts = kHost,
      .arity = kOne,
      .synopsis = "number",
      .doc = "Requests a connection may carry (default 100); 0 is no limit."},
     apply_max_keep_alive_requests},
    {{.name = "RequestReadTimeout",
      .contexts = kHost,
      .arity = {1, 3},
      .synopsis = "header=seconds[-most][,MinRate=n] body=...",
      .doc =
          "The longest time a request head may take; rates and the other stages follow Timeout."},
     apply_request_read_timeout},
    {{.name = "ServerAdmin",
      .contexts = kHost,
      .arity = kOne,
      .synopsis = "address",
      .doc = "The value of SERVER_ADMIN."},
     apply_server_admin},
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
      .doc = "The host's name, and its public scheme and port when given."},
     apply_server_name},
    {{.name = "SetEnv",
      .contexts = context::anywhere,
      .override_class = Override::file_info,
      .arity = {1, 2},
      .synopsis = "name [value]",
      .doc = "A variable of the request's environ; what the request itself brings wins."},
     apply_set_env},
    {{.name = "Timeout",
      .contexts = kHost,
      .arity = kOne,
      .synopsis = "seconds",
      .doc = "How long a single read or write may wait (default 60)."},
     apply_timeout},
    {{.name = "TypesConfig",
      .contexts = kServer,
      .arity = kOne,
      .synopsis = "file",
      .doc = "Media types by file name extension (default /etc/mime.types)."},
     apply_types_config},
    {{.name = "User",
      .contexts = kServer,
      .arity = kOne,
      .synopsis = "name|#uid",
      .doc = "User of the processes when started as root; root itself is refused."},
     apply_user},
};
static_assert(base::config::well_formed(kRows));

}  // namespace

std::span<const DirectiveRow> core_rows() {
  return kRows;
}

}  // namespace appserver::config
