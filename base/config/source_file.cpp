// SPDX-License-Identifier: Apache-2.0
#include "base/config/source_file.hpp"

#include "base/fd.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fnmatch.h>
#include <memory>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace base::config {
namespace {

namespace fs = std::filesystem;

/// Symbolic links below an included directory may lead round in a circle.
constexpr int kMaxDirectoryDepth = 20;
constexpr std::size_t kMaxMatches = 4096;

bool has_wildcard(std::string_view text) {
  return text.find_first_of("*?[") != std::string_view::npos;
}

/// Names in a directory, sorted by bytes.
Result<std::vector<std::string>> list(const std::string& directory) {
  std::error_code error;
  std::vector<std::string> names;
  fs::directory_iterator entries(directory, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    names.push_back(entries->path().filename().string());
  }
  if (error) return fail(system_error("cannot read the directory " + directory, error.value()));
  std::sort(names.begin(), names.end());
  return names;
}

std::string join(const std::string& directory, const std::string& name) {
  if (directory.empty()) return name;
  return directory.back() == '/' ? directory + name : directory + "/" + name;
}

Result<> add_file_or_tree(const std::string& path, int depth, std::vector<std::string>& out) {
  if (out.size() >= kMaxMatches) {
    return fail(ErrorCode::too_large, "more than " + std::to_string(kMaxMatches) + " files");
  }
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    out.push_back(path);
    return {};
  }
  if (depth >= kMaxDirectoryDepth) {
    return fail(ErrorCode::too_large, "directories are nested more than " +
                                          std::to_string(kMaxDirectoryDepth) + " deep at " + path);
  }
  GH_TRY(const auto names, list(path));
  for (const std::string& name : names) {
    GH_CHECK(add_file_or_tree(join(path, name), depth + 1, out));
  }
  return {};
}

/// `base` is expanded already, `rest` is not: one path component a call.
Result<> expand(const std::string& base, std::string_view rest, std::vector<std::string>& out) {
  if (!has_wildcard(rest)) {
    const std::string path = rest.empty() ? base : join(base, std::string(rest));
    std::error_code error;
    if (!fs::exists(path, error)) return {};
    return add_file_or_tree(path, 0, out);
  }
  const std::size_t slash = rest.find('/');
  const std::string component(rest.substr(0, slash));
  const std::string_view below =
      slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  if (!has_wildcard(component)) return expand(join(base, component), below, out);
  std::error_code error;
  const std::string directory = base.empty() ? "." : base;
  if (!fs::is_directory(directory, error)) return {};
  GH_TRY(const auto names, list(directory));
  for (const std::string& name : names) {
    if (::fnmatch(component.c_str(), name.c_str(), FNM_PERIOD) != 0) continue;
    const std::string found = join(base, name);
    if (!below.empty() && !fs::is_directory(found, error)) continue;
    GH_CHECK(expand(found, below, out));
  }
  return {};
}

}  // namespace

Result<std::string> read_source(const std::string& path) {
  // Without O_NONBLOCK a pipe that nobody writes to would keep us here for ever.
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return fail(system_error("cannot open " + path, errno));
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return fail(system_error("cannot stat " + path, errno));
  if (S_ISDIR(status.st_mode)) return fail(ErrorCode::invalid, path + " is a directory");
  const bool readable =
      S_ISREG(status.st_mode) || S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode);
  if (!readable) return fail(ErrorCode::invalid, path + " is neither a file nor a pipe");
  if (const int flags = ::fcntl(fd.get(), F_GETFL); flags >= 0) {
    (void)::fcntl(fd.get(), F_SETFL, flags & ~O_NONBLOCK);
  }
  std::string text;
  constexpr std::size_t kChunk = 65'536;
  const auto buffer = std::make_unique<char[]>(kChunk);
  for (;;) {
    const ssize_t got = ::read(fd.get(), buffer.get(), kChunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(system_error("cannot read " + path, errno));
    if (got == 0) return text;
    text.append(buffer.get(), static_cast<std::size_t>(got));
    if (text.size() > kMaxFileBytes) {
      return fail(ErrorCode::too_large,
                  path + " is larger than " + std::to_string(kMaxFileBytes) + " bytes");
    }
  }
}

Result<std::vector<std::string>> include_files(const std::string& path) {
  std::vector<std::string> out;
  if (path.empty()) return fail(ErrorCode::invalid, "expected a file name, got \"\"");
  const bool absolute = path.front() == '/';
  GH_CHECK(expand(absolute ? "/" : "", std::string_view(path).substr(absolute ? 1 : 0), out));
  if (!out.empty()) return out;
  return fail(ErrorCode::not_found,
              has_wildcard(path) ? "no file matches " + path
                                 : (fs::exists(path) ? "no file below " : "no such file: ") + path);
}

std::string file_identity(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return path;
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}

}  // namespace base::config
