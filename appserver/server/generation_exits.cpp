// SPDX-License-Identifier: Apache-2.0
// How a child ended: for the log, the metrics and the status page.
#include "appserver/server/daemon_process.hpp"
#include "appserver/server/generation.hpp"

#include <csignal>
#include <cstring>
#include <string>
#include <sys/wait.h>

namespace appserver::server {

namespace {

using metrics::ExitReason;

ExitReason reason_of(bool ready, bool asked_to_stop, const std::string& drain_reason, int status) {
  if (WIFSIGNALED(status))
    return WTERMSIG(status) == SIGKILL ? ExitReason::killed : ExitReason::crash;
  if (!ready) return ExitReason::startup_failed;
  if (drain_reason == "maximum_requests") return ExitReason::maximum_requests;
  if (drain_reason == "script_reload") return ExitReason::script_reload;
  if (drain_reason == "graceful_signal") return ExitReason::graceful_signal;
  if (drain_reason == "shutdown_signal" || asked_to_stop) return ExitReason::shutdown_signal;
  return ExitReason::crash;
}

const char* text_of(ExitReason reason) {
  switch (reason) {
    case ExitReason::shutdown_signal:
      return "shutdown_signal";
    case ExitReason::graceful_signal:
      return "graceful_signal";
    case ExitReason::maximum_requests:
      return "maximum_requests";
    case ExitReason::script_reload:
      return "script_reload";
    case ExitReason::reload:
      return "reload";
    case ExitReason::crash:
      return "crash";
    case ExitReason::killed:
      return "killed";
    case ExitReason::startup_failed:
      return "startup_failed";
    case ExitReason::count_:
      break;
  }
  return "";
}

std::uint64_t microseconds(const timeval& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 +
         static_cast<std::uint64_t>(time.tv_usec);
}

}  // namespace

void Generation::record_exit(const Child& child, int status, const rusage& usage) {
  const ExitReason reason = reason_of(child.ready, draining_, child.drain_reason, status);
  auto& server = parts_.metrics->supervisor();
  metrics::ExitRecord record;
  record.at_us = loop_.wall_us();
  record.pid = child.pid;
  record.process = static_cast<std::uint16_t>(child.index);
  record.reason = reason;
  record.signal =
      WIFSIGNALED(status) ? static_cast<std::uint8_t>(WTERMSIG(status)) : std::uint8_t{0};
  record.status =
      WIFEXITED(status) ? static_cast<std::uint8_t>(WEXITSTATUS(status)) : std::uint8_t{0};
  const char* event = "daemon.exit";
  if (child.role == Role::daemon) {
    record.group = static_cast<std::int16_t>(child.group);
    auto& group = parts_.metrics->supervisor_group(child.group);
    group.exits[reason].add();
    group.cpu_user_us.add(microseconds(usage.ru_utime));
    group.cpu_system_us.add(microseconds(usage.ru_stime));
    if (!child.replaced) parts_.metrics->process_ended(child.group, child.index);
    server.exits.add(record);
  } else {
    event = child.role == Role::front ? "front.exit" : "admin.exit";
    server.server_cpu_user_us.add(microseconds(usage.ru_utime));
    server.server_cpu_system_us.add(microseconds(usage.ru_stime));
    if (child.role == Role::front) {
      server.front_exits[reason].add();
      parts_.metrics->front_ended(child.index);
      parts_.metrics->front_slot(child.index).clear();
      server.exits.add(record);
    } else {
      server.admin.clear();
    }
  }
  const bool bad = reason == ExitReason::crash || reason == ExitReason::killed ||
                   reason == ExitReason::startup_failed;
  base::observe::LogLine line(
      log(), bad ? base::observe::LogLevel::error : base::observe::LogLevel::info, event);
  if (child.role == Role::daemon) line.add("group", parts_.model->groups[child.group].name);
  line.add("process", child.index).add("pid", child.pid).add("reason", text_of(reason));
  if (WIFSIGNALED(status)) line.add("signal", WTERMSIG(status));
  if (WIFEXITED(status)) line.add("status", WEXITSTATUS(status));
}

}  // namespace appserver::server
