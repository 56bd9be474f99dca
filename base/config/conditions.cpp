// SPDX-License-Identifier: Apache-2.0
#include "base/config/conditions.hpp"

#include "base/config/pattern.hpp"
#include "base/config/values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <sys/stat.h>

namespace base::config {
namespace {

constexpr std::string_view kConditions[] = {"IfDefine", "IfDirective", "IfFile",
                                            "IfModule", "IfSection",   "IfVersion"};

// mod_NAME.c and NAME_module. Both programs answer alike, or they would read different files: TLS
// and proxying are the proxy's, and true for the app server too.
constexpr std::string_view kModules[] = {
    "alias",      "auth_basic", "authn_core",  "authn_file", "authz_core", "authz_groupfile",
    "authz_host", "authz_user", "autoindex",   "dir",        "env",        "http2",
    "log_config", "mime",       "negotiation", "proxy",      "proxy_http", "reqtimeout",
    "rewrite",    "setenvif",   "so",          "ssl",        "unixd",      "version",
    "watchdog",   "wsgi"};
// Names that do not follow the rule.
constexpr std::string_view kOddModules[] = {"core.c",      "core_module", "http_core.c",
                                            "http_module", "event.c",     "mpm_event_module"};

using Version = std::array<unsigned, 3>;
constexpr Version kAdvertised = {kHttpdVersion[0], kHttpdVersion[1], kHttpdVersion[2]};

std::optional<Version> parse_version(std::string_view text) {
  Version out{};
  for (std::size_t part = 0; part < out.size(); ++part) {
    const std::size_t dot = text.find('.');
    const std::string_view number = text.substr(0, dot);
    const auto [end, error] =
        std::from_chars(number.data(), number.data() + number.size(), out[part]);
    if (error != std::errc() || end != number.data() + number.size()) return std::nullopt;
    if (dot == std::string_view::npos) return out;
    text.remove_prefix(dot + 1);
  }
  return std::nullopt;  // a fourth part
}

Result<bool> version_matches(const std::string& pattern) {
  const std::string advertised = std::to_string(kAdvertised[0]) + "." +
                                 std::to_string(kAdvertised[1]) + "." +
                                 std::to_string(kAdvertised[2]);
  return regex_search(pattern, advertised);
}

Result<bool> version_holds(const std::vector<Word>& words) {
  std::string op = words.size() == 2 ? words[0].text : "=";
  const std::string& operand = words.back().text;
  const bool negate = op.size() > 1 && op.front() == '!';
  if (negate) op.erase(0, 1);
  const bool slashes = operand.size() > 1 && operand.front() == '/' && operand.back() == '/';
  if (op == "~" || ((op == "=" || op == "==") && slashes)) {
    GH_TRY(const bool found,
           version_matches(slashes ? operand.substr(1, operand.size() - 2) : operand));
    return found != negate;
  }
  const auto wanted = parse_version(operand);
  if (!wanted) {
    return fail(ErrorCode::invalid, "expected a version such as 2.4, got \"" + operand + "\"");
  }
  bool result = false;
  if (op == "=" || op == "==") {
    result = kAdvertised == *wanted;
  } else if (op == ">") {
    result = kAdvertised > *wanted;
  } else if (op == ">=") {
    result = kAdvertised >= *wanted;
  } else if (op == "<") {
    result = kAdvertised < *wanted;
  } else if (op == "<=") {
    result = kAdvertised <= *wanted;
  } else {
    return fail(ErrorCode::invalid, "unknown operator \"" + op + "\": one of = > >= < <= ~");
  }
  return result != negate;
}

bool test(std::string_view section, const std::string& name, const ConditionInput& input) {
  if (equal_no_case(section, "IfDefine")) return input.definitions.is_defined(name);
  if (equal_no_case(section, "IfModule")) return is_emulated_module(name);
  if (equal_no_case(section, "IfDirective")) return input.vocabulary.knows_directive(name);
  if (equal_no_case(section, "IfSection")) {
    // Both `<IfSection VirtualHost>` and `<IfSection <VirtualHost>` are written.
    return input.vocabulary.knows_section(name.front() == '<' ? name.substr(1) : name);
  }
  struct stat status {};
  return ::stat(resolve_path(name, input.server_root).c_str(), &status) == 0;
}

}  // namespace

bool is_condition(std::string_view section) noexcept {
  return std::any_of(std::begin(kConditions), std::end(kConditions),
                     [&](std::string_view known) { return equal_no_case(known, section); });
}

bool is_emulated_module(std::string_view name) noexcept {
  if (std::find(std::begin(kOddModules), std::end(kOddModules), name) != std::end(kOddModules)) {
    return true;
  }
  constexpr std::string_view kPrefix = "mod_";
  constexpr std::string_view kFile = ".c";
  constexpr std::string_view kIdentifier = "_module";
  std::string_view bare;
  if (name.starts_with(kPrefix) && name.ends_with(kFile) &&
      name.size() > kPrefix.size() + kFile.size()) {
    bare = name.substr(kPrefix.size(), name.size() - kPrefix.size() - kFile.size());
  } else if (name.ends_with(kIdentifier)) {
    bare = name.substr(0, name.size() - kIdentifier.size());
  }
  return std::find(std::begin(kModules), std::end(kModules), bare) != std::end(kModules);
}

Result<bool> holds(std::string_view section, const std::vector<Word>& words,
                   const ConditionInput& input) {
  const bool version = equal_no_case(section, "IfVersion");
  const std::size_t most = version ? 2 : 1;
  if (words.empty() || words.size() > most) {
    return fail(ErrorCode::invalid, version ? "expected a version, or an operator and a version"
                                            : "expected one argument");
  }
  if (version) return version_holds(words);
  std::string name = words.front().text;
  const bool negate = name.size() > 1 && name.front() == '!';
  if (negate) name.erase(0, 1);
  if (name.empty()) return fail(ErrorCode::invalid, "expected one argument");
  return test(section, name, input) != negate;
}

}  // namespace base::config
