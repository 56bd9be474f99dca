// SPDX-License-Identifier: Apache-2.0
// Runs once per cached site, but for the length of SCRIPT_NAME.
#include "appserver/mapping/script_map.hpp"

#include "appserver/mapping/environ_variables.hpp"

#include <utility>

namespace appserver::mapping {
namespace {

template <class T>
T value_of(const config::Set<T>& set, T otherwise) {
  return set ? set->first : std::move(otherwise);
}

/// The alias's option, else the sections' directive, else the default.
std::string choose(const std::optional<std::string>* option,
                   const config::Set<std::string>& directive, const char* otherwise) {
  if (option != nullptr && *option) return **option;
  return value_of(directive, std::string(otherwise));
}

}  // namespace

std::size_t script_name_length(std::string_view path, std::string_view path_info) noexcept {
  if (path_info.empty()) return path.size();
  std::size_t p = path.size();
  std::size_t i = path_info.size();
  while (p > 0 && i > 0 && path[p - 1] == path_info[i - 1]) {
    --p;
    --i;
  }
  while (p < path.size() && path[p] != '/') ++p;
  return p;
}

ScriptSettings make_script(const ScriptContext& context, std::size_t host,
                           const config::Scope& scope, const config::ScriptAlias* alias,
                           std::string_view file, bool named_groups) {
  ScriptSettings script;
  script.alias = alias;
  script.file = file;
  script.process_group = choose(alias ? &alias->process_group : nullptr, scope.process_group, "");
  script.application_group =
      choose(alias ? &alias->application_group : nullptr, scope.application_group, "%{RESOURCE}");
  script.pass_authorization = alias != nullptr && alias->pass_authorization
                                  ? *alias->pass_authorization
                                  : value_of(scope.pass_authorization, false);
  script.chunked_request = value_of(scope.chunked_request, false);
  script.reloading = value_of(scope.script_reloading, true);
  script.body_limit_bytes = value_of(scope.body_limit_bytes, std::uint64_t{0});

  const bool literal_callable = alias != nullptr && alias->callable_object.has_value();
  script.callable_object =
      choose(alias ? &alias->callable_object : nullptr, scope.callable_object, "application");

  const auto may_vary = [named_groups](std::string_view text) {
    return named_groups && text.starts_with("%{ENV:");
  };
  GroupContext constant;
  constant.set_env = &scope.set_env;
  constant.environment = &context.options->environment;
  auto group = expand_group(script.process_group, constant);
  if (!group || may_vary(script.process_group) ||
      (!literal_callable && may_vary(script.callable_object))) {
    script.depends_on_request = true;
    return script;
  }
  ResolvedNames names{std::move(*group), literal_callable
                                             ? script.callable_object
                                             : expand_callable(script.callable_object, constant)};
  settle(context, host, scope, std::move(names), script);
  return script;
}

ResolvedNames resolve_names(const ScriptSettings& script, const GroupContext& request) {
  const bool literal_callable =
      script.alias != nullptr && script.alias->callable_object.has_value();
  auto group = expand_group(script.process_group, request);
  return {
      group ? std::move(*group) : script.process_group,
      literal_callable ? script.callable_object : expand_callable(script.callable_object, request)};
}

void settle(const ScriptContext& context, std::size_t host, const config::Scope& scope,
            ResolvedNames names, ScriptSettings& script) {
  script.depends_on_request = false;
  script.process_group = std::move(names.process_group);
  script.callable_object = std::move(names.callable_object);
  GroupChoice choice = find_group(*context.model, host, script.process_group, script.file);
  script.group = choice.group;
  script.group_error = std::move(choice.error);
  write_site_block(context.model->hosts[host], scope, script.process_group, *context.options,
                   script);
}

}  // namespace appserver::mapping
