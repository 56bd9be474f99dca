// SPDX-License-Identifier: Apache-2.0
// Process groups, application groups and what holds for scripts (wsgi-hosting 1.3, 2).
#include "appserver/config/daemon_options.hpp"
#include "appserver/config/directives/rows.hpp"
#include "appserver/config/option.hpp"
#include "base/config/lexer.hpp"
#include "base/config/values.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace appserver::config {
namespace {

using base::ErrorCode;
using base::fail;
using base::config::Override;
using base::config::printable;
using base::config::Standing;
namespace context = base::config::context;

void apply_daemon_option(const Option& option, DaemonGroup& group, const Args& args,
                         Builder& builder) {
  const auto error = [&](const std::string& text) {
    builder.report.error(option.origin, args.subject(), text);
  };
  const DaemonOption* const row = find_daemon_option(option.name);
  if (row == nullptr) {
    error("unknown option \"" + printable(option.name) + "\"");
  } else if (option.value.empty()) {
    error(option.name + ": the value must not be empty");
  } else if (const auto good = row->apply(option.value, group, builder); !good) {
    error(option.name + ": " + good.error().detail);
  } else if (row->standing == Standing::no_effect) {
    group.without_effect.emplace_back(option.name, option.origin);
    builder.report.notice(option.origin, args.subject(),
                          option.name + "= has no effect in this version");
  }
}

Result<> apply_daemon_process(const Args& args, Builder& builder) {
  DaemonGroup group;
  group.name = args[0];
  group.origin = args.origin();
  if (builder.in_vhost()) group.vhost = builder.host_index();
  if (group.name.empty()) return fail(ErrorCode::invalid, "the name must not be empty");
  if (group.name.find('=') != std::string::npos) {
    builder.notice(args, "the first word is the name of the group, whatever it looks like: " +
                             printable(group.name));
  }
  for (const Option& option : read_options(args, 1, builder)) {
    apply_daemon_option(option, group, args, builder);
  }
  const auto same = std::find_if(builder.model.groups.begin(), builder.model.groups.end(),
                                 [&](const DaemonGroup& g) { return g.name == group.name; });
  if (same != builder.model.groups.end()) {
    return fail(ErrorCode::invalid, "Name duplicates previous WSGI daemon definition: " +
                                        printable(group.name) + " of " + same->origin.text());
  }
  builder.model.groups.push_back(std::move(group));
  return {};
}

/// "%{GLOBAL}" is the empty name; everything else is kept as written and expanded when a request
/// comes.
std::string group_name(const std::string& value) {
  return value == "%{GLOBAL}" ? "" : value;
}

template <Set<std::string> Scope::*Member>
Result<> apply_group_name(const Args& args, Builder& builder) {
  if (args[0].empty()) return fail(ErrorCode::invalid, "the name must not be empty");
  builder.scope().*Member = {group_name(args[0]), args.origin()};
  return {};
}

Result<> apply_callable_object(const Args& args, Builder& builder) {
  if (args[0].empty()) return fail(ErrorCode::invalid, "the name must not be empty");
  builder.scope().callable_object = {args[0], args.origin()};
  return {};
}

template <Set<bool> Scope::*Member>
Result<> apply_switch(const Args& args, Builder& builder) {
  GH_TRY(const bool on, base::config::parse_on_off(args[0]));
  builder.scope().*Member = {on, args.origin()};
  return {};
}

Result<> apply_python_home(const Args& args, Builder& builder) {
  builder.model.python_home = builder.path(args[0]);
  return {};
}

Result<> apply_python_path(const Args& args, Builder& builder) {
  builder.model.python_path = args[0];
  return {};
}

Result<> apply_restrict_embedded(const Args& args, Builder& builder) {
  GH_TRY(const bool on, base::config::parse_on_off(args[0]));
  builder.restrict_embedded = {on, args.origin()};
  return {};
}

constexpr Contexts kHost = context::server | context::vhost;
constexpr Contexts kScope = kHost | context::section;
constexpr base::config::Arity kOne{1, 1};

consteval DirectiveRow switch_row(std::string_view name, std::string_view doc,
                                  Result<> (*parse)(const Args&, Builder&)) {
  return {{.name = name,
           .contexts = context::anywhere,
           .override_class = Override::file_info,
           .arity = kOne,
           .synopsis = "On|Off",
           .doc = doc},
          parse};
}

constexpr DirectiveRow kRows[] = {
    {{.name = "WSGIApplicationGroup",
      .contexts = kScope,
      .arity = kOne,
      .synopsis = "name|%{GLOBAL}|%{SERVER}|%{RESOURCE}|%{HOST}|%{ENV:name}",
      .doc = "The interpreter that runs the script; `%{GLOBAL}` is a process's main one, "
             "`%{RESOURCE}` the default."},
     apply_group_name<&Scope::application_group>},
    {{.name = "WSGICallableObject",
      .contexts = context::anywhere,
      .override_class = Override::file_info,
      .arity = kOne,
      .synopsis = "name|%{ENV:name}",
      .doc = "The script's entry point (default `application`)."},
     apply_callable_object},
    switch_row(
        "WSGIChunkedRequest",
        "Lets chunked request bodies through to the application; Off, the default, answers 411.",
        apply_switch<&Scope::chunked_request>),
    {{.name = "WSGIDaemonProcess",
      .contexts = kHost,
      .arity = {1, base::config::kMany},
      .synopsis = "name [option=value]...",
      .doc = "Declares a group of processes that run applications; its options stand in a table "
             "below.",
      .style = base::config::WordStyle::options},
     apply_daemon_process},
    switch_row("WSGIPassAuthorization",
               "Shows the Authorization header to the application (default Off).",
               apply_switch<&Scope::pass_authorization>),
    {{.name = "WSGIProcessGroup",
      .contexts = kScope,
      .arity = kOne,
      .synopsis = "name|%{GLOBAL}|%{ENV:name}",
      .doc = "The daemon process group that runs the script; `%{GLOBAL}`, the default, is the "
             "front itself."},
     apply_group_name<&Scope::process_group>},
    {{.name = "WSGIPythonHome",
      .contexts = context::server,
      .arity = kOne,
      .synopsis = "folder",
      .doc = "A virtual environment or Python installation, for fronts and for groups without "
             "python-home."},
     apply_python_home},
    {{.name = "WSGIPythonPath",
      .contexts = context::server,
      .arity = kOne,
      .synopsis = "folder[:folder]...",
      .doc = "Folders put first on sys.path of fronts; their .pth files are read."},
     apply_python_path},
    {{.name = "WSGIRestrictEmbedded",
      .contexts = context::server,
      .arity = kOne,
      .synopsis = "On|Off",
      .doc = "On is accepted where no script can run in a front anyway."},
     apply_restrict_embedded},
    switch_row("WSGIScriptReloading", "Loads a script again when its file changed (default On).",
               apply_switch<&Scope::script_reloading>),
};
static_assert(base::config::well_formed(kRows));

}  // namespace

std::span<const DirectiveRow> wsgi_rows() {
  return kRows;
}

}  // namespace appserver::config
