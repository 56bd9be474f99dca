// SPDX-License-Identifier: Apache-2.0
// The stages in their order (wsgi-hosting 4.1); each of them stands in a file of its own.
#include "appserver/mapping/mapper.hpp"

#include "appserver/mapping/alias_map.hpp"
#include "appserver/mapping/body_policy.hpp"
#include "appserver/mapping/file_walk.hpp"
#include "appserver/mapping/own_name.hpp"
#include "appserver/mapping/script_map.hpp"
#include "appserver/mapping/url_path.hpp"
#include "appserver/mapping/virtual_host.hpp"
#include "base/http/request_target.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace appserver::mapping {
namespace {

using base::http::RequestHead;

constexpr std::string_view kDirectoryIndex = "index.html";

std::optional<std::string> process_environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

struct HostParts {
  AliasMap aliases;
  AliasMap scripts;
  SectionIndex sections;
  std::string document_root;  // clean, without '/' at its end
  trust::TrustPolicy trust;   // for requests refused before their sections were known
};

base::Result<HostParts> make_host(const config::VirtualHost& host) {
  GH_TRY(AliasMap aliases, AliasMap::make(host.alias_list));
  GH_TRY(AliasMap scripts, AliasMap::make(host.script_alias_list));
  GH_TRY(SectionIndex sections, SectionIndex::make(host));
  std::string root = clean_path(host.document_root);
  while (!root.empty() && root.back() == '/') root.pop_back();
  return HostParts{std::move(aliases), std::move(scripts), std::move(sections), std::move(root),
                   trust::make_policy(host.scope)};
}

/// A path on the disk and how it was come by.
struct Mapped {
  const config::ScriptAlias* script = nullptr;  // by WSGIScriptAlias
  std::size_t script_number = 0;                // its position and 1
  std::string_view root;                        // of StaticTarget
  std::size_t walk_from = 0;
};

enum class IndexSearch : std::uint8_t { allowed, running };

}  // namespace

struct Mapper::Parts {
  std::shared_ptr<const config::Model> model;  // with the rest of the generation
  FileSystem* files = nullptr;
  MapperOptions options;
  HostIndex host_index;
  std::vector<HostParts> hosts;
  SiteCache sites;
  std::string key;
  std::string group_server;  // %{SERVER} and %{HOST} of the request at hand
  std::string group_host;

  Parts(std::shared_ptr<const config::Model> m, FileSystem& f, MapperOptions o)
      : model(std::move(m)), files(&f), options(std::move(o)), host_index(model->hosts) {}

  /// From the normalised path to the target.
  void decide(const RequestHead& head, IndexSearch search, MapResult& out);
  bool map_path(MapResult& out, Mapped& mapped) const;
  void find_site(const Mapped& mapped, const Walk& walk, MapResult& out);
  void decide_directory(const RequestHead& head, const Mapped& mapped, IndexSearch search,
                        MapResult& out);
  void decide_script(const RequestHead& head, const Walk& walk, MapResult& out);
  void settle_site(MapResult& out);
  void name_application_group(MapResult& out);
  void find_listener(MapResult& out) const;
  [[nodiscard]] GroupContext group_context(const MapResult& out);
  [[nodiscard]] std::uint16_t group_port(const MapResult& out) const;
};

namespace {

void refuse(MapResult& out, int status, std::string detail) {
  out.target = ErrorTarget{status, std::move(detail), false};
}

void reset(MapResult& out, const config::Model& model) {
  out.host = &model.hosts.front();
  out.host_index = 0;
  out.authority = {};
  out.host_name.clear();
  out.host_port = 0;
  out.path.clear();
  out.query = {};
  out.has_query = false;
  out.file_name.clear();
  out.script_name_bytes = 0;
  out.script_file_bytes = 0;
  out.application_group.clear();
  out.sections.clear();
  out.listener_host = {};
  out.listener_port = 0;
  out.site.reset();
}

/// What sections look at, for a walk that ended somewhere in `file_name`.
SectionSubject subject_of(std::string_view file_name, const Walk& walk) {
  if (walk.kind == FileKind::directory)
    return {file_name.substr(0, file_name.size() - 1), file_name, {}};
  const std::string_view end = file_name.substr(0, walk.end);
  const std::size_t slash = end.rfind('/');
  return {end.substr(0, slash), end, end.substr(slash + 1)};
}

}  // namespace

bool Mapper::Parts::map_path(MapResult& out, Mapped& mapped) const {
  const HostParts& host = hosts[out.host_index];
  AliasMap::Found found;
  AliasMap::Outcome outcome = host.aliases.map(out.path, out.file_name, found);
  if (outcome == AliasMap::Outcome::found) {
    const config::Alias& alias = out.host->alias_list[found.index];
    if (alias.kind == config::Alias::Kind::prefix) mapped.root = alias.to;
  } else if (outcome == AliasMap::Outcome::none) {
    outcome = host.scripts.map(out.path, out.file_name, found);
    if (outcome == AliasMap::Outcome::found) {
      mapped.script = &out.host->script_alias_list[found.index];
      mapped.script_number = found.index + 1;
    }
  }
  switch (outcome) {
    case AliasMap::Outcome::found:
      mapped.walk_from = found.root_bytes;
      return true;
    case AliasMap::Outcome::escapes:
      refuse(out, 403, "an alias maps to a path outside of its target: " + out.path);
      return false;
    case AliasMap::Outcome::failed:
      refuse(out, 500, "an alias's regular expression costs too much for: " + out.path);
      return false;
    case AliasMap::Outcome::none:
      break;
  }
  if (host.document_root.empty() && out.host->document_root.empty()) {
    refuse(out, 404, "no alias and no DocumentRoot for: " + out.path);
    return false;
  }
  out.file_name.assign(host.document_root).append(out.path);
  mapped.root = out.host->document_root;
  mapped.walk_from = host.document_root.size();
  return true;
}

void Mapper::Parts::find_site(const Mapped& mapped, const Walk& walk, MapResult& out) {
  const SectionIndex& sections = hosts[out.host_index].sections;
  const SectionSubject subject = subject_of(out.file_name, walk);
  sections.match_files(subject, out.sections);
  const bool is_script = mapped.script != nullptr && walk.kind == FileKind::file;

  // Static files share the site of their directory; a script's knows its own file.
  key.clear();
  for (const std::size_t number : {out.host_index, is_script ? mapped.script_number : 0})
    key.append(reinterpret_cast<const char*>(&number), sizeof number);
  out.sections.append_key(key);
  key.append(is_script ? subject.file_name : subject.directory);
  out.site = sites.find(key);
  if (out.site) return;

  auto site = std::make_shared<Site>();
  site->scope = sections.merge(subject.directory, out.sections);
  site->granted = site->scope.access->first == config::Scope::Access::granted;
  site->trust = trust::make_policy(site->scope);
  if (is_script)
    site->script = make_script({model.get(), &options}, out.host_index, site->scope, mapped.script,
                               subject.file_name, sections.has_named_groups());
  out.site = std::move(site);
  sites.add(key, out.site);
}

void Mapper::Parts::decide(const RequestHead& head, IndexSearch search, MapResult& out) {
  out.sections.clear();
  hosts[out.host_index].sections.match_locations(out.path, out.sections);
  Mapped mapped;
  if (!map_path(out, mapped)) return;
  const bool is_script = mapped.script != nullptr;
  const Walk walk = is_script ? walk_down(*files, out.file_name, mapped.walk_from)
                              : walk_whole(*files, out.file_name, mapped.walk_from);
  if (walk.kind == FileKind::directory && out.file_name.back() != '/') out.file_name.push_back('/');
  find_site(mapped, walk, out);

  const auto name = [&out, &walk] { return out.file_name.substr(0, walk.end); };
  if (out.sections.failed)
    return refuse(out, 500, "a section's regular expression costs too much for: " + name());
  if (!out.site->granted)
    return refuse(out, 403, "client denied by server configuration: " + name());
  switch (walk.kind) {
    case FileKind::missing:
      return refuse(out, 404,
                    (is_script ? "Target WSGI script not found or unable to stat: "
                               : "File does not exist: ") +
                        name());
    case FileKind::denied:
      return refuse(out, 403, "no permission to reach: " + name());
    case FileKind::too_long:
      return refuse(out, 403, "file name too long: " + out.path);
    case FileKind::special:
      return refuse(out, 403, "neither file nor directory: " + name());
    case FileKind::directory:
      return decide_directory(head, mapped, search, out);
    case FileKind::file:
      break;
  }
  if (is_script) return decide_script(head, walk, out);
  if (walk.end < out.file_name.size())
    return refuse(out, 404, "path info after a static file: " + out.file_name);
  out.target = StaticTarget{name(), mapped.root};
}

void Mapper::Parts::decide_directory(const RequestHead& head, const Mapped& mapped,
                                     IndexSearch search, MapResult& out) {
  if (out.path.back() != '/') {
    out.target = RedirectTarget{301, own_url(out, out.path + "/", out.query, out.has_query)};
    return;
  }
  if (mapped.script != nullptr)
    return refuse(out, 403, "Attempt to invoke directory as WSGI application: " + out.file_name);
  const std::string directory = out.file_name;
  const SitePtr site = out.site;
  if (search == IndexSearch::allowed) {
    out.path.append(kDirectoryIndex);
    decide(head, IndexSearch::running, out);
    const auto* const error = std::get_if<ErrorTarget>(&out.target);
    if (error == nullptr || (error->status != 403 && error->status != 404)) return;
    out.path.resize(out.path.size() - kDirectoryIndex.size());
    out.site = site;
  }
  refuse(out, 403,
         "no " + std::string(kDirectoryIndex) + ", and listings are not offered: " + directory);
}

GroupContext Mapper::Parts::group_context(const MapResult& out) {
  const std::uint16_t port = group_port(out);
  const std::string& own = out.host->server_name;
  set_group_host(group_server, own, port);
  // A name this host does not go by would let the client make interpreters at will.
  if (host_index.is_name_of(out.host_index, out.host_name)) {
    set_group_host(group_host, out.host_name, port);
  } else {
    std::string lowered;
    base::http::append_host_key(lowered, own);
    set_group_host(group_host, lowered, port);
  }
  GroupContext context;
  context.server = &group_server;
  context.host = &group_host;
  context.script_name = out.script_name();
  context.match_variables = &out.sections.variables;
  context.set_env = &out.site->scope.set_env;
  context.environment = &options.environment;
  return context;
}

/// The Host field's port is the client's word. It names a group only when it is one of ours; else
/// the reference's `host:port` would let a client start an interpreter for each of 65535 ports.
std::uint16_t Mapper::Parts::group_port(const MapResult& out) const {
  const std::uint16_t port = server_port(out);
  if (out.host_port == 0 || port == out.client.local.port || port == out.host->server_port)
    return port;
  const auto listens = [port](const config::Listen& listen) {
    return listen.endpoint.kind != base::net::Endpoint::Kind::unix_path &&
           listen.endpoint.port == port;
  };
  if (std::any_of(model->listeners.begin(), model->listeners.end(), listens)) return port;
  return request_scheme(out) == "https" ? 443 : 80;
}

void Mapper::Parts::settle_site(MapResult& out) {
  ResolvedNames names = resolve_names(*out.site->script, group_context(out));
  for (const std::string* text : {&names.process_group, &names.callable_object}) {
    key.push_back('\0');
    key.append(*text);
  }
  if (SitePtr known = sites.find(key)) {
    out.site = std::move(known);
    return;
  }
  auto site = std::make_shared<Site>(*out.site);
  settle({model.get(), &options}, out.host_index, site->scope, std::move(names), *site->script);
  out.site = std::move(site);
  sites.add(key, out.site);
}

void Mapper::Parts::name_application_group(MapResult& out) {
  const std::string& text = out.site->script->application_group;
  if (text == "%{RESOURCE}") {
    set_group_host(out.application_group, out.host->server_name, group_port(out));
    out.application_group.append("|").append(out.script_name());
  } else if (text.empty() || text.front() != '%') {
    out.application_group = text;
  } else {
    out.application_group = expand_group(text, group_context(out)).value_or(text);
  }
}

void Mapper::Parts::find_listener(MapResult& out) const {
  const base::net::SocketAddress& local = out.client.local;
  if (local.is_unix) return;
  out.listener_port = local.port;
  for (const config::Listen& listen : model->listeners)
    if (listen.endpoint.kind == base::net::Endpoint::Kind::ip &&
        listen.endpoint.port == local.port && listen.endpoint.ip == local.ip)
      out.listener_host = out.client.local_text;
}

void Mapper::Parts::decide_script(const RequestHead& head, const Walk& walk, MapResult& out) {
  out.script_file_bytes = walk.end;
  out.script_name_bytes = script_name_length(out.path, out.path_info());
  const ScriptSettings& found = *out.site->script;
  if (auto refusal = check_body(head, {found.chunked_request, found.body_limit_bytes})) {
    out.target = std::move(*refusal);
    return;
  }
  if (found.depends_on_request) settle_site(out);
  const ScriptSettings& script = *out.site->script;
  if (!script.group_error.empty()) return refuse(out, 500, script.group_error);
  name_application_group(out);
  find_listener(out);
  out.target = WsgiTarget{script.group};
}

base::Result<std::unique_ptr<Mapper>> Mapper::make(std::shared_ptr<const config::Model> model,
                                                   FileSystem& files, MapperOptions options) {
  if (!options.environment) options.environment = process_environment;
  auto parts = std::make_unique<Parts>(std::move(model), files, std::move(options));
  for (const config::VirtualHost& host : parts->model->hosts) {
    GH_TRY(HostParts made, make_host(host));
    parts->hosts.push_back(std::move(made));
  }
  return std::unique_ptr<Mapper>(new Mapper(std::move(parts)));
}

Mapper::Mapper(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Mapper::~Mapper() = default;

void Mapper::map(const RequestHead& head, const trust::ConnectionFacts& facts, MapResult& out) {
  Parts& parts = *parts_;
  reset(out, *parts.model);
  if (auto identified = trust::identify(facts, head, out.client); !identified)
    out.target = ErrorTarget{400, std::move(identified.error().detail), true};
  else if (read_url(head, *parts.model, parts.host_index, out))
    parts.decide(head, IndexSearch::allowed, out);
  const trust::TrustPolicy& policy = out.site ? out.site->trust : parts.hosts[out.host_index].trust;
  trust::apply_forwarded(policy, out.client, head, out.forwarded);
}

}  // namespace appserver::mapping
