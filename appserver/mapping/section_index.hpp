// SPDX-License-Identifier: Apache-2.0
// Which sections apply to a request and in what order they are merged (wsgi-hosting 1.5).
// Finding the sections runs per request and is cheap; merging them runs once per answer
// (SiteCache).
#pragma once

#include "appserver/config/model/model.hpp"
#include "appserver/mapping/regex.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace appserver::mapping {

/// A file system path as sections see it.
struct SectionSubject {
  std::string_view
      directory;  ///< without '/' at its end: "" is the root; sections walk it from '/' down
  std::string_view
      file_name;  ///< what <DirectoryMatch> searches: the file, or the directory with '/'
  std::string_view base_name;  ///< what <Files> looks at: the file, or the first missing component;
                               ///< "" for a directory
};

/// Numbers of the sections that apply, by kind; positions in the index's own lists.
struct SectionMatch {
  std::vector<std::uint16_t> directory_matches;
  std::vector<std::uint16_t> files;
  std::vector<std::uint16_t> nested_files;  ///< apply if the section around them does
  std::vector<std::uint16_t> locations;
  Variables variables;      ///< MATCH_NAME of named groups
  bool is_ht_file = false;  ///< the built-in <FilesMatch "^\.ht"> (wsgi-hosting 7.8)
  bool failed =
      false;  ///< a regular expression hit its limit: what applies is unknown, refuse the request

  void clear();
  /// Appends what tells one combination from another.
  void append_key(std::string& key) const;
};

/// The sections of one host.
class SectionIndex {
 public:
  static constexpr std::size_t kMaxSections = 65'000;  ///< their numbers are 16 bits wide
  /// `host` outlives the index.
  static base::Result<SectionIndex> make(const config::VirtualHost& host);

  /// Step 5 of 1.5: Location sections of a decoded URL path.
  void match_locations(std::string_view path, SectionMatch& out) const;
  /// Steps 3 and 4: DirectoryMatch and Files sections.
  void match_files(const SectionSubject& subject, SectionMatch& out) const;
  /// All steps in order over the host's own settings. <Directory /> denies until somebody grants
  /// (wsgi-hosting 1.8).
  [[nodiscard]] config::Scope merge(std::string_view directory, const SectionMatch& match) const;
  [[nodiscard]] bool has_named_groups() const noexcept { return has_named_groups_; }

 private:
  struct Pattern {
    const config::Section* section = nullptr;
    std::string text;  ///< plain or glob
    bool is_glob = false;
    std::optional<Regex> regex;
  };
  struct Directory {
    const config::Section* section = nullptr;
    std::vector<std::string> components;
    bool is_glob = false;
  };
  struct NestedFiles {
    Pattern pattern;
    const config::Section* parent = nullptr;
  };
  explicit SectionIndex(const config::VirtualHost& host) : host_(&host) {}
  base::Result<> add(const config::Section& section);
  base::Result<> add_nested(const config::Section& parent);
  base::Result<Pattern> make_pattern(const config::Section& section);
  static bool matches_file(const Pattern& pattern, std::string_view base_name, Variables* variables,
                           bool& failed);
  [[nodiscard]] std::vector<const config::Section*> directories_of(std::string_view path) const;

  const config::VirtualHost* host_;
  std::vector<Directory> directories_;  // by number of components, then file order
  std::vector<Pattern> directory_matches_;
  std::vector<Pattern> files_;
  std::vector<NestedFiles> nested_files_;  // in file order of the sections around them
  std::vector<Pattern> locations_;
  bool has_named_groups_ = false;
};

}  // namespace appserver::mapping
