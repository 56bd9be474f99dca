// SPDX-License-Identifier: Apache-2.0
// A script found: its settings under the merged sections, and what its URL is called.
// Sources: wsgi-hosting 1.3 (options of WSGIScriptAlias), 3.1-3.4, 4.1 (SCRIPT_NAME).
#pragma once

#include "appserver/config/model/model.hpp"
#include "appserver/mapping/groups.hpp"
#include "appserver/mapping/mapper.hpp"
#include "appserver/mapping/site.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace appserver::mapping {

/// How much of the URL path is SCRIPT_NAME: the path minus the suffix that equals the path info,
/// whole segments only.
std::size_t script_name_length(std::string_view path, std::string_view path_info) noexcept;

/// What all scripts of a model need to know.
struct ScriptContext {
  const config::Model* model = nullptr;
  const MapperOptions* options = nullptr;
};

/// The alias's options over the merged scope; groups and environ block where no request can change
/// them. `named_groups`: some section of the host makes MATCH_ variables, so %{ENV:...} depends on
/// the request.
ScriptSettings make_script(const ScriptContext& context, std::size_t host,
                           const config::Scope& scope, const config::ScriptAlias* alias,
                           std::string_view file, bool named_groups);

/// Names that depend on the request, expanded.
struct ResolvedNames {
  std::string process_group;
  std::string callable_object;
};
ResolvedNames resolve_names(const ScriptSettings& script, const GroupContext& request);

/// Puts resolved names into a script's settings: judges the group and writes the environ block.
void settle(const ScriptContext& context, std::size_t host, const config::Scope& scope,
            ResolvedNames names, ScriptSettings& script);

}  // namespace appserver::mapping
