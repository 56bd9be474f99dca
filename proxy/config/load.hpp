// SPDX-License-Identifier: Apache-2.0
// Configuration files -> Settings, or everything that is wrong with them.
#pragma once

#include "proxy/config/settings.hpp"

#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace proxy::config {

struct LoadInput {
  std::vector<std::string> files;
  std::vector<std::string> defines;      ///< -D NAME or NAME=value
  std::vector<std::string> extra_lines;  ///< -c, read after the files
  std::optional<bool> as_root;  ///< none: whether this process is; decides if users must exist
};

struct LoadResult {
  std::shared_ptr<const Settings>
      settings;  ///< owners: the server and what it wires together; null: errors
  std::vector<std::string>
      errors;  ///< `FILE:LINE: Directive: what is wrong`, sorted; exit status 2
  std::vector<std::string> notices;  ///< the same as in the settings; filled beside errors too
};

LoadResult load(const LoadInput& input);

enum class Markdown : bool { no, yes };
/// The reference of this program's directives, from its table.
void print_directives(std::ostream& out, Markdown markdown);

}  // namespace proxy::config
