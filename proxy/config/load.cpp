// SPDX-License-Identifier: Apache-2.0
#include "proxy/config/load.hpp"

#include "base/config/apply.hpp"
#include "base/config/directive_docs.hpp"
#include "base/config/reader.hpp"
#include "proxy/config/builder.hpp"
#include "proxy/config/directives/rows.hpp"

#include <ostream>
#include <unistd.h>
#include <utility>

namespace proxy::config {

LoadResult load(const LoadInput& input) {
  const auto& table = directive_table();
  base::config::Report report;
  base::config::ReaderOptions options;
  options.vocabulary = table.index().vocabulary();
  options.defines = input.defines;
  base::config::Reader reader(std::move(options), report);
  for (const std::string& file : input.files) reader.read_file(file);
  reader.read_lines(input.extra_lines);

  Builder builder(report, reader.server_root(), input.as_root.value_or(::geteuid() == 0));
  base::config::Walk<Builder>(table, builder, report).children(reader.tree());
  Settings settings = builder.finish();

  LoadResult out;
  out.errors = report.errors();
  out.notices = report.notices();
  if (out.errors.empty()) out.settings = std::make_shared<const Settings>(std::move(settings));
  return out;
}

void print_directives(std::ostream& out, Markdown markdown) {
  base::config::print_directives(
      out, directive_table().index(),
      markdown == Markdown::yes ? base::config::DocStyle::markdown : base::config::DocStyle::plain);
}

}  // namespace proxy::config
