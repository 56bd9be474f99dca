// SPDX-License-Identifier: Apache-2.0
#include "appserver/config/daemon_options.hpp"

#include "base/config/values.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <limits>
#include <utility>

namespace appserver::config {
namespace {

using base::ErrorCode;
using base::fail;
using base::config::parse_number;
using base::config::parse_on_off;
using base::config::parse_seconds;
using base::config::printable;
using base::config::RootAllowed;
using base::config::Standing;

constexpr std::uint64_t kAnyNumber = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kMostProcesses = 4096;
constexpr std::uint64_t kMostThreads = 65533;

// An option is one of these kinds; what differs is the member it fills.

template <unsigned DaemonGroup::*Member, std::uint64_t Least, std::uint64_t Most>
Result<> number(const std::string& value, DaemonGroup& group, const Builder&) {
  GH_TRY(const std::uint64_t parsed, parse_number(value, Least, Most));
  group.*Member = static_cast<unsigned>(parsed);
  return {};
}

template <std::chrono::milliseconds DaemonGroup::*Member>
Result<> seconds(const std::string& value, DaemonGroup& group, const Builder&) {
  GH_TRY(group.*Member, parse_seconds(value));
  return {};
}

template <std::string DaemonGroup::*Member>
Result<> text(const std::string& value, DaemonGroup& group, const Builder&) {
  group.*Member = value;
  return {};
}

// Options that are checked and then have no effect.

template <std::uint64_t Least, std::uint64_t Most>
Result<> only_number(const std::string& value, DaemonGroup&, const Builder&) {
  GH_CHECK(parse_number(value, Least, Most));
  return {};
}

/// 0 is the default, anything else at least this much.
template <std::uint64_t Least>
Result<> only_zero_or(const std::string& value, DaemonGroup&, const Builder&) {
  if (value == "0") return {};
  GH_CHECK(parse_number(value, Least, kAnyNumber));
  return {};
}

Result<> only_seconds(const std::string& value, DaemonGroup&, const Builder&) {
  GH_CHECK(parse_seconds(value));
  return {};
}

Result<> only_text(const std::string&, DaemonGroup&, const Builder&) {
  return {};
}

Result<> only_on_off(const std::string& value, DaemonGroup&, const Builder&) {
  GH_CHECK(parse_on_off(value));
  return {};
}

Result<> only_nice(const std::string& value, DaemonGroup&, const Builder&) {
  const bool negative = value.starts_with('-');
  if (!parse_number(negative ? value.substr(1) : value, 0, 20)) {
    return fail(ErrorCode::invalid,
                "expected a number from -20 to 20, got \"" + printable(value) + "\"");
  }
  return {};
}

Result<> only_interval(const std::string& value, DaemonGroup&, const Builder&) {
  double parsed = 0;
  const char* const end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, parsed);
  if (error != std::errc() || stop != end || !(parsed > 0)) {
    return fail(ErrorCode::invalid,
                "expected a number of seconds above 0, got \"" + printable(value) + "\"");
  }
  return {};
}

// The rest have rules of their own.

Result<> processes(const std::string& value, DaemonGroup& group, const Builder&) {
  GH_TRY(const std::uint64_t parsed, parse_number(value, 1, kMostProcesses));
  group.processes = static_cast<unsigned>(parsed);
  group.processes_written = true;
  return {};
}

Result<> threads(const std::string& value, DaemonGroup& group, const Builder&) {
  GH_TRY(const std::uint64_t parsed, parse_number(value, 0, kMostThreads));
  if (parsed == 0) {
    return fail(ErrorCode::unsupported,
                "0 (service scripts) is not supported by this version: name at least 1 thread");
  }
  group.threads = static_cast<unsigned>(parsed);
  return {};
}

Result<> maximum_requests(const std::string& value, DaemonGroup& group, const Builder&) {
  GH_TRY(group.maximum_requests, parse_number(value, 0, kAnyNumber));
  return {};
}

Result<> user(const std::string& value, DaemonGroup& group, const Builder& builder) {
  if (builder.as_root) GH_CHECK(base::config::check_user(value, RootAllowed::no));
  group.user = value;
  return {};
}

Result<> group_id(const std::string& value, DaemonGroup& group, const Builder& builder) {
  if (builder.as_root) GH_CHECK(base::config::check_group(value, RootAllowed::yes));
  group.group = value;
  return {};
}

Result<> umask(const std::string& value, DaemonGroup& group, const Builder&) {
  unsigned parsed = 0;
  const char* const end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, parsed, 8);
  if (error != std::errc() || stop != end || parsed > 0777) {
    return fail(ErrorCode::invalid,
                "expected an octal number up to 0777, got \"" + printable(value) + "\"");
  }
  group.umask = parsed;
  return {};
}

Result<> home(const std::string& value, DaemonGroup& group, const Builder&) {
  if (!value.starts_with('/')) {
    return fail(ErrorCode::invalid, "expected an absolute path, got \"" + printable(value) + "\"");
  }
  group.home = value;
  return {};
}

Result<> display_name(const std::string& value, DaemonGroup& group, const Builder&) {
  group.display_name = value == "%{GROUP}" ? "(wsgi:" + group.name + ")" : value;
  return {};
}

template <const std::string_view& Why>
Result<> refuse(const std::string&, DaemonGroup&, const Builder&) {
  return fail(ErrorCode::unsupported, "not supported by this version: " + std::string(Why));
}
constexpr std::string_view kNoChroot = "daemons stay in the file system of the server";
constexpr std::string_view kNoOwnerCheck = "the owner of a script is not checked";
constexpr std::string_view kNoGroupsList = "daemons get the groups of their user";

constexpr Standing kLater = Standing::no_effect;

constexpr DaemonOption kOptions[] = {
    {"chroot", "folder", "none", "A root folder of their own.", refuse<kNoChroot>,
     Standing::refused},
    {"connect-timeout", "seconds", "15",
     "How long a request may wait for room beyond the backlog; then 503.",
     seconds<&DaemonGroup::connect_timeout>},
    {"cpu-priority", "-20 to 20", "0", "Nice value.", only_nice, kLater},
    {"cpu-time-limit", "seconds", "0", "CPU time after which a process is replaced.", only_seconds,
     kLater},
    {"deadlock-timeout", "seconds", "300", "How long the interpreter may be blocked.", only_seconds,
     kLater},
    {"display-name", "text", "none", "Title of the processes; `%{GROUP}` is `(wsgi:name)`.",
     display_name},
    {"eviction-timeout", "seconds", "0", "Drain time after SIGUSR1.", only_seconds, kLater},
    {"graceful-timeout", "seconds", "15",
     "How long a process that is to be replaced may finish its requests.",
     seconds<&DaemonGroup::graceful_timeout>},
    {"group", "name|#gid", "Group", "Group of the processes when started as root.", group_id},
    {"header-buffer-size", "bytes", "32768", "Longest header line of a response.",
     only_zero_or<8192>, kLater},
    {"home", "folder", "the user's", "Working folder, and first entry of sys.path.", home},
    {"inactivity-timeout", "seconds", "0", "Idle time after which a process is replaced.",
     only_seconds, kLater},
    {"interrupt-timeout", "seconds", "0", "Time to interrupt a request that takes too long.",
     only_seconds, kLater},
    {"lang", "locale", "none", "The variable LANG.", text<&DaemonGroup::lang>},
    {"listen-backlog", "number", "100",
     "Requests that may wait for a thread; more are answered 503.",
     number<&DaemonGroup::listen_backlog, 1, 1'000'000>},
    {"locale", "locale", "none", "The variable LC_ALL, and setlocale.", text<&DaemonGroup::locale>},
    {"maximum-requests", "number", "0", "Requests after which a process is replaced; 0 is never.",
     maximum_requests},
    {"memory-limit", "bytes", "0", "Limit of the data segment.", only_number<0, kAnyNumber>,
     kLater},
    {"processes", "number", "1", "Processes of the group; naming it sets wsgi.multiprocess.",
     processes},
    {"python-eggs", "folder", "WSGIPythonEggs", "Cache of unpacked eggs.", only_text, kLater},
    {"python-home", "folder", "WSGIPythonHome", "A virtual environment or Python installation.",
     text<&DaemonGroup::python_home>},
    {"python-path", "folder[:folder]...", "none",
     "Folders put first on sys.path; their .pth files are read.", text<&DaemonGroup::python_path>},
    {"queue-timeout", "seconds", "0",
     "A request that waited longer for a thread is answered 504; 0 is off.",
     seconds<&DaemonGroup::queue_timeout>},
    {"receive-buffer-size", "bytes", "the system's", "Socket buffer.", only_zero_or<512>, kLater},
    {"request-timeout", "seconds", "0", "How long a request may run.", only_seconds, kLater},
    {"response-buffer-size", "bytes", "8388608", "Response bytes held before they are sent on.",
     only_zero_or<65536>, kLater},
    {"response-flush-delay", "milliseconds", "5", "How long output is gathered.",
     only_number<0, kAnyNumber>, kLater},
    {"response-socket-timeout", "seconds", "socket-timeout", "Write timeout towards the client.",
     only_seconds, kLater},
    {"restart-interval", "seconds", "0", "Age at which a process is replaced.", only_seconds,
     kLater},
    {"script-group", "name|#gid", "none", "Group that must own the script.", refuse<kNoOwnerCheck>,
     Standing::refused},
    {"script-user", "name|#uid", "none", "User who must own the script.", refuse<kNoOwnerCheck>,
     Standing::refused},
    {"send-buffer-size", "bytes", "the system's", "Socket buffer.", only_zero_or<512>, kLater},
    {"server-metrics", "On|Off", "Off", "Access to the server's metrics from Python.", only_on_off,
     kLater},
    {"shutdown-timeout", "seconds", "5", "How long a process may take to end before it is killed.",
     seconds<&DaemonGroup::shutdown_timeout>},
    {"socket-timeout", "seconds", "Timeout", "How long a front waits for the daemon's next bytes.",
     seconds<&DaemonGroup::socket_timeout>},
    {"socket-user", "name|#uid", "none", "Owner of the socket: there is none on disk.", only_text,
     kLater},
    {"stack-size", "bytes", "the system's", "Stack of each thread.", only_number<1, kAnyNumber>,
     kLater},
    {"startup-timeout", "seconds", "0", "How long the first import may take.", only_seconds,
     kLater},
    {"supplementary-groups", "name,...", "the user's", "Further groups.", refuse<kNoGroupsList>,
     Standing::refused},
    {"switch-interval", "seconds", "0.005", "sys.setswitchinterval.", only_interval, kLater},
    {"threads", "number", "15", "Request threads of each process.", threads},
    {"umask", "octal", "inherited", "File mode mask.", umask},
    {"user", "name|#uid", "User",
     "User of the processes when started as root; root itself is refused.", user},
    {"virtual-memory-limit", "bytes", "0", "Limit of the address space.",
     only_number<0, kAnyNumber>, kLater},
};
static_assert(std::is_sorted(std::begin(kOptions), std::end(kOptions),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));

}  // namespace

std::span<const DaemonOption> daemon_options() {
  return kOptions;
}

const DaemonOption* find_daemon_option(std::string_view name) {
  const auto found = std::lower_bound(
      std::begin(kOptions), std::end(kOptions), name,
      [](const DaemonOption& option, std::string_view n) { return option.name < n; });
  return found != std::end(kOptions) && found->name == name ? found : nullptr;
}

}  // namespace appserver::config
