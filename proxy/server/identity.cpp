// SPDX-License-Identifier: Apache-2.0
#include "proxy/server/identity.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>
#include <vector>

namespace proxy::server {

namespace {

constexpr std::size_t kEntryBytes = 16'384;

base::Result<unsigned> number_of(const std::string& text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    return base::fail(base::ErrorCode::invalid, text + ": not a number after #");
  return value;
}

base::Result<gid_t> group_of(const std::string& name) {
  if (name.front() == '#') return number_of(name);
  std::vector<char> memory(kEntryBytes);
  struct group entry {};
  struct group* found = nullptr;
  (void)::getgrnam_r(name.c_str(), &entry, memory.data(), memory.size(), &found);
  if (found == nullptr)
    return base::fail(base::ErrorCode::not_found, "there is no group called " + name);
  return found->gr_gid;
}

}  // namespace

base::Result<> drop_privileges(const std::string& user, const std::string& group) {
  if (::geteuid() != 0 || user.empty()) return {};
  std::vector<char> memory(kEntryBytes);
  passwd entry{};
  passwd* found = nullptr;
  uid_t uid = 0;
  if (user.front() == '#') {
    GH_TRY(uid, number_of(user));
    (void)::getpwuid_r(uid, &entry, memory.data(), memory.size(), &found);
  } else {
    (void)::getpwnam_r(user.c_str(), &entry, memory.data(), memory.size(), &found);
    if (found == nullptr)
      return base::fail(base::ErrorCode::not_found, "there is no user called " + user);
    uid = found->pw_uid;
  }
  gid_t gid = found != nullptr ? found->pw_gid : uid;
  if (!group.empty()) {
    GH_TRY(gid, group_of(group));
  }
  const int groups = found != nullptr ? ::initgroups(found->pw_name, gid) : ::setgroups(1, &gid);
  if (groups != 0) return base::fail(base::system_error("supplementary groups", errno));
  if (::setresgid(gid, gid, gid) != 0) return base::fail(base::system_error("setresgid", errno));
  if (::setresuid(uid, uid, uid) != 0) return base::fail(base::system_error("setresuid", errno));
  if (uid != 0 && ::setuid(0) == 0)
    return base::fail(base::ErrorCode::denied, "root came back after it was given up");
  return {};
}

}  // namespace proxy::server
