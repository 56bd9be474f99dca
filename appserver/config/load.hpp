// SPDX-License-Identifier: Apache-2.0
// Configuration files -> Model, or everything that is wrong with them.
#pragma once

#include "appserver/config/model/model.hpp"

#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace appserver::config {

struct LoadInput {
  std::vector<std::string> files;
  std::vector<std::string> defines;      ///< -D NAME or NAME=value
  std::vector<std::string> extra_lines;  ///< -c, read after the files
  std::optional<bool> as_root;  ///< none: whether this process is; decides if users must exist
};

struct LoadResult {
  std::shared_ptr<const Model>
      model;  ///< owners: the supervisor and whoever it hands the generation to; null: errors
  std::vector<std::string>
      errors;  ///< `FILE:LINE: Directive: what is wrong`, sorted; exit status 2
  std::vector<std::string> notices;  ///< the same as in the model; filled beside errors too
};

LoadResult load(const LoadInput& input);

enum class Markdown : bool { no, yes };
/// The reference of this program's directives, from its table.
void print_directives(std::ostream& out, Markdown markdown);

}  // namespace appserver::config
