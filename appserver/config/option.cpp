// SPDX-License-Identifier: Apache-2.0
#include "appserver/config/option.hpp"

namespace appserver::config {

std::vector<Option> read_options(const Args& args, std::size_t first, Builder& builder) {
  std::vector<Option> out;
  for (std::size_t i = first; i < args.size(); ++i) {
    const std::size_t equals = args[i].find('=');
    if (equals == std::string::npos || equals == 0) {
      builder.report.error(args.origin(i), args.subject(),
                           "expected name=value without blanks around =, got \"" +
                               base::config::printable(args[i]) + "\"");
      continue;
    }
    out.push_back({args[i].substr(0, equals), args[i].substr(equals + 1), args.origin(i)});
  }
  return out;
}

}  // namespace appserver::config
