// SPDX-License-Identifier: Apache-2.0
// A model, a disk that is a list, and one-line questions to a Mapper.
#pragma once

#include "appserver/config/model/model.hpp"
#include "appserver/daemon/request_message.hpp"
#include "appserver/mapping/environ_variables.hpp"
#include "appserver/mapping/mapper.hpp"
#include "base/http/hop.hpp"
#include "tests/unit/appserver/trust/head_text.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace appserver::test {

/// Files and folders by name; everything else is missing. Rules of names as the kernel has them.
class FakeFiles final : public mapping::FileSystem {
 public:
  void add(std::string_view path, mapping::FileKind kind = mapping::FileKind::file) {
    kinds_[std::string(path)] = kind;
    for (std::size_t at = path.rfind('/'); at != 0 && at != std::string_view::npos;
         at = path.rfind('/', at - 1))
      kinds_.emplace(path.substr(0, at), mapping::FileKind::directory);
  }
  mapping::FileKind kind(std::string_view path) override {
    ++looks;
    using mapping::FileKind;
    if (path.size() >= 4096) return FileKind::too_long;
    const bool wants_directory = path.size() > 1 && path.back() == '/';
    FileKind found = FileKind::directory;
    for (std::size_t at = 1; at < path.size();) {
      std::size_t end = path.find('/', at);
      if (end == std::string_view::npos) end = path.size();
      if (end - at > 255) return FileKind::too_long;
      if (found != FileKind::directory)
        return found == FileKind::denied ? found : FileKind::missing;
      const auto entry = kinds_.find(std::string(path.substr(0, end)));
      if (entry == kinds_.end()) return FileKind::missing;
      found = entry->second;
      at = end + 1;
    }
    if (wants_directory && found == FileKind::file) return FileKind::missing;
    return found;
  }

  int looks = 0;

 private:
  std::map<std::string, mapping::FileKind> kinds_;
};

template <class T>
config::Set<T> set(T value) {
  return std::pair(std::move(value), config::Origin{});
}
inline config::Set<std::string> set(const char* value) {
  return set(std::string(value));
}

inline config::Scope granted() {
  config::Scope scope;
  scope.access = set(config::Scope::Access::granted);
  return scope;
}
inline config::Scope denied() {
  config::Scope scope;
  scope.access = set(config::Scope::Access::denied);
  return scope;
}

inline config::Section section(config::Section::Kind kind, std::string pattern,
                               config::Scope scope) {
  config::Section out;
  out.kind = kind;
  out.is_glob = pattern.find_first_of("*?[") != std::string::npos;
  out.pattern = std::move(pattern);
  out.scope = std::move(scope);
  return out;
}

inline config::Alias alias(std::string from, std::string to,
                           config::Alias::Kind kind = config::Alias::Kind::prefix) {
  config::Alias out;
  out.kind = kind;
  out.from = std::move(from);
  out.to = std::move(to);
  return out;
}
inline config::ScriptAlias script_alias(std::string from, std::string to,
                                        config::Alias::Kind kind = config::Alias::Kind::prefix) {
  config::ScriptAlias out;
  static_cast<config::Alias&>(out) = alias(std::move(from), std::move(to), kind);
  return out;
}

inline config::VirtualHost virtual_host(std::string server_name, std::string_view address = "80") {
  config::VirtualHost host;
  host.addresses.push_back(address == "*" ? base::net::Endpoint{}
                                          : base::net::parse_endpoint(address).value());
  host.server_name = std::move(server_name);
  host.document_root = "/srv/www";
  host.sections.push_back(section(config::Section::Kind::directory, "/srv", granted()));
  host.sections.push_back(section(config::Section::Kind::directory, "/s", granted()));
  return host;
}

/// A main server without anything and one host `www.example.com` on *:80 that grants /srv and /s.
class World {
 public:
  World() {
    config::VirtualHost main;
    main.server_name = "main.example.com";
    main.label = "_main_";
    model.hosts.push_back(main);
    model.hosts.push_back(virtual_host("www.example.com"));
    model.listeners.push_back({base::net::parse_endpoint("80").value(), false, {}});
    files.add("/srv/www", mapping::FileKind::directory);
    for (const char* script : {"/s/a.wsgi", "/s/b.wsgi", "/s/h.py"}) files.add(script);
    peer = address("198.51.100.4", 50000);
    local = address("10.0.0.1", 80);
    options.server_pid = "4711";
    options.environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = environment.find(name);
      return found == environment.end() ? std::nullopt : std::optional(found->second);
    };
  }

  config::VirtualHost& host() { return model.hosts[1]; }
  /// Makes the mapper from the model as it is; later changes of `model` need another call.
  void start() {
    auto made = mapping::Mapper::make(std::make_shared<const config::Model>(model), files, options);
    mapper = made ? std::move(*made) : nullptr;
    start_error = made ? std::string() : made.error().detail;
  }
  /// A whole head: request line and field lines.
  const mapping::MapResult& ask(std::string_view request_line, std::string_view lines) {
    if (!mapper) start();
    head = std::make_unique<HeadText>(request_line, lines);
    facts =
        trust::connection_facts(peer, local, listener, credentials, model.backend_trusted_proxies);
    mapper->map(head->head(), facts, result);
    return result;
  }
  const mapping::MapResult& get(std::string_view path, std::string_view lines = {}) {
    return ask("GET " + std::string(path) + " HTTP/1.1",
               "Host: www.example.com\n" + std::string(lines));
  }
  /// "wsgi FILE [SCRIPT_NAME] [PATH_INFO]", "static FILE", "redirect URL", "error STATUS",
  /// "options".
  std::string answer(std::string_view path, std::string_view lines = {}) {
    get(path, lines);
    return text();
  }
  [[nodiscard]] std::string text() const {
    using namespace mapping;
    if (const auto* error = std::get_if<ErrorTarget>(&result.target))
      return "error " + std::to_string(error->status);
    if (const auto* file = std::get_if<StaticTarget>(&result.target)) return "static " + file->path;
    if (const auto* redirect = std::get_if<RedirectTarget>(&result.target))
      return "redirect " + redirect->location;
    if (std::holds_alternative<ServerOptionsTarget>(result.target)) return "options";
    return "wsgi " + result.site->script->file + " [" + std::string(result.script_name()) + "] [" +
           std::string(result.path_info()) + "]";
  }
  [[nodiscard]] std::string detail() const {
    const auto* error = std::get_if<mapping::ErrorTarget>(&result.target);
    return error == nullptr ? "" : error->detail;
  }
  /// Name of the daemon group, "" for embedded; the target is WSGI.
  [[nodiscard]] std::string group() const {
    const auto index = std::get<mapping::WsgiTarget>(result.target).group;
    return index ? model.groups[*index].name : std::string();
  }
  /// The environ as wsgi/ builds it of both blocks; control entries are named "#number".
  [[nodiscard]] std::map<std::string, std::string> environ_of_last() const {
    std::map<std::string, std::string> out;
    std::string block = result.site->script->environ_block;
    mapping::write_request_variables(head->head(), result, {"c1", "r1"}, block);
    daemon::VariableReader reader(block);
    daemon::Variable variable;
    while (reader.next(variable)) {
      std::string name(variable.key == daemon::Key::custom ? variable.name
                                                           : daemon::key_text(variable.key));
      if (name.empty()) name = "#" + std::to_string(static_cast<int>(variable.key));
      out[name] = variable.value;
    }
    return out;
  }
  std::map<std::string, std::string> environ(std::string_view path, std::string_view lines = {}) {
    get(path, lines);
    return environ_of_last();
  }

  /// From now on requests come through our own proxy, which says so by this field.
  std::string behind_proxy(std::string_view client, std::string_view local_ip, std::uint16_t port,
                           bool tls) {
    peer = unix_address();
    local = unix_address();
    listener = trust::ListenerKind::backend;
    credentials = trust::PeerCredentials::ours;
    base::http::Hop hop;
    hop.client = address(client, 51000);
    hop.local = address(local_ip, port);
    hop.tls = tls;
    if (tls) {
      hop.tls_protocol = "TLSv1.3";
      hop.tls_cipher = "TLS_AES_128_GCM_SHA256";
      hop.sni = "www.example.com";
    }
    hop.protocol = tls ? "HTTP/2.0" : "HTTP/1.1";
    hop.request_id = "hop-id";
    std::string line = "Gatehouse-Hop: ";
    base::http::append_hop(line, hop);
    return line + "\n";
  }

  config::Model model;
  FakeFiles files;
  mapping::MapperOptions options;
  std::map<std::string, std::string> environment;
  base::net::SocketAddress peer;
  base::net::SocketAddress local;
  trust::ListenerKind listener = trust::ListenerKind::plain;
  trust::PeerCredentials credentials = trust::PeerCredentials::none;
  std::unique_ptr<mapping::Mapper> mapper;
  std::string start_error;
  std::unique_ptr<HeadText> head;
  trust::ConnectionFacts facts;
  mapping::MapResult result;
};

}  // namespace appserver::test
