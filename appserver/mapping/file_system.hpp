// SPDX-License-Identifier: Apache-2.0
// What mapping/ must ask of the disk: what kind of thing a path is. One real implementation that
// remembers, one fake.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace appserver::mapping {

enum class FileKind : std::uint8_t {
  missing,  ///< ENOENT, ENOTDIR
  file,     ///< regular
  directory,
  special,   ///< FIFO, device, socket
  denied,    ///< no permission to look, or a loop of links
  too_long,  ///< a component or the whole is longer than the file system allows
};

class FileSystem {
 public:
  /// Follows symbolic links. `path` is absolute.
  virtual FileKind kind(std::string_view path) = 0;

 protected:
  ~FileSystem() = default;
};

/// Lets string_view look up std::string keys.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept {
    return std::hash<std::string_view>{}(text);
  }
};

/// stat(2), remembered for at most a second for what exists. What is missing is looked for every
/// time, so a new file is seen at once. One thread.
class CachedFileSystem final : public FileSystem {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds kMaximumAge{1000};
  static constexpr std::size_t kGenerationEntries =
      8192;  ///< two generations: bounded at twice this

  /// `now`: the event loop's time of this turn.
  explicit CachedFileSystem(std::function<TimePoint()> now) : now_(std::move(now)) {}
  FileKind kind(std::string_view path) override;

 private:
  struct Entry {
    FileKind kind = FileKind::missing;
    TimePoint looked;
  };
  using Entries = std::unordered_map<std::string, Entry, TextHash, std::equal_to<>>;
  std::function<TimePoint()> now_;
  Entries young_;
  Entries old_;  // dropped as a whole when young_ is full
  std::string path_;
};

}  // namespace appserver::mapping
