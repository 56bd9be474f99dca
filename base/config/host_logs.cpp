// SPDX-License-Identifier: Apache-2.0
#include "base/config/host_logs.hpp"

#include "base/config/lexer.hpp"
#include "base/config/values.hpp"
#include "base/observe/access_log.hpp"
#include "base/observe/log.hpp"

#include <cstddef>
#include <string_view>
#include <utility>

namespace base::config {
namespace {

constexpr std::string_view kCommon = R"(%h %l %u %t "%r" %>s %b)";
constexpr std::pair<std::string_view, std::string_view> kPredefined[] = {
    {"common", kCommon},
    {"combined", R"(%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i")"},
    {"vhost_combined", R"(%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i")"},
};

/// Programs and syslog are not started from here: a container's own streams take their place, with
/// a notice.
std::string destination(const Args& args, std::string_view stream, const LogInput& input) {
  const std::string& word = args[0];
  const bool pipe = word.starts_with('|');
  const bool syslog = equal_no_case(std::string_view(word).substr(0, 6), "syslog") &&
                      (word.size() == 6 || word[6] == ':');
  if (!pipe && !syslog) return resolve_path(word, input.server_root);
  input.report.notice(args.origin(), args.subject(),
                      std::string(pipe ? "logging to a program" : "syslog") +
                          " is not offered: the lines go to " + std::string(stream));
  return std::string(stream);
}

const std::string* find_nickname(const HostLogs& logs, const std::string& name) {
  const auto found = logs.nicknames.find(name);
  return found == logs.nicknames.end() ? nullptr : &found->second;
}

/// The text that a CustomLog's second word stands for.
std::string resolve_format(const HostLogs& main, const HostLogs& host, const HostLogs::Access& log,
                           Report& report) {
  if (const std::string* own = find_nickname(host, log.format)) return *own;
  if (const std::string* shared = find_nickname(main, log.format)) return *shared;
  for (const auto& [name, format] : kPredefined) {
    if (name == log.format) return std::string(format);
  }
  if (log.format.find('%') == std::string::npos) {
    report.notice(log.origin, log.directive,
                  "\"" + printable(log.format) +
                      "\" is no nickname of a LogFormat: every line of the log will be this text");
  }
  return log.format;
}

}  // namespace

Result<> read_error_log(const Args& args, HostLogs& logs, const LogInput& input) {
  if (args[0].empty()) return fail(ErrorCode::invalid, "expected a file name, got \"\"");
  logs.error_log = destination(args, "/dev/stderr", input);
  return {};
}

Result<> read_log_level(const Args& args, HostLogs& logs, const LogInput& input) {
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::size_t colon = args[i].find(':');
    const std::string level = colon == std::string::npos ? args[i] : args[i].substr(colon + 1);
    GH_TRY(const observe::LogLevel parsed, observe::parse_level(level));
    if (colon == std::string::npos) {
      logs.level = parsed;
    } else {
      input.report.notice(args.origin(i), args.subject(),
                          "has no effect for one module: " + printable(args[i]));
    }
  }
  return {};
}

Result<> read_log_format(const Args& args, HostLogs& logs) {
  GH_CHECK(observe::check_log_format(args[0]));
  if (args.size() == 2) {
    logs.nicknames[args[1]] = args[0];
  } else {
    logs.unnamed_format = args[0];
  }
  return {};
}

Result<> read_access_log(const Args& args, HostLogs& logs, const LogInput& input) {
  if (args[0].empty()) return fail(ErrorCode::invalid, "expected a file name, got \"\"");
  if (args[1].find('%') != std::string::npos) GH_CHECK(observe::check_log_format(args[1]));
  if (args.size() == 3) {
    if (!args[2].starts_with("env=") && !args[2].starts_with("expr=")) {
      return fail(ErrorCode::invalid,
                  "expected env=[!]name or expr=..., got \"" + printable(args[2]) + "\"");
    }
    input.report.notice(
        args.origin(2), args.subject(),
        "the condition has no effect, every request is logged: " + printable(args[2]));
  }
  logs.access.push_back(
      {destination(args, "/dev/stdout", input), args[1], args.origin(), args.subject()});
  return {};
}

Result<> read_transfer_log(const Args& args, HostLogs& logs, const LogInput& input) {
  if (args[0].empty()) return fail(ErrorCode::invalid, "expected a file name, got \"\"");
  logs.access.push_back(
      {destination(args, "/dev/stdout", input), "", args.origin(), args.subject()});
  return {};
}

observe::ErrorLogSettings finish_error_log(const HostLogs& main, const HostLogs& host) {
  observe::ErrorLogSettings out;
  out.destination = host.error_log.value_or(main.error_log.value_or(""));
  if (const auto level = host.level ? host.level : main.level) out.level = *level;
  return out;
}

std::vector<observe::AccessLogSettings> finish_access_logs(const HostLogs& main,
                                                           const HostLogs& host, Report& report) {
  const HostLogs& source = host.access.empty() ? main : host;
  std::vector<observe::AccessLogSettings> out;
  for (const HostLogs::Access& log : source.access) {
    if (log.format.empty()) {  // TransferLog
      const auto& unnamed = source.unnamed_format ? source.unnamed_format : main.unnamed_format;
      out.push_back({log.destination, unnamed.value_or(std::string(kCommon))});
    } else {
      out.push_back({log.destination, resolve_format(main, source, log, report)});
    }
  }
  return out;
}

}  // namespace base::config
