// SPDX-License-Identifier: Apache-2.0
// From URL to file or script (wsgi-hosting 1.3, 4.1).
#include "appserver/config/directives/rows.hpp"
#include "appserver/config/option.hpp"
#include "base/config/pattern.hpp"
#include "base/config/values.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace appserver::config {
namespace {

using base::ErrorCode;
using base::fail;
using base::config::printable;
namespace context = base::config::context;

Result<> fill(Alias& alias, Alias::Kind kind, const Args& args, Builder& builder) {
  if (builder.in_section()) {
    return fail(ErrorCode::unsupported, "not supported by this version inside a section");
  }
  if (args.size() < 2) return fail(ErrorCode::invalid, "expected a URL path and a file");
  alias.kind = kind;
  alias.from = args[0];
  alias.origin = args.origin();
  if (args[0].empty() || args[1].empty()) {
    return fail(ErrorCode::invalid, "the arguments must not be empty");
  }
  if (kind == Alias::Kind::regex) {
    GH_CHECK(base::config::check_regex(args[0]));
    // What an expression captured may be the whole path.
    alias.to = args[1].starts_with('$') ? args[1] : builder.path(args[1]);
  } else {
    if (!args[0].starts_with('/')) {
      builder.notice(args,
                     "a URL path that does not begin with / never matches: " + printable(args[0]));
    }
    alias.to = builder.path(args[1]);
  }
  return {};
}

template <Alias::Kind Kind>
Result<> apply_alias(const Args& args, Builder& builder) {
  Alias alias;
  GH_CHECK(fill(alias, Kind, args, builder));
  builder.host().host.alias_list.push_back(std::move(alias));
  return {};
}

/// "%{GLOBAL}" is the empty name: the front itself, the main interpreter.
std::string group_name(const std::string& value) {
  return value == "%{GLOBAL}" ? "" : value;
}

bool is_fixed(const std::optional<std::string>& group) {
  return group && group->find("%{") == std::string::npos;
}

Result<> apply_option(const Option& option, ScriptAlias& alias) {
  const bool known = option.name == "process-group" || option.name == "application-group" ||
                     option.name == "callable-object" || option.name == "pass-authorization";
  if (!known) {
    return fail(
        ErrorCode::invalid,
        "unknown option \"" + printable(option.name) +
            "\": one of process-group, application-group, callable-object, pass-authorization");
  }
  if (option.value.empty()) {
    return fail(ErrorCode::invalid, "the value of " + option.name + " must not be empty");
  }
  if (option.name == "process-group") {
    alias.process_group = group_name(option.value);
  } else if (option.name == "application-group") {
    alias.application_group = group_name(option.value);
  } else if (option.name == "callable-object") {
    alias.callable_object = option.value;
  } else {
    const auto on = base::config::parse_on_off(option.value);
    if (!on) return fail(ErrorCode::invalid, option.name + ": " + on.error().detail);
    alias.pass_authorization = *on;
  }
  return {};
}

template <Alias::Kind Kind>
Result<> apply_script_alias(const Args& args, Builder& builder) {
  ScriptAlias alias;
  GH_CHECK(fill(alias, Kind, args, builder));
  for (const Option& option : read_options(args, 2, builder)) {
    if (const auto good = apply_option(option, alias); !good) {
      builder.report.error(option.origin, args.subject(), good.error().detail);
    }
  }
  const bool one_script = Kind == Alias::Kind::prefix || alias.to.find('$') == std::string::npos;
  alias.preload = one_script && is_fixed(alias.process_group) && is_fixed(alias.application_group);
  if (alias.preload && !alias.process_group->empty()) {
    builder.preload_checks.push_back({*alias.process_group, builder.host_index(),
                                      builder.model.groups.size(), alias.origin, args.subject()});
  }
  builder.host().host.script_alias_list.push_back(std::move(alias));
  return {};
}

constexpr Contexts kHost = context::server | context::vhost;
constexpr Contexts kAlias = kHost | context::location;

consteval DirectiveRow script_row(std::string_view name, std::string_view synopsis,
                                  std::string_view doc, Result<> (*parse)(const Args&, Builder&)) {
  return {{.name = name,
           .contexts = kHost,
           .arity = {2, base::config::kMany},
           .synopsis = synopsis,
           .doc = doc,
           .style = base::config::WordStyle::options},
          parse};
}

constexpr DirectiveRow kRows[] = {
    {{.name = "Alias",
      .contexts = kAlias,
      .arity = {1, 2},
      .synopsis = "url-path path",
      .doc = "Serves a file or folder under a URL path. First match in file order wins, a host's "
             "own before the main server's."},
     apply_alias<Alias::Kind::prefix>},
    {{.name = "AliasMatch",
      .contexts = kHost,
      .arity = {2, 2},
      .synopsis = "regex path",
      .doc = "The same for URL paths in which an expression is found; `$1` is what it captured."},
     apply_alias<Alias::Kind::regex>},
    script_row("WSGIScriptAlias",
               "url-path script|folder [process-group=name] [application-group=name] "
               "[callable-object=name] [pass-authorization=On|Off]",
               "Runs a WSGI script under a URL path. Options override every section; with both "
               "groups given the script is loaded when its processes start.",
               apply_script_alias<Alias::Kind::prefix>),
    script_row("WSGIScriptAliasMatch", "regex script|folder [options of WSGIScriptAlias]",
               "The same for URL paths in which an expression is found; `$1` is what it captured.",
               apply_script_alias<Alias::Kind::regex>),
};
static_assert(base::config::well_formed(kRows));

}  // namespace

std::span<const DirectiveRow> alias_rows() {
  return kRows;
}

}  // namespace appserver::config
