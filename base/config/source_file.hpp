// SPDX-License-Identifier: Apache-2.0
// Configuration files on disk: reading one whole, and what an Include line names
// (wsgi-hosting 1.1).
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace base::config {

/// A configuration larger than this is a mistake (an image, a log).
inline constexpr std::size_t kMaxFileBytes = 16 << 20;

/// Reads a regular file, pipe or terminal to its end. A missing, unreadable or too large one and a
/// directory are errors.
Result<std::string> read_source(const std::string& path);

/// The files that `Include path` names, in order: the file itself; the matches of a glob, sorted by
/// bytes; every file below a directory, sorted, whatever its name. Nothing found is an error
/// (not_found).
Result<std::vector<std::string>> include_files(const std::string& path);

/// Two names of one file have one identity.
std::string file_identity(const std::string& path);

}  // namespace base::config
