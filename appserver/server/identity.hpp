// SPDX-License-Identifier: Apache-2.0
// Who a process runs as: users and groups by name or `#number`, and giving up root for good.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <sys/types.h>

namespace appserver::server {

struct Identity {
  uid_t uid = 0;
  gid_t gid = 0;
  std::string user_name;  ///< empty when the uid has no passwd entry
  std::string home;
};

/// `user` and `group` as written in configuration ("www-data", "#33"); empty: this process's own. A
/// group left empty beside a user is that user's primary group.
base::Result<Identity> resolve_identity(std::string_view user, std::string_view group);
/// Becomes `identity` with its supplementary groups; no way back. Without root: nothing to do.
base::Result<> become(const Identity& identity);
/// USER, USERNAME and LOGNAME when they exist, and HOME (wsgi-hosting 2.1).
void set_identity_environment(const Identity& identity);
/// What `ps` shows. `argv` is main's: its memory is used.
void remember_title_memory(int argc, char** argv);
void set_process_title(std::string_view title);

}  // namespace appserver::server
