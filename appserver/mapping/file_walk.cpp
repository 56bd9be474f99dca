// SPDX-License-Identifier: Apache-2.0
// Downwards, so that a long path of nothing costs one look and not one a component.
#include "appserver/mapping/file_walk.hpp"

namespace appserver::mapping {

Walk walk_down(FileSystem& files, std::string_view path, std::size_t start) {
  std::size_t at = start;
  if (start > 0) {
    switch (const FileKind kind = files.kind(path.substr(0, start))) {
      case FileKind::file:
      case FileKind::special:
        return {kind, start};
      case FileKind::directory:
        break;
      default:  // which of the components above it is to blame?
        at = 0;
    }
  }
  for (;;) {
    while (at < path.size() && path[at] == '/') ++at;
    if (at >= path.size()) return {FileKind::directory, path.size()};
    const std::size_t slash = path.find('/', at);
    at = slash == std::string_view::npos ? path.size() : slash;
    const FileKind kind = files.kind(path.substr(0, at));
    if (kind != FileKind::directory) return {kind, at};
  }
}

Walk walk_whole(FileSystem& files, std::string_view path, std::size_t start) {
  const FileKind kind = files.kind(path);
  if (kind == FileKind::missing || kind == FileKind::denied || kind == FileKind::too_long)
    return walk_down(files, path, start);
  return {kind, path.size()};
}

}  // namespace appserver::mapping
