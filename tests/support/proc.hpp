// SPDX-License-Identifier: Apache-2.0
// What /proc tells about processes: the tree below one, memory, CPU time, descriptors.
#pragma once

#include <cstddef>
#include <string>
#include <sys/types.h>
#include <vector>

namespace tests::support {

/// Children, grandchildren and so on of `root`, without `root`, parents first. Gone processes are
/// left out.
std::vector<pid_t> descendants(pid_t root);
/// Every process of the session `session` (which a Process of ours leads), zombies left out.
std::vector<pid_t> session_members(pid_t session);
/// Arguments joined by blanks; empty for a zombie or a process that is gone.
std::string command_line(pid_t pid);
/// The name that PR_SET_NAME gave the main thread (comm); empty for a process that is gone.
std::string thread_name(pid_t pid);
/// Resident memory (VmRSS); 0 for a process that is gone.
std::size_t rss_bytes(pid_t pid);
/// Memory with shared pages divided among their users (Pss); 0 for a process that is gone.
std::size_t pss_bytes(pid_t pid);
/// User and system time of the process and of the children it has waited for.
double cpu_seconds(pid_t pid);
std::size_t open_descriptors(pid_t pid);
/// One-letter state of stat(5); 0 for a process that is gone.
char process_state(pid_t pid);

}  // namespace tests::support
