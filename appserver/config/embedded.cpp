// SPDX-License-Identifier: Apache-2.0
// Whether Python is needed in the fronts: a script may resolve to the empty process group
// (wsgi-hosting 3.1). Errs towards yes: sections that may or may not apply to a request are taken
// at their worst.
#include "appserver/config/builder.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace appserver::config {
namespace {

/// The empty group, or one that is known only when the request comes.
bool may_be_empty(std::string_view group) {
  return group.empty() || group.starts_with("%{");
}

std::string_view without_slash(std::string_view path) {
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  return path;
}

/// `path` is `prefix` or lies below it.
bool is_below(std::string_view path, std::string_view prefix) {
  prefix = without_slash(prefix);
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

enum class Applies { never, perhaps, always };

Applies applies(const Section& section, const ScriptAlias& alias) {
  if (section.is_glob) return Applies::perhaps;
  // A script alias of kind `regex` names its target with `$1`.
  const bool fixed = alias.kind == Alias::Kind::prefix;
  switch (section.kind) {
    case Section::Kind::directory:
      if (section.pattern == "/") return Applies::always;
      if (!fixed) return Applies::perhaps;
      if (is_below(alias.to, section.pattern)) return Applies::always;
      return is_below(section.pattern, alias.to) ? Applies::perhaps : Applies::never;
    case Section::Kind::location:
      if (section.pattern == "/") return Applies::always;
      if (!fixed) return Applies::perhaps;
      if (is_below(alias.from, section.pattern)) return Applies::always;
      return is_below(section.pattern, alias.from) ? Applies::perhaps : Applies::never;
    default:
      return Applies::perhaps;
  }
}

/// What the sections do to the group of one alias.
struct Outcome {
  bool surely_named = false;
  bool perhaps_empty = false;
};

void judge(const std::vector<Section>& sections, const ScriptAlias& alias, bool parent_always,
           Outcome& out) {
  for (const Section& section : sections) {
    const Applies how = applies(section, alias);
    if (how == Applies::never) continue;
    const bool always = how == Applies::always && parent_always;
    if (section.scope.process_group) {
      const bool empty = may_be_empty(section.scope.process_group->first);
      out.perhaps_empty = out.perhaps_empty || empty;
      out.surely_named = out.surely_named || (always && !empty);
    }
    judge(section.nested, alias, always, out);
  }
}

bool may_run_embedded(const VirtualHost& host, const ScriptAlias& alias) {
  if (alias.process_group) return may_be_empty(*alias.process_group);
  Outcome out;
  judge(host.sections, alias, true, out);
  if (out.perhaps_empty) return true;
  const auto& of_host = host.scope.process_group;
  return !out.surely_named && (!of_host || may_be_empty(of_host->first));
}

}  // namespace

bool may_run_embedded(const VirtualHost& host) {
  return std::any_of(host.script_alias_list.begin(), host.script_alias_list.end(),
                     [&](const ScriptAlias& alias) { return may_run_embedded(host, alias); });
}

}  // namespace appserver::config
