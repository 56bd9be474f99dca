// SPDX-License-Identifier: Apache-2.0
// The options of WSGIDaemonProcess (wsgi-hosting section 2), a row each.
#pragma once

#include "appserver/config/builder.hpp"

#include <span>
#include <string>
#include <string_view>

namespace appserver::config {

struct DaemonOption {
  std::string_view name;
  std::string_view value;  ///< what to write behind =
  std::string_view default_value;
  std::string_view doc;
  /// Checks `value` and, for an honoured option, keeps it.
  Result<> (*apply)(const std::string& value, DaemonGroup& group, const Builder& builder);
  base::config::Standing standing = base::config::Standing::honoured;
};

/// Sorted by name.
std::span<const DaemonOption> daemon_options();
const DaemonOption* find_daemon_option(std::string_view name);

}  // namespace appserver::config
