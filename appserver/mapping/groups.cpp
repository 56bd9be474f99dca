// SPDX-License-Identifier: Apache-2.0
// Expansion as mod_wsgi does it: one level, and once more for a value that begins with % but is no
// %{ENV:...}.
#include "appserver/mapping/groups.hpp"

namespace appserver::mapping {
namespace {

constexpr std::string_view kEnvPrefix = "%{ENV:";

std::optional<std::string> look_up(const std::string& name, const GroupContext& context) {
  // SetEnv runs after the sections' named groups were noted, so it wins.
  if (context.set_env != nullptr)
    for (auto at = context.set_env->rbegin(); at != context.set_env->rend(); ++at)
      if (at->first == name) return at->second;
  if (context.match_variables != nullptr)
    for (auto at = context.match_variables->rbegin(); at != context.match_variables->rend(); ++at)
      if (at->first == name) return at->second;
  if (context.environment != nullptr && *context.environment) return (*context.environment)(name);
  return std::nullopt;
}

/// The name in "%{ENV:name}", or nothing.
std::optional<std::string> env_name(std::string_view text) {
  if (!text.starts_with(kEnvPrefix) || text.back() != '}') return std::nullopt;
  return std::string(text.substr(kEnvPrefix.size(), text.size() - kEnvPrefix.size() - 1));
}

std::optional<std::string> expand_plain(std::string_view text, const GroupContext& context) {
  if (text == "%{GLOBAL}") return std::string();
  if (text == "%{RESOURCE}") {
    if (context.server == nullptr) return std::nullopt;
    return *context.server + "|" + std::string(context.script_name);
  }
  if (text == "%{SERVER}")
    return context.server == nullptr ? std::nullopt : std::optional(*context.server);
  if (text == "%{HOST}")
    return context.host == nullptr ? std::nullopt : std::optional(*context.host);
  return std::string(text);
}

}  // namespace

std::optional<std::string> expand_group(std::string_view text, const GroupContext& context) {
  if (text.empty() || text.front() != '%') return std::string(text);
  const auto name = env_name(text);
  if (!name) return expand_plain(text, context);
  auto value = look_up(*name, context);
  if (!value) return std::string(text);
  if (value->starts_with('%') && !value->starts_with(kEnvPrefix))
    return expand_plain(*value, context);
  return value;
}

std::string expand_callable(std::string_view text, const GroupContext& context) {
  if (text.empty()) return "application";
  if (text.front() != '%') return std::string(text);
  if (const auto name = env_name(text))
    if (auto value = look_up(*name, context)) return *value;
  return "application";
}

GroupChoice find_group(const config::Model& model, std::size_t host, std::string_view name,
                       std::string_view script) {
  if (name.empty()) return {};
  const auto complaint = [name, script](std::string_view what) {
    return GroupChoice{std::nullopt, "WSGI daemon process called '" + std::string(name) + "' " +
                                         std::string(what) + ": " + std::string(script)};
  };
  for (std::size_t i = 0; i < model.groups.size(); ++i) {
    const config::DaemonGroup& group = model.groups[i];
    if (group.name != name) continue;
    // The main server is server scope.
    if (!group.vhost || *group.vhost == 0 || *group.vhost == host) return {i, {}};
    const std::string& declared = model.hosts[*group.vhost].server_name;
    if (!declared.empty() && declared == model.hosts[host].server_name) return {i, {}};
    return complaint("cannot be accessed by this WSGI application");
  }
  return {std::nullopt, "No WSGI daemon process called '" + std::string(name) +
                            "' has been configured: " + std::string(script)};
}

}  // namespace appserver::mapping
