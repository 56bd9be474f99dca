// SPDX-License-Identifier: Apache-2.0
// Matching rules and merge order of <Directory>, <Files>, <Location> and their regular-expression
// forms.
#include "appserver/mapping/section_index.hpp"

#include "appserver/mapping/glob.hpp"

#include <algorithm>

namespace appserver::mapping {
namespace {

using config::Section;

std::vector<std::string_view> components_of(std::string_view path) {
  std::vector<std::string_view> out;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    if (slash != 0) out.push_back(path.substr(0, slash));
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return out;
}

/// <Location U>: U itself, or U followed by '/'; a glob must match the whole path.
bool location_matches(std::string_view pattern, bool is_glob, std::string_view path) noexcept {
  if (is_glob) return glob_match(pattern, path);
  if (!path.starts_with(pattern)) return false;
  return pattern.empty() || pattern.back() == '/' || path.size() == pattern.size() ||
         path[pattern.size()] == '/';
}

void append_numbers(std::string& key, const std::vector<std::uint16_t>& numbers, char mark) {
  key.push_back(mark);
  for (const std::uint16_t number : numbers) {
    key.push_back(static_cast<char>(number >> 8U));
    key.push_back(static_cast<char>(number & 0xffU));
  }
  // Closed by the count, so that no list can pass for the beginning of another.
  key.push_back(static_cast<char>(numbers.size() >> 8U));
  key.push_back(static_cast<char>(numbers.size() & 0xffU));
}

/// The built-in <FilesMatch "^\.ht"> Require all denied.
config::Scope denied_scope() {
  config::Scope scope;
  scope.access = {config::Scope::Access::denied, config::Origin{}};
  return scope;
}

}  // namespace

void SectionMatch::clear() {
  directory_matches.clear();
  files.clear();
  nested_files.clear();
  locations.clear();
  variables.clear();
  is_ht_file = false;
  failed = false;
}

void SectionMatch::append_key(std::string& key) const {
  append_numbers(key, directory_matches, is_ht_file ? 'H' : 'D');
  append_numbers(key, files, 'F');
  append_numbers(key, nested_files, 'N');
  append_numbers(key, locations, 'L');
}

base::Result<SectionIndex> SectionIndex::make(const config::VirtualHost& host) {
  SectionIndex index(host);
  if (host.sections.size() > kMaxSections)
    return base::fail(base::ErrorCode::too_large, "more than 65000 sections in one host");
  for (const Section& section : host.sections) GH_CHECK(index.add(section));
  std::stable_sort(index.directories_.begin(), index.directories_.end(),
                   [](const Directory& a, const Directory& b) {
                     return a.components.size() < b.components.size();
                   });
  return index;
}

base::Result<SectionIndex::Pattern> SectionIndex::make_pattern(const Section& section) {
  Pattern pattern{&section, section.pattern, section.is_glob, std::nullopt};
  if (section.kind == Section::Kind::directory_match ||
      section.kind == Section::Kind::files_match || section.kind == Section::Kind::location_match) {
    GH_TRY(pattern.regex, Regex::compile(section.pattern));
    has_named_groups_ = has_named_groups_ || pattern.regex->has_names();
  }
  return pattern;
}

base::Result<> SectionIndex::add(const Section& section) {
  switch (section.kind) {
    case Section::Kind::directory: {
      if (section.pattern.empty() || section.pattern.front() != '/') return {};  // never matches
      Directory directory{&section, {}, section.is_glob};
      for (const std::string_view component : components_of(section.pattern))
        directory.components.emplace_back(component);
      directories_.push_back(std::move(directory));
      return add_nested(section);
    }
    case Section::Kind::directory_match: {
      GH_TRY(Pattern pattern, make_pattern(section));
      directory_matches_.push_back(std::move(pattern));
      return add_nested(section);
    }
    case Section::Kind::files:
    case Section::Kind::files_match: {
      GH_TRY(Pattern pattern, make_pattern(section));
      files_.push_back(std::move(pattern));
      return {};
    }
    case Section::Kind::location:
    case Section::Kind::location_match: {
      GH_TRY(Pattern pattern, make_pattern(section));
      locations_.push_back(std::move(pattern));
      return {};
    }
  }
  return {};
}

base::Result<> SectionIndex::add_nested(const Section& parent) {
  for (const Section& nested : parent.nested) {
    if (nested.kind != Section::Kind::files && nested.kind != Section::Kind::files_match) continue;
    GH_TRY(Pattern pattern, make_pattern(nested));
    nested_files_.push_back(NestedFiles{std::move(pattern), &parent});
  }
  if (nested_files_.size() > kMaxSections)
    return base::fail(base::ErrorCode::too_large, "more than 65000 nested sections in one host");
  return {};
}

void SectionIndex::match_locations(std::string_view path, SectionMatch& out) const {
  for (std::size_t i = 0; i < locations_.size(); ++i) {
    const Pattern& pattern = locations_[i];
    bool matches = false;
    if (pattern.regex) {
      const MatchStatus status = pattern.regex->match_named(path, out.variables);
      if (status == MatchStatus::failed) out.failed = true;
      matches = status == MatchStatus::yes;
    } else {
      matches = location_matches(pattern.text, pattern.is_glob, path);
    }
    if (matches) out.locations.push_back(static_cast<std::uint16_t>(i));
  }
}

void SectionIndex::match_files(const SectionSubject& subject, SectionMatch& out) const {
  for (std::size_t i = 0; i < directory_matches_.size(); ++i) {
    const MatchStatus status =
        directory_matches_[i].regex->match_named(subject.file_name, out.variables);
    if (status == MatchStatus::failed) out.failed = true;
    if (status == MatchStatus::yes) out.directory_matches.push_back(static_cast<std::uint16_t>(i));
  }
  for (std::size_t i = 0; i < files_.size(); ++i)
    if (matches_file(files_[i], subject.base_name, &out.variables, out.failed))
      out.files.push_back(static_cast<std::uint16_t>(i));
  // Whether the section around them applies is known when they are merged: no variables from these.
  for (std::size_t i = 0; i < nested_files_.size(); ++i)
    if (matches_file(nested_files_[i].pattern, subject.base_name, nullptr, out.failed))
      out.nested_files.push_back(static_cast<std::uint16_t>(i));
  out.is_ht_file = subject.base_name.starts_with(".ht");
}

bool SectionIndex::matches_file(const Pattern& pattern, std::string_view base_name,
                                Variables* variables, bool& failed) {
  if (!pattern.regex)
    return pattern.is_glob ? glob_match(pattern.text, base_name) : pattern.text == base_name;
  const MatchStatus status = variables == nullptr
                                 ? pattern.regex->match(base_name)
                                 : pattern.regex->match_named(base_name, *variables);
  if (status == MatchStatus::failed) failed = true;
  return status == MatchStatus::yes;
}

std::vector<const Section*> SectionIndex::directories_of(std::string_view path) const {
  const std::vector<std::string_view> levels = components_of(path);
  std::vector<const Section*> out;
  for (const Directory& directory : directories_) {
    const auto& wanted = directory.components;
    if (wanted.size() > levels.size()) break;  // they are sorted by this number
    const auto same = [&directory](std::string_view level, const std::string& pattern) {
      return directory.is_glob ? glob_match(pattern, level) : level == pattern;
    };
    if (std::equal(wanted.begin(), wanted.end(), levels.begin(),
                   [&same](const std::string& pattern, std::string_view level) {
                     return same(level, pattern);
                   }))
      out.push_back(directory.section);
  }
  return out;
}

config::Scope SectionIndex::merge(std::string_view directory, const SectionMatch& match) const {
  config::Scope scope = host_->scope;
  std::vector<const Section*> around = directories_of(directory);
  for (const std::uint16_t number : match.directory_matches)
    around.push_back(directory_matches_[number].section);
  for (const Section* section : around) scope = config::merge(scope, section->scope);

  if (match.is_ht_file) scope = config::merge(scope, denied_scope());
  for (const std::uint16_t number : match.files)
    scope = config::merge(scope, files_[number].section->scope);
  // Nested ones in the order in which the sections around them were merged, after all others.
  for (const Section* section : around)
    for (const std::uint16_t number : match.nested_files)
      if (nested_files_[number].parent == section)
        scope = config::merge(scope, nested_files_[number].pattern.section->scope);

  for (const std::uint16_t number : match.locations)
    scope = config::merge(scope, locations_[number].section->scope);
  if (!scope.access) scope.access = {config::Scope::Access::denied, config::Origin{}};
  return scope;
}

}  // namespace appserver::mapping
