// SPDX-License-Identifier: Apache-2.0
// What answers a request: the result of mapping/, read by handlers/ with std::visit.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace appserver::mapping {

/// A regular file that was there a second ago at most (DirectoryIndex already resolved).
struct StaticTarget {
  std::string path;  ///< file system path, decoded and normalised
  std::string_view
      root;  ///< Alias target or DocumentRoot it lies below, as configured; empty for AliasMatch
};

/// A WSGI script. Everything constant about it stands in MapResult::site, its paths in MapResult.
struct WsgiTarget {
  std::optional<std::size_t> group;  ///< index into Model::groups; none: embedded
};

struct RedirectTarget {
  int status = 301;
  std::string location;  ///< absolute, escaped
};

struct ErrorTarget {
  int status = 500;
  std::string detail;  ///< for the error log, never for the client
  bool close = false;  ///< the connection cannot be used further (a body was refused unread)
};

/// `OPTIONS *`: 200 with an empty body.
struct ServerOptionsTarget {};

using Target =
    std::variant<ErrorTarget, StaticTarget, WsgiTarget, RedirectTarget, ServerOptionsTarget>;

}  // namespace appserver::mapping
