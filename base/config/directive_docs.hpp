// SPDX-License-Identifier: Apache-2.0
// The reference of a program's directives, made from its table: for `directives` and
// docs/directives.md.
#pragma once

#include "base/config/directive_table.hpp"

#include <iosfwd>
#include <string_view>
#include <vector>

namespace base::config {

enum class DocStyle : bool { plain, markdown };

void print_directives(std::ostream& out, const DirectiveIndex& index, DocStyle style);

/// What both programs do while reading files, as Markdown.
void print_reader_words(std::ostream& out);

struct OptionRow {
  std::string_view name;
  std::string_view value;
  std::string_view default_value;
  std::string_view doc;
  Standing standing = Standing::honoured;
};
/// The `name=value` options of one directive.
struct OptionTable {
  std::string_view directive;
  std::vector<OptionRow> rows;
};
void print_options(std::ostream& out, const OptionTable& table, DocStyle style);

}  // namespace base::config
