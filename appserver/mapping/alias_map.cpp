// SPDX-License-Identifier: Apache-2.0
// The prefix rule, the substitution rules, and the check that a substitution stays where it was
// meant to be.
#include "appserver/mapping/alias_map.hpp"

#include <algorithm>

namespace appserver::mapping {
namespace {

/// Appends `path` to `out`, with one '/' wherever several meet.
void append_collapsed(std::string& out, std::string_view path) {
  for (const char c : path)
    if (c != '/' || out.empty() || out.back() != '/') out.push_back(c);
}

bool has_dot_component(std::string_view path) noexcept {
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view component = path.substr(0, slash);
    if (component == "." || component == "..") return true;
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return false;
}

}  // namespace

std::optional<std::size_t> match_prefix(std::string_view from, std::string_view path) noexcept {
  std::size_t f = 0;
  std::size_t p = 0;
  while (f < from.size()) {
    if (p >= path.size() || from[f] != path[p]) return std::nullopt;
    if (from[f] != '/') {
      ++f;
      ++p;
      continue;
    }
    while (f < from.size() && from[f] == '/') ++f;
    while (p < path.size() && path[p] == '/') ++p;
  }
  const bool ends_in_slash = !from.empty() && from.back() == '/';
  if (!ends_in_slash && p < path.size() && path[p] != '/') return std::nullopt;
  return p;
}

std::string clean_path(std::string_view path) {
  std::string out;
  const bool keeps_slash = !path.empty() && path.back() == '/';
  std::string_view rest = path;
  while (!rest.empty()) {
    const std::size_t slash = rest.find('/');
    const std::string_view component = rest.substr(0, slash);
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
    if (component.empty() || component == ".") continue;
    if (component == "..") {
      out.resize(std::min(out.size(), out.rfind('/')));
      continue;
    }
    if (!out.empty() || path.front() == '/') out.push_back('/');
    out.append(component);
  }
  if (keeps_slash || (out.empty() && !path.empty())) out.push_back('/');
  return out;
}

base::Result<AliasMap> AliasMap::make(const std::vector<config::Alias>& aliases) {
  AliasMap map(Style::files);
  for (const config::Alias& alias : aliases) GH_CHECK(map.add(alias));
  return map;
}

base::Result<AliasMap> AliasMap::make(const std::vector<config::ScriptAlias>& aliases) {
  AliasMap map(Style::scripts);
  for (const config::ScriptAlias& alias : aliases) GH_CHECK(map.add(alias));
  return map;
}

base::Result<> AliasMap::add(const config::Alias& alias) {
  Entry entry{alias.from, alias.to, std::nullopt};
  if (alias.kind == config::Alias::Kind::regex) {
    GH_TRY(entry.regex, Regex::compile(alias.from));
  } else {
    entry.to = clean_path(alias.to);
  }
  entries_.push_back(std::move(entry));
  return {};
}

AliasMap::Outcome AliasMap::map(std::string_view path, std::string& file_name, Found& found) const {
  Captures captures;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    found = Found{i, 0};
    if (!entry.regex) {
      if (const auto matched = match_prefix(entry.from, path))
        return map_prefix(entry, *matched, path, file_name, found);
      continue;
    }
    switch (entry.regex->match(path, &captures)) {
      case MatchStatus::no:
        continue;
      case MatchStatus::yes:
        return map_regex(entry, captures, path, file_name);
      case MatchStatus::failed:
        return Outcome::failed;
    }
  }
  return Outcome::none;
}

AliasMap::Outcome AliasMap::map_prefix(const Entry& entry, std::size_t matched,
                                       std::string_view path, std::string& file_name,
                                       Found& found) const {
  const bool whole_path =
      style_ == Style::scripts && entry.from.find_first_not_of('/') == std::string::npos;
  file_name = entry.to;
  append_collapsed(file_name, path.substr(whole_path ? 0 : matched));
  if (file_name.empty() || file_name.front() != '/') return Outcome::escapes;
  // The target itself is a whole number of components only when a '/' or nothing follows it.
  std::size_t root = entry.to.size();
  while (root > 0 && entry.to[root - 1] == '/') --root;
  if (root < file_name.size() && file_name[root] != '/') root = file_name.rfind('/', root);
  found.root_bytes = root;
  return Outcome::found;
}

AliasMap::Outcome AliasMap::map_regex(const Entry& entry, const Captures& captures,
                                      std::string_view path, std::string& file_name) const {
  std::string replaced;
  substitute(replaced, entry.to, captures);
  if (style_ == Style::scripts) replaced.append(path.substr(captures.end));
  // "$1" may have cut a segment into "..": the URL had none, so nobody meant it.
  if (replaced.empty() || replaced.front() != '/' || has_dot_component(replaced))
    return Outcome::escapes;
  file_name.clear();
  append_collapsed(file_name, replaced);
  return Outcome::found;
}

}  // namespace appserver::mapping
