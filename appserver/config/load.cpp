// SPDX-License-Identifier: Apache-2.0
#include "appserver/config/load.hpp"

#include "appserver/config/builder.hpp"
#include "appserver/config/daemon_options.hpp"
#include "appserver/config/directives/rows.hpp"
#include "base/config/apply.hpp"
#include "base/config/directive_docs.hpp"
#include "base/config/reader.hpp"

#include <ostream>
#include <unistd.h>
#include <utility>

namespace appserver::config {

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
  Model model = builder.finish();

  LoadResult out;
  out.errors = report.errors();
  out.notices = report.notices();
  if (out.errors.empty()) out.model = std::make_shared<const Model>(std::move(model));
  return out;
}

void print_directives(std::ostream& out, Markdown markdown) {
  const auto style =
      markdown == Markdown::yes ? base::config::DocStyle::markdown : base::config::DocStyle::plain;
  base::config::print_directives(out, directive_table().index(), style);
  base::config::OptionTable table{"WSGIDaemonProcess", {}};
  for (const DaemonOption& option : daemon_options()) {
    table.rows.push_back(
        {option.name, option.value, option.default_value, option.doc, option.standing});
  }
  base::config::print_options(out, table, style);
}

}  // namespace appserver::config
