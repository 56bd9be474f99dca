// SPDX-License-Identifier: Apache-2.0
// Where on the disk a mapped path ends: its longest existing prefix (wsgi-hosting 4.1 step 9).
#pragma once

#include "appserver/mapping/file_system.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace appserver::mapping {

struct Walk {
  FileKind kind = FileKind::missing;
  /// Bytes of the path up to where it ends: the file (path info follows), the whole directory, or
  /// the end of the first component that is missing or cannot be passed.
  std::size_t end = 0;
};

/// Looks at `path[0, start)` first and then component by component. For scripts, whose path info
/// never exists.
Walk walk_down(FileSystem& files, std::string_view path, std::size_t start);
/// Looks at the whole path first: for static files, which mostly exist.
Walk walk_whole(FileSystem& files, std::string_view path, std::size_t start);

}  // namespace appserver::mapping
