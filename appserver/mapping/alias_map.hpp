// SPDX-License-Identifier: Apache-2.0
// Alias, AliasMatch, WSGIScriptAlias and WSGIScriptAliasMatch: URL path -> file system path.
// Source: wsgi-hosting 4.1.
#pragma once

#include "appserver/config/model/model.hpp"
#include "appserver/mapping/regex.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace appserver::mapping {

/// How much of `path` the alias prefix `from` matches, or nothing: segment-wise, any run of '/'
/// standing for one.
std::optional<std::size_t> match_prefix(std::string_view from, std::string_view path) noexcept;

/// Collapses runs of '/' and resolves `.` and `..` of a configured path, textually; a trailing '/'
/// stays.
std::string clean_path(std::string_view path);

/// The lists of one host; the first match in declaration order wins.
class AliasMap {
 public:
  /// What differs between the two families.
  enum class Style : std::uint8_t {
    files,    ///< AliasMatch replaces the whole path
    scripts,  ///< WSGIScriptAliasMatch appends what follows the match; a prefix of "/" appends the
              ///< whole path
  };
  struct Found {
    std::size_t index = 0;  ///< in the list given to `make`
    std::size_t root_bytes =
        0;  ///< of the mapped path: where a walk over its components may begin; 0: at the root
  };
  enum class Outcome : std::uint8_t {
    none,
    found,
    escapes,  ///< a substitution made a `..` component or no absolute path: refuse
    failed,   ///< a regular expression hit its limit: refuse
  };

  static base::Result<AliasMap> make(const std::vector<config::Alias>& aliases);
  static base::Result<AliasMap> make(const std::vector<config::ScriptAlias>& aliases);

  /// On `found`, `file_name` is replaced by the mapped path (runs of '/' collapsed). On `escapes`
  /// and `failed`, `found.index` says by which alias.
  Outcome map(std::string_view path, std::string& file_name, Found& found) const;

 private:
  struct Entry {
    std::string from;
    std::string to;
    std::optional<Regex> regex;
  };
  explicit AliasMap(Style style) : style_(style) {}
  base::Result<> add(const config::Alias& alias);
  [[nodiscard]] Outcome map_prefix(const Entry& entry, std::size_t matched, std::string_view path,
                                   std::string& file_name, Found& found) const;
  [[nodiscard]] Outcome map_regex(const Entry& entry, const Captures& captures,
                                  std::string_view path, std::string& file_name) const;

  Style style_;
  std::vector<Entry> entries_;
};

}  // namespace appserver::mapping
