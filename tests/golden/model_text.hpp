// SPDX-License-Identifier: Apache-2.0
// What the programs made of a configuration, as text for comparison. Values that were not set are
// left out.
#pragma once

#include "appserver/config/model/model.hpp"
#include "proxy/config/settings.hpp"

#include <string>

namespace tests {

std::string model_text(const appserver::config::Model& model);
std::string settings_text(const proxy::config::Settings& settings);

}  // namespace tests
