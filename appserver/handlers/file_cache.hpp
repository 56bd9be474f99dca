// SPDX-License-Identifier: Apache-2.0
// Open files of the static handler with their ready head fields: the second request for a file
// makes no system call. One a front process, used by its one thread. Entries are looked at again
// after a second. Sources: architecture section 4 "Static files"; wsgi-hosting 7.2, 7.7, 7.8.
#pragma once

#include "appserver/http/mime_types.hpp"
#include "base/fd.hpp"
#include "base/net/event_loop.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unordered_map>

namespace appserver::handlers {

/// A regular file as it was when it was opened; never changes afterwards.
struct OpenFile {
  base::Fd fd;  ///< none when the content is in memory
  std::uint64_t size = 0;
  bool in_memory = false;
  std::string content;  ///< when in_memory
  std::string etag;     ///< `"size-mtime"`, `W/` before it while the file is younger than a second
  bool weak = false;    ///< etag is
  std::int64_t last_modified = 0;  ///< seconds; not later than when it was opened
  std::string type;                ///< media type; empty: unknown
  /// "Last-Modified: ...\r\nETag: ...\r\nAccept-Ranges: bytes\r\nContent-Type: ...\r\n": the type
  /// stands last.
  std::string fields;
  std::size_t validator_bytes = 0;  ///< of `fields`: Last-Modified and ETag
  std::size_t untyped_bytes = 0;    ///< of `fields`: all but Content-Type
};

/// FollowSymLinks (wsgi-hosting 1.7).
enum class Symlinks : std::uint8_t { follow, refuse };

struct FileName {
  std::string_view path;  ///< absolute
  std::size_t root_bytes =
      0;  ///< of `path`: what configuration named; symlinks and `.ht*` there are its own matter
  Symlinks symlinks = Symlinks::follow;
};

struct FileCacheLimits {
  std::size_t entries = 1024;
  std::size_t in_memory_file_bytes = std::size_t{64} * 1024;
  std::size_t memory_bytes = std::size_t{16} * 1024 * 1024;
  std::chrono::milliseconds trust{
      1000};  ///< how long an entry is believed without a look at the disk
};

class FileCache {
 public:
  explicit FileCache(const http::MimeTypes& types, FileCacheLimits limits = {})
      : types_(types), limits_(limits) {}
  FileCache(const FileCache&) = delete;
  FileCache& operator=(const FileCache&) = delete;

  struct Found {
    int status = 200;           ///< 200, or what to answer: 403, 404, 500, 503
    bool is_directory = false;  ///< with 200: no file, but a folder
    /// Owned by the cache and by every answer that is being sent from it.
    std::shared_ptr<const OpenFile> file;
  };
  Found find(const FileName& name, base::net::TimePoint now, std::int64_t wall_us);

  [[nodiscard]] std::size_t entries() const noexcept { return entries_.size(); }
  [[nodiscard]] std::size_t memory_bytes() const noexcept { return memory_bytes_; }

 private:
  struct Entry {
    std::shared_ptr<const OpenFile> file;
    struct stat seen {};
    base::net::TimePoint believed_until;
    const std::string* key = nullptr;
    Entry* newer = nullptr;
    Entry* older = nullptr;
  };
  struct KeyHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const noexcept {
      return std::hash<std::string_view>()(key);
    }
  };
  using Entries = std::unordered_map<std::string, Entry, KeyHash, std::equal_to<>>;

  [[nodiscard]] std::string_view key_of(const FileName& name);
  [[nodiscard]] bool still_good(Entry& entry, const FileName& name, base::net::TimePoint now) const;
  Found open(const FileName& name, base::net::TimePoint now, std::int64_t wall_us);
  void insert(const FileName& name, const std::shared_ptr<const OpenFile>& file,
              const struct stat& seen, base::net::TimePoint now);
  void touch(Entry& entry) noexcept;
  void unlink(Entry& entry) noexcept;
  void drop(Entry& entry);

  const http::MimeTypes& types_;
  FileCacheLimits limits_;
  Entries entries_;
  Entry* newest_ = nullptr;
  Entry* oldest_ = nullptr;
  std::size_t memory_bytes_ = 0;
  std::string key_;  // scratch
};

}  // namespace appserver::handlers
