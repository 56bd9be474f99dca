// SPDX-License-Identifier: Apache-2.0
// Reads /proc.
#include "tests/support/proc.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <unistd.h>

namespace tests::support {
namespace {

struct Stat {
  char state = 0;
  pid_t parent = 0;
  pid_t session = 0;
  std::uint64_t ticks = 0;
};

std::optional<Stat> read_stat(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(in, line)) return std::nullopt;
  // The second field, the name, may hold blanks and parentheses: go on behind the last one.
  const auto end = line.rfind(')');
  if (end == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(end + 1));
  Stat out;
  std::uint64_t skipped = 0;
  pid_t process_group = 0;
  fields >> out.state >> out.parent >> process_group >> out.session;
  std::int64_t signed_skipped = 0;
  fields >> signed_skipped >> signed_skipped;     // tty_nr, tpgid
  for (int i = 0; i < 5; ++i) fields >> skipped;  // flags, four fault counts
  for (int i = 0; i < 4; ++i) {                   // utime stime cutime cstime
    fields >> skipped;
    out.ticks += skipped;
  }
  if (!fields) return std::nullopt;
  return out;
}

std::vector<pid_t> all_pids() {
  std::vector<pid_t> out;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    pid_t pid = 0;
    const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (code == std::errc{} && end == name.data() + name.size()) out.push_back(pid);
  }
  return out;
}

std::size_t kib_line(const std::string& file, const std::string& key) {
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line)) {
    if (line.rfind(key, 0) == 0) return std::stoull(line.substr(key.size())) * 1024;
  }
  return 0;
}

}  // namespace

std::vector<pid_t> descendants(pid_t root) {
  std::vector<std::pair<pid_t, pid_t>> parents;  // child, parent
  for (const pid_t pid : all_pids())
    if (const auto stat = read_stat(pid)) parents.emplace_back(pid, stat->parent);
  std::vector<pid_t> out{root};
  for (std::size_t i = 0; i < out.size(); ++i) {
    for (const auto& [pid, parent] : parents)
      if (parent == out[i]) out.push_back(pid);
  }
  out.erase(out.begin());
  return out;
}

std::vector<pid_t> session_members(pid_t session) {
  std::vector<pid_t> out;
  for (const pid_t pid : all_pids()) {
    const auto stat = read_stat(pid);
    if (stat && stat->session == session && stat->state != 'Z') out.push_back(pid);
  }
  return out;
}

std::string command_line(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/cmdline", std::ios::binary);
  std::string out((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  while (!out.empty() && out.back() == '\0') out.pop_back();
  std::replace(out.begin(), out.end(), '\0', ' ');
  return out;
}

std::string thread_name(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/comm");
  std::string out;
  std::getline(in, out);
  return out;
}

std::size_t rss_bytes(pid_t pid) {
  return kib_line("/proc/" + std::to_string(pid) + "/status", "VmRSS:");
}

std::size_t pss_bytes(pid_t pid) {
  return kib_line("/proc/" + std::to_string(pid) + "/smaps_rollup", "Pss:");
}

double cpu_seconds(pid_t pid) {
  const auto stat = read_stat(pid);
  if (!stat) return 0;
  return static_cast<double>(stat->ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::size_t open_descriptors(pid_t pid) {
  std::error_code error;
  const std::filesystem::directory_iterator folder("/proc/" + std::to_string(pid) + "/fd", error);
  if (error) return 0;
  return static_cast<std::size_t>(std::distance(begin(folder), end(folder)));
}

char process_state(pid_t pid) {
  const auto stat = read_stat(pid);
  return stat ? stat->state : '\0';
}

}  // namespace tests::support
