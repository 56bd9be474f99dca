// SPDX-License-Identifier: Apache-2.0
#include "tests/golden/model_text.hpp"

#include <sstream>

namespace tests {
namespace {

using namespace appserver::config;

std::string on_off(bool value) {
  return value ? "on" : "off";
}

std::string networks(const base::net::IpNetworkSet& set) {
  std::string out;
  for (const auto& network : set.networks()) out += " " + network.text();
  return out;
}

class Writer {
 public:
  std::ostringstream out;

  void line(int depth, const std::string& text) {
    out << std::string(static_cast<std::size_t>(depth) * 2, ' ') << text << '\n';
  }

  void scope(int depth, const Scope& scope) {
    const auto text = [&](const char* name, const Set<std::string>& value) {
      if (value)
        line(depth, std::string(name) + " \"" + value->first + "\" (" + value->second.text() + ")");
    };
    const auto flag = [&](const char* name, const Set<bool>& value) {
      if (value)
        line(depth,
             std::string(name) + " " + on_off(value->first) + " (" + value->second.text() + ")");
    };
    text("process_group", scope.process_group);
    text("application_group", scope.application_group);
    text("callable_object", scope.callable_object);
    flag("pass_authorization", scope.pass_authorization);
    flag("chunked_request", scope.chunked_request);
    flag("script_reloading", scope.script_reloading);
    if (scope.body_limit_bytes) {
      line(depth, "body_limit_bytes " + std::to_string(scope.body_limit_bytes->first) + " (" +
                      scope.body_limit_bytes->second.text() + ")");
    }
    if (scope.trusted_proxies) {
      line(depth, "trusted_proxies" + networks(scope.trusted_proxies->first) + " (" +
                      scope.trusted_proxies->second.text() + ")");
    }
    flag("trusted_unix_peers", scope.trusted_unix_peers);
    if (scope.trusted_proxy_headers) {
      std::string names;
      for (const auto& name : scope.trusted_proxy_headers->first) names += " " + name;
      line(depth, "trusted_proxy_headers" + names + " (" +
                      scope.trusted_proxy_headers->second.text() + ")");
    }
    flag("untrusted_forwarded_pass", scope.untrusted_forwarded_pass);
    for (const auto& [name, value] : scope.set_env)
      line(depth, "set_env " + name + " \"" + value + "\"");
    if (scope.access) {
      line(depth, std::string("access ") +
                      (scope.access->first == Scope::Access::granted ? "granted" : "denied") +
                      " (" + scope.access->second.text() + ")");
    }
  }

  void section(int depth, const Section& section) {
    constexpr const char* kNames[] = {"directory",   "directory_match", "files",
                                      "files_match", "location",        "location_match"};
    line(depth, std::string(kNames[static_cast<int>(section.kind)]) + " \"" + section.pattern +
                    "\"" + (section.is_glob ? " glob" : "") + " (" + section.origin.text() + ")");
    scope(depth + 1, section.scope);
    for (const Section& nested : section.nested) this->section(depth + 1, nested);
  }

  void alias(const char* what, const Alias& alias, const std::string& more) {
    line(1, std::string(what) + (alias.kind == Alias::Kind::regex ? " regex \"" : " \"") +
                alias.from + "\" -> \"" + alias.to + "\"" + more + " (" + alias.origin.text() +
                ")");
  }

  void host(const VirtualHost& host) {
    line(0, "host " + host.label + " (" + host.origin.text() + ")");
    for (const auto& address : host.addresses) line(1, "address " + address.text());
    if (!host.server_name.empty()) {
      line(1, "server_name " + host.server_name +
                  (host.server_port != 0 ? " port " + std::to_string(host.server_port) : "") +
                  (host.server_scheme.empty() ? "" : " scheme " + host.server_scheme));
    }
    for (const auto& name : host.aliases) line(1, "alias " + name);
    if (!host.document_root.empty()) line(1, "document_root " + host.document_root);
    if (!host.server_admin.empty()) line(1, "server_admin " + host.server_admin);
    if (host.tls) line(1, "tls");
    line(1, "error_log \"" + host.error_log.destination + "\" level " +
                std::to_string(static_cast<int>(host.error_log.level)));
    for (const auto& log : host.access_logs)
      line(1, "access_log \"" + log.destination + "\" " + log.format);
    scope(1, host.scope);
    for (const Alias& a : host.alias_list) alias("url", a, "");
    for (const ScriptAlias& a : host.script_alias_list) {
      std::string more;
      if (a.process_group) more += " process_group \"" + *a.process_group + "\"";
      if (a.application_group) more += " application_group \"" + *a.application_group + "\"";
      if (a.callable_object) more += " callable_object \"" + *a.callable_object + "\"";
      if (a.pass_authorization) more += " pass_authorization " + on_off(*a.pass_authorization);
      if (a.preload) more += " preload";
      alias("script", a, more);
    }
    for (const Section& s : host.sections) section(1, s);
  }

  void group(const DaemonGroup& group) {
    line(0, "group " + group.name + " (" + group.origin.text() + ")" +
                (group.vhost ? " host " + std::to_string(*group.vhost) : ""));
    line(1, "processes " + std::to_string(group.processes) +
                (group.processes_written ? " written" : "") + " threads " +
                std::to_string(group.threads));
    const auto text = [&](const char* name, const std::string& value) {
      if (!value.empty()) line(1, std::string(name) + " " + value);
    };
    text("user", group.user);
    text("group", group.group);
    if (group.umask) line(1, "umask " + std::to_string(*group.umask));
    text("home", group.home);
    text("python_home", group.python_home);
    text("python_path", group.python_path);
    text("display_name", group.display_name);
    text("lang", group.lang);
    text("locale", group.locale);
    line(1, "maximum_requests " + std::to_string(group.maximum_requests) + " listen_backlog " +
                std::to_string(group.listen_backlog));
    line(1, "timeouts ms connect " + std::to_string(group.connect_timeout.count()) + " queue " +
                std::to_string(group.queue_timeout.count()) + " socket " +
                std::to_string(group.socket_timeout.count()) + " graceful " +
                std::to_string(group.graceful_timeout.count()) + " shutdown " +
                std::to_string(group.shutdown_timeout.count()));
    for (const auto& [name, origin] : group.without_effect) {
      line(1, "without_effect " + name + " (" + origin.text() + ")");
    }
  }
};

}  // namespace

std::string model_text(const Model& model) {
  Writer w;
  for (const Listen& l : model.listeners) {
    w.line(0, "listen " + l.endpoint.text() + (l.tls ? " tls" : "") + " (" + l.origin.text() + ")");
  }
  for (const Listen& l : model.backend_listeners) w.line(0, "backend_listen " + l.endpoint.text());
  if (!model.backend_trusted_proxies.empty()) {
    w.line(0, "backend_trusted_proxies" + networks(model.backend_trusted_proxies));
  }
  w.line(0, "admin " + model.admin.text());
  w.line(0, "user \"" + model.user + "\" group \"" + model.group + "\"");
  w.line(0, "python_home \"" + model.python_home + "\" python_path \"" + model.python_path + "\"");
  w.line(0, "fronts " + std::to_string(model.fronts) + " embedded_threads " +
                std::to_string(model.embedded_threads) + " uses_embedded " +
                on_off(model.uses_embedded));
  w.line(0, "mime_types_file " + model.mime_types_file);
  w.line(0, "timeouts ms io " + std::to_string(model.timeouts.io.count()) + " keep_alive " +
                std::to_string(model.timeouts.keep_alive.count()) + " head " +
                std::to_string(model.timeouts.head.count()) + " shutdown " +
                std::to_string(model.shutdown_timeout.count()));
  w.line(0, "keep_alive " + on_off(model.keep_alive) + " max " +
                std::to_string(model.max_keep_alive_requests));
  for (const DaemonGroup& group : model.groups) w.group(group);
  for (const VirtualHost& host : model.hosts) w.host(host);
  for (const std::string& notice : model.notices) w.line(0, "notice " + notice);
  return w.out.str();
}

}  // namespace tests
