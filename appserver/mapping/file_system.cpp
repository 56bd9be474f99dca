// SPDX-License-Identifier: Apache-2.0
// stat(2) with a memory of one second.
#include "appserver/mapping/file_system.hpp"

#include <cerrno>
#include <sys/stat.h>

namespace appserver::mapping {
namespace {

FileKind look(const char* path) {
  struct stat status = {};
  if (::stat(path, &status) == 0) {
    if (S_ISREG(status.st_mode)) return FileKind::file;
    return S_ISDIR(status.st_mode) ? FileKind::directory : FileKind::special;
  }
  switch (errno) {
    case ENOENT:
    case ENOTDIR:
      return FileKind::missing;
    case ENAMETOOLONG:
      return FileKind::too_long;
    default:  // EACCES, ELOOP, EIO: what cannot be looked at is not served
      return FileKind::denied;
  }
}

}  // namespace

FileKind CachedFileSystem::kind(std::string_view path) {
  const TimePoint now = now_();
  const auto is_fresh = [now](const Entry& entry) { return now - entry.looked < kMaximumAge; };
  const auto young = young_.find(path);
  if (young != young_.end() && is_fresh(young->second)) return young->second.kind;
  if (young == young_.end()) {
    const auto old = old_.find(path);
    if (old != old_.end() && is_fresh(old->second)) return old->second.kind;
  }
  path_.assign(path);
  const FileKind found = look(path_.c_str());
  const bool exists =
      found == FileKind::file || found == FileKind::directory || found == FileKind::special;
  if (young != young_.end()) {
    if (exists)
      young->second = Entry{found, now};
    else
      young_.erase(young);
    return found;
  }
  if (!exists) return found;
  if (young_.size() >= kGenerationEntries) {
    old_ = std::move(young_);
    young_.clear();
  }
  young_.emplace(path_, Entry{found, now});
  return found;
}

}  // namespace appserver::mapping
