// SPDX-License-Identifier: Apache-2.0
// The `name=value` options of a directive: cut apart and checked for their form (wsgi-hosting 1.3).
#pragma once

#include "appserver/config/builder.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace appserver::config {

struct Option {
  std::string name;
  std::string value;
  Origin origin;
};

/// The options from argument `first` on. A word that is none is reported and left out.
std::vector<Option> read_options(const Args& args, std::size_t first, Builder& builder);

}  // namespace appserver::config
