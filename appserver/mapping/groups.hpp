// SPDX-License-Identifier: Apache-2.0
// Which process group and which application group run a script (wsgi-hosting 3.1, 3.2), and its
// callable (3.4).
#pragma once

#include "appserver/config/model/model.hpp"
#include "appserver/mapping/regex.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace appserver::mapping {

using Environment = std::function<std::optional<std::string>(const std::string&)>;

/// What %{...} may refer to.
struct GroupContext {
  // Parts of the request; null while only what is constant may be used.
  const std::string* server = nullptr;  ///< %{SERVER}: host[:port]
  const std::string* host = nullptr;    ///< %{HOST}
  std::string_view script_name;         ///< %{RESOURCE} appends it to `server`
  const Variables* match_variables = nullptr;
  // Constant.
  const std::vector<std::pair<std::string, std::string>>* set_env = nullptr;
  const Environment* environment = nullptr;
};

/// Expands a group's name. Nullopt: it needs a part of the request that the context lacks. What
/// cannot be resolved stays as it is written. "" is %{GLOBAL}.
std::optional<std::string> expand_group(std::string_view text, const GroupContext& context);

/// Of WSGICallableObject; a name that starts with `%` and is not %{ENV:...} is "application".
std::string expand_callable(std::string_view text, const GroupContext& context);

struct GroupChoice {
  std::optional<std::size_t> group;  ///< index into Model::groups; none: embedded
  std::string error;                 ///< not empty: 500, for the log
};
/// Steps 6 to 8 of 3.1: is there such a group, and may this host use it? `host` is the index of the
/// selected host.
GroupChoice find_group(const config::Model& model, std::size_t host, std::string_view name,
                       std::string_view script);

}  // namespace appserver::mapping
