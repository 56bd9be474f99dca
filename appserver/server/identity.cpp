// SPDX-License-Identifier: Apache-2.0
#include "appserver/server/identity.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <vector>

namespace appserver::server {

namespace {

char* title_begin = nullptr;
std::size_t title_bytes = 0;

constexpr std::size_t kPasswdBytes = 16384;

base::Result<unsigned> number_of(std::string_view text, std::string_view what) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    return base::fail(base::ErrorCode::invalid,
                      std::string(what) + " " + std::string(text) + ": not a number after #");
  return value;
}

}  // namespace

base::Result<Identity> resolve_identity(std::string_view user, std::string_view group) {
  Identity out;
  out.uid = ::geteuid();
  out.gid = ::getegid();
  std::vector<char> memory(kPasswdBytes);
  passwd entry{};
  passwd* found = nullptr;
  if (user.empty()) {
    (void)::getpwuid_r(out.uid, &entry, memory.data(), memory.size(), &found);
  } else if (user.front() == '#') {
    GH_TRY(out.uid, number_of(user, "User"));
    (void)::getpwuid_r(out.uid, &entry, memory.data(), memory.size(), &found);
  } else {
    (void)::getpwnam_r(std::string(user).c_str(), &entry, memory.data(), memory.size(), &found);
    if (found == nullptr)
      return base::fail(base::ErrorCode::not_found, "there is no user called " + std::string(user));
    out.uid = found->pw_uid;
  }
  if (found != nullptr) {
    out.user_name = found->pw_name;
    out.home = found->pw_dir;
    if (!user.empty()) out.gid = found->pw_gid;
  }
  if (!group.empty()) {
    if (group.front() == '#') {
      GH_TRY(out.gid, number_of(group, "Group"));
    } else {
      struct group group_entry {};
      struct group* group_found = nullptr;
      (void)::getgrnam_r(std::string(group).c_str(), &group_entry, memory.data(), memory.size(),
                         &group_found);
      if (group_found == nullptr)
        return base::fail(base::ErrorCode::not_found,
                          "there is no group called " + std::string(group));
      out.gid = group_found->gr_gid;
    }
  }
  return out;
}

base::Result<> become(const Identity& identity) {
  if (::geteuid() != 0) return {};
  if (identity.uid == 0 && identity.gid == 0) return {};
  if (identity.user_name.empty() ? ::setgroups(1, &identity.gid) != 0
                                 : ::initgroups(identity.user_name.c_str(), identity.gid) != 0)
    return base::fail(base::system_error("supplementary groups", errno));
  if (::setresgid(identity.gid, identity.gid, identity.gid) != 0)
    return base::fail(base::system_error("setresgid", errno));
  if (identity.uid != 0 && ::setresuid(identity.uid, identity.uid, identity.uid) != 0)
    return base::fail(base::system_error("setresuid", errno));
  // Core dumps and /proc/self stay usable for the new owner.
  (void)::prctl(PR_SET_DUMPABLE, 1);
  return {};
}

void set_identity_environment(const Identity& identity) {
  for (const char* name : {"USER", "USERNAME", "LOGNAME"})
    if (::getenv(name) != nullptr && !identity.user_name.empty())
      (void)::setenv(name, identity.user_name.c_str(), 1);
  if (!identity.home.empty()) (void)::setenv("HOME", identity.home.c_str(), 1);
}

void remember_title_memory(int argc, char** argv) {
  if (argc == 0) return;
  // Arguments and environment lie in one piece of memory; the environment moves away so that titles
  // have room.
  char* end = argv[0];
  for (int i = 0; i < argc; ++i)
    if (argv[i] == end) end += std::strlen(end) + 1;
  std::vector<char*> kept;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    if (*variable == end) end += std::strlen(end) + 1;
    kept.push_back(::strdup(*variable));
  }
  for (char* variable : kept) (void)::putenv(variable);
  title_begin = argv[0];
  title_bytes = static_cast<std::size_t>(end - argv[0]);
}

void set_process_title(std::string_view title) {
  (void)::prctl(PR_SET_NAME, std::string(title.substr(0, 15)).c_str());
  if (title_begin == nullptr || title_bytes < 2) return;
  std::memset(title_begin, 0, title_bytes);
  std::memcpy(title_begin, title.data(), std::min(title.size(), title_bytes - 1));
}

}  // namespace appserver::server
