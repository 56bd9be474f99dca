// SPDX-License-Identifier: Apache-2.0
#include "appserver/handlers/file_cache.hpp"

#include "base/http/date.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace appserver::handlers {

namespace {

constexpr std::int64_t kMicroseconds = 1'000'000;

struct Opened {
  base::Fd fd;
  int error = 0;
};

int status_of(int error) noexcept {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return 404;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return 503;
    case EACCES:
    case EPERM:
    case ELOOP:  // a link where none is permitted, or links in a circle
    case ENAMETOOLONG:
    case ENXIO:  // a socket, or a device without a driver
    case ENODEV:
      return 403;
    default:
      return 500;
  }
}

/// O_NONBLOCK: a FIFO opens at once and is then seen to be none of ours. O_NOCTTY: nor may a
/// terminal become ours.
constexpr int kOpenFlags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

Opened open_following(const std::string& path) noexcept {
  Opened out;
  out.fd = base::Fd(::open(path.c_str(), kOpenFlags));
  if (!out.fd) out.error = errno;
  return out;
}

/// Walks down from the configured root; any link below it is refused.
Opened open_without_links(std::string_view path, std::size_t root_bytes) {
  Opened out;
  const std::string root(path.substr(0, root_bytes));
  base::Fd folder(::open(root.empty() ? "/" : root.c_str(), O_PATH | O_CLOEXEC));
  if (!folder) {
    out.error = errno;
    return out;
  }
  std::string_view rest = path.substr(root_bytes);
  rest.remove_prefix(std::min(rest.find_first_not_of('/'), rest.size()));
  if (rest.empty())
    return open_following(std::string(path));  // the root itself: what configuration named
  while (!rest.empty()) {
    const std::string name(rest.substr(0, rest.find('/')));
    rest.remove_prefix(name.size());
    const bool needs_folder = !rest.empty();
    rest.remove_prefix(std::min(rest.find_first_not_of('/'), rest.size()));
    const bool last = rest.empty();
    struct stat status {};
    if (::fstatat(folder.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      out.error = errno;
      return out;
    }
    if (S_ISLNK(status.st_mode)) out.error = ELOOP;
    if (!S_ISLNK(status.st_mode) && needs_folder && !S_ISDIR(status.st_mode)) out.error = ENOTDIR;
    if (out.error != 0) return out;
    // O_NOFOLLOW again: it may have become a link since.
    base::Fd next(::openat(folder.get(), name.c_str(),
                           (last ? kOpenFlags : O_PATH | O_CLOEXEC) | O_NOFOLLOW));
    if (!next) {
      out.error = errno;
      return out;
    }
    folder = std::move(next);
  }
  out.fd = std::move(folder);
  return out;
}

bool same_file(const struct stat& a, const struct stat& b) noexcept {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
         a.st_mode == b.st_mode && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec && a.st_ctim.tv_sec == b.st_ctim.tv_sec &&
         a.st_ctim.tv_nsec == b.st_ctim.tv_nsec;
}

/// Below the root, a name that begins with `.ht` is denied, there or not; unless it is a folder on
/// the way, or its own folder is missing (wsgi-hosting 7.8). Returns the status, or 0.
int denied_name_status(const FileName& name) {
  constexpr std::string_view kPrefix = "/.ht";
  const std::size_t from = name.root_bytes == 0 ? 0 : name.root_bytes - 1;
  for (std::size_t at = name.path.find(kPrefix, from); at != std::string_view::npos;
       at = name.path.find(kPrefix, at + 1)) {
    if (at + 1 < name.root_bytes) continue;
    const std::size_t end = name.path.find('/', at + 1);
    struct stat status {};
    if (end != std::string_view::npos &&
        ::stat(std::string(name.path.substr(0, end)).c_str(), &status) == 0 &&
        S_ISDIR(status.st_mode))
      continue;
    const std::string parent(name.path.substr(0, at + 1));
    return ::stat(parent.c_str(), &status) == 0 ? 403 : status_of(errno);
  }
  return 0;
}

/// Dots were taken out long ago; a path that still has any did not come through mapping.
bool has_parent_component(std::string_view path) noexcept {
  for (std::size_t at = path.find("/.."); at != std::string_view::npos;
       at = path.find("/..", at + 1))
    if (at + 3 == path.size() || path[at + 3] == '/') return true;
  return false;
}

void append_hex(std::string& out, std::uint64_t value) {
  char digits[16];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value, 16).ptr);
}

bool read_content(int fd, std::size_t size, std::string& out) {
  out.resize(size);
  std::size_t have = 0;
  while (have < size) {
    const ssize_t got = ::pread(fd, out.data() + have, size - have, static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    have += static_cast<std::size_t>(got);
  }
  return true;
}

/// Validators and ready head fields of what `status` describes (wsgi-hosting 7.2).
void describe(OpenFile& file, const struct stat& status, std::int64_t wall_us) {
  const std::int64_t modified_us =
      static_cast<std::int64_t>(status.st_mtim.tv_sec) * kMicroseconds +
      status.st_mtim.tv_nsec / 1000;
  file.size = static_cast<std::uint64_t>(status.st_size);
  file.last_modified = std::min<std::int64_t>(status.st_mtim.tv_sec, wall_us / kMicroseconds);
  // It may change again within the clock's grain; and a date to come says nothing at all.
  file.weak = modified_us > wall_us - kMicroseconds;
  file.etag = file.weak ? "W/\"" : "\"";
  append_hex(file.etag, file.size);
  file.etag += '-';
  append_hex(file.etag, static_cast<std::uint64_t>(modified_us));
  file.etag += '"';
  char date[base::http::kDateSize];
  base::http::format_date(date, file.last_modified);
  file.fields = "Last-Modified: ";
  file.fields.append(date, sizeof date);
  file.fields += "\r\nETag: ";
  file.fields += file.etag;
  file.fields += "\r\n";
  file.validator_bytes = file.fields.size();
  file.fields += "Accept-Ranges: bytes\r\n";
  file.untyped_bytes = file.fields.size();
  if (!file.type.empty()) {
    file.fields += "Content-Type: ";
    file.fields += file.type;
    file.fields += "\r\n";
  }
}

}  // namespace

std::string_view FileCache::key_of(const FileName& name) {
  if (name.symlinks == Symlinks::follow) return name.path;
  // Whether a link is in the way depends on the root: another root is another entry. No path begins
  // with a digit.
  key_ = std::to_string(name.root_bytes);
  key_ += name.path;
  return key_;
}

bool FileCache::still_good(Entry& entry, const FileName& name, base::net::TimePoint now) const {
  if (now < entry.believed_until) return true;
  if (entry.file->weak || name.symlinks == Symlinks::refuse) return false;
  struct stat status {};
  if (::stat(entry.key->c_str(), &status) != 0 || !same_file(status, entry.seen)) return false;
  entry.believed_until = now + limits_.trust;
  return true;
}

FileCache::Found FileCache::find(const FileName& name, base::net::TimePoint now,
                                 std::int64_t wall_us) {
  const auto at = entries_.find(key_of(name));
  if (at != entries_.end()) {
    Entry& entry = at->second;
    if (still_good(entry, name, now)) {
      touch(entry);
      return {200, false, entry.file};
    }
    drop(entry);
  }
  return open(name, now, wall_us);
}

FileCache::Found FileCache::open(const FileName& name, base::net::TimePoint now,
                                 std::int64_t wall_us) {
  if (name.path.empty() || name.path.front() != '/' ||
      name.path.find('\0') != std::string_view::npos || has_parent_component(name.path))
    return {403, false, nullptr};
  if (const int denied = denied_name_status(name); denied != 0) return {denied, false, nullptr};
  Opened opened = name.symlinks == Symlinks::follow
                      ? open_following(std::string(name.path))
                      : open_without_links(name.path, name.root_bytes);
  if (!opened.fd) return {status_of(opened.error), false, nullptr};
  struct stat status {};
  if (::fstat(opened.fd.get(), &status) != 0) return {500, false, nullptr};
  if (S_ISDIR(status.st_mode)) return {200, true, nullptr};
  if (!S_ISREG(status.st_mode)) return {403, false, nullptr};

  auto file = std::make_shared<OpenFile>();
  file->type = types_.type_of(name.path.substr(name.path.rfind('/') + 1));
  describe(*file, status, wall_us);
  if (file->size <= std::min(limits_.in_memory_file_bytes, limits_.memory_bytes) &&
      read_content(opened.fd.get(), file->size, file->content)) {
    file->in_memory = true;
  } else {
    file->content.clear();
    file->fd = std::move(opened.fd);
  }
  insert(name, file, status, now);
  return {200, false, std::move(file)};
}

void FileCache::insert(const FileName& name, const std::shared_ptr<const OpenFile>& file,
                       const struct stat& seen, base::net::TimePoint now) {
  if (limits_.entries == 0) return;
  while (oldest_ != nullptr &&
         (entries_.size() >= limits_.entries ||
          (file->in_memory && memory_bytes_ + file->content.size() > limits_.memory_bytes)))
    drop(*oldest_);
  const auto [at, added] = entries_.try_emplace(std::string(key_of(name)));
  if (!added) return;
  Entry& entry = at->second;
  entry.file = file;
  entry.seen = seen;
  entry.believed_until = now + limits_.trust;
  entry.key = &at->first;
  memory_bytes_ += file->content.size();
  entry.older = newest_;
  if (newest_ != nullptr) newest_->newer = &entry;
  newest_ = &entry;
  if (oldest_ == nullptr) oldest_ = &entry;
}

void FileCache::unlink(Entry& entry) noexcept {
  (entry.newer != nullptr ? entry.newer->older : newest_) = entry.older;
  (entry.older != nullptr ? entry.older->newer : oldest_) = entry.newer;
  entry.newer = entry.older = nullptr;
}

void FileCache::touch(Entry& entry) noexcept {
  if (newest_ == &entry) return;
  unlink(entry);
  entry.older = newest_;
  newest_->newer = &entry;
  newest_ = &entry;
}

void FileCache::drop(Entry& entry) {
  memory_bytes_ -= entry.file->content.size();
  unlink(entry);
  entries_.erase(entries_.find(*entry.key));
}

}  // namespace appserver::handlers
