// SPDX-License-Identifier: Apache-2.0
// The configuration as the rest of the app server reads it: plain structs, no syntax, no logic.
// Built by appserver/config; immutable afterwards; inherited over fork by every process of its
// generation.
#pragma once

#include "base/config/origin.hpp"
#include "base/net/endpoint.hpp"
#include "base/net/ip_network.hpp"
#include "base/observe/log_settings.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace appserver::config {

using base::config::Origin;

/// A value and where it was written; `explain` shows the origin.
template <class T>
using Set = std::optional<std::pair<T, Origin>>;

enum class OnOff : std::uint8_t { off, on };

/// Per-directory settings: one section's, or the merge of several (wsgi-hosting 1.5). Unset means:
/// not said here.
struct Scope {
  Set<std::string> process_group;  ///< WSGIProcessGroup; "" is %{GLOBAL}: embedded
  Set<std::string>
      application_group;  ///< WSGIApplicationGroup, unexpanded; "" is %{GLOBAL}: main interpreter
  Set<std::string> callable_object;     ///< WSGICallableObject
  Set<bool> pass_authorization;         ///< WSGIPassAuthorization
  Set<bool> chunked_request;            ///< WSGIChunkedRequest
  Set<bool> script_reloading;           ///< WSGIScriptReloading
  Set<std::uint64_t> body_limit_bytes;  ///< LimitRequestBody; 0: none
  Set<base::net::IpNetworkSet>
      trusted_proxies;           ///< WSGITrustedProxies; replaced wholesale by an inner scope
  Set<bool> trusted_unix_peers;  ///< `unix:` among them
  Set<std::vector<std::string>> trusted_proxy_headers;  ///< WSGITrustedProxyHeaders, as written
  Set<bool> untrusted_forwarded_pass;                   ///< GatehouseUntrustedForwarded pass
  std::vector<std::pair<std::string, std::string>>
      set_env;  ///< SetEnv: overlay per variable, later wins
  /// Authorization of this scope: set when the section holds any Require. First light: all granted
  /// | all denied.
  enum class Access : std::uint8_t { granted, denied };
  Set<Access> access;
};

/// `inner` over `outer`, value by value (wsgi-hosting 1.5).
Scope merge(const Scope& outer, const Scope& inner);

struct Section {
  enum class Kind : std::uint8_t {
    directory,
    directory_match,
    files,
    files_match,
    location,
    location_match,
  };
  Kind kind = Kind::directory;
  std::string pattern;  ///< path, glob, URL or regular expression, as written
  bool is_glob = false;
  Scope scope;
  std::vector<Section> nested;  ///< <Files> inside <Directory>
  Origin origin;
};

/// Alias and AliasMatch share one list a host, WSGIScriptAlias and its Match form another
/// (wsgi-hosting 1.3, 4.1).
struct Alias {
  enum class Kind : std::uint8_t { prefix, regex };
  Kind kind = Kind::prefix;
  std::string from;  ///< URL prefix or regular expression
  std::string to;    ///< file system path; `$1` for regex
  Origin origin;
};

struct ScriptAlias : Alias {
  // Options: applied after the sections and over them (wsgi-hosting 1.3).
  std::optional<std::string> process_group;      ///< "" for %{GLOBAL}
  std::optional<std::string> application_group;  ///< "" for %{GLOBAL}
  std::optional<std::string> callable_object;
  std::optional<bool> pass_authorization;
  bool preload = false;  ///< both groups named without %{: loaded at process start
};

/// WSGIDaemonProcess (wsgi-hosting section 2). Durations of zero mean: off.
struct DaemonGroup {
  std::string name;
  Origin origin;
  std::optional<std::size_t> vhost;  ///< index of the declaring host; none: server scope
  unsigned processes = 1;
  bool processes_written = false;  ///< makes wsgi.multiprocess true, even for 1
  unsigned threads = 15;
  std::string user;   ///< as written ("name" or "#uid"); empty: User
  std::string group;  ///< likewise
  std::optional<unsigned> umask;
  std::string home;  ///< cwd and sys.path[0]
  std::string python_home;
  std::string python_path;   ///< colon-separated
  std::string display_name;  ///< %{GROUP} already expanded
  std::string lang;
  std::string locale;
  std::uint64_t maximum_requests = 0;
  unsigned listen_backlog = 100;
  std::chrono::milliseconds connect_timeout{
      15'000};  ///< how long a request may wait beyond the backlog
  std::chrono::milliseconds queue_timeout{0};
  std::chrono::milliseconds socket_timeout{0};  ///< 0: the server's Timeout
  std::chrono::milliseconds graceful_timeout{15'000};
  std::chrono::milliseconds shutdown_timeout{5'000};
  /// Options of section 2 that are known but not yet honoured, for the start-up notice: name and
  /// origin.
  std::vector<std::pair<std::string, Origin>> without_effect;
};

struct VirtualHost {
  std::vector<base::net::Endpoint>
      addresses;  ///< of <VirtualHost ...>; Kind::any with port 0 is `*`; empty: main server
  std::string server_name;           ///< host part of ServerName
  std::uint16_t server_port = 0;     ///< port part; 0: none written
  std::string server_scheme;         ///< "https" or ""
  std::vector<std::string> aliases;  ///< ServerAlias, wildcards included
  std::string document_root;
  std::string server_admin;
  Scope scope;                    ///< server-level values, S merged with V already
  std::vector<Section> sections;  ///< S's first, then V's, in file order
  std::vector<Alias> alias_list;  ///< V's first, then S's
  std::vector<ScriptAlias> script_alias_list;
  std::vector<base::observe::AccessLogSettings> access_logs;
  base::observe::ErrorLogSettings error_log;
  bool tls = false;  ///< SSLEngine on
  Origin origin;
  std::string label;  ///< metric label: "name:port" or "_main_"; unique
};

struct Listen {
  base::net::Endpoint endpoint;
  bool tls = false;  ///< `Listen 443 https`, or every host on it says SSLEngine on
  Origin origin;
};

struct Timeouts {
  std::chrono::milliseconds io{60'000};         ///< Timeout: any single read or write
  std::chrono::milliseconds keep_alive{5'000};  ///< KeepAliveTimeout
  std::chrono::milliseconds head{20'000};       ///< RequestReadTimeout header: a whole head
};

struct Model {
  std::vector<VirtualHost> hosts;  ///< [0] is the main server; then file order
  std::vector<DaemonGroup> groups;
  std::vector<Listen> listeners;  ///< Listen
  std::vector<Listen>
      backend_listeners;  ///< BackendListen; when there are any, `listeners` are not opened
  base::net::IpNetworkSet backend_trusted_proxies;  ///< for TCP BackendListen
  base::net::Endpoint admin;                        ///< AdminListen, 127.0.0.1:9117
  std::string user;                                 ///< User as written; empty: stay
  std::string group;
  std::string python_home;  ///< WSGIPythonHome
  std::string python_path;  ///< WSGIPythonPath (embedded)
  unsigned fronts = 0;      ///< 0: one a core
  unsigned embedded_threads = 15;
  std::string mime_types_file = "/etc/mime.types";
  Timeouts timeouts;
  unsigned max_keep_alive_requests = 100;  ///< 0: unlimited
  bool keep_alive = true;
  std::chrono::milliseconds shutdown_timeout{10'000};  ///< how long SIGTERM waits for what runs
  std::vector<std::string> notices;  ///< "FILE:LINE: Directive: what it does not do here"
  bool uses_embedded = false;        ///< some script may run without a daemon group
};

}  // namespace appserver::config
