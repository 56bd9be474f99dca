// SPDX-License-Identifier: Apache-2.0
// A folder of its own for one test: made at start, removed with all it holds at the end.
#pragma once

#include <string>
#include <string_view>

namespace tests::support {

class TempDir {
 public:
  /// Makes /tmp/gh-XXXXXX, readable by every user: daemon groups run as others. Throws when it
  /// cannot.
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string path(std::string_view name) const;
  /// Writes a file, making its folders; returns its path.
  std::string write(std::string_view name, std::string_view content, unsigned mode = 0644) const;

 private:
  std::string path_;
};

/// The whole of a file; throws when it cannot be read.
std::string read_file(const std::string& path);

}  // namespace tests::support
