// SPDX-License-Identifier: Apache-2.0
// The log directives of one host, as written, and what comes of them once the whole file is read
// (wsgi-hosting 1.4, 1.5, 1.14). Both programs read them alike.
#pragma once

#include "base/config/origin.hpp"
#include "base/config/report.hpp"
#include "base/config/section_tree.hpp"
#include "base/observe/log_settings.hpp"
#include "base/result.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace base::config {

struct HostLogs {
  struct Access {
    std::string destination;
    std::string format;  ///< text or nickname
    Origin origin;
    std::string directive;
  };
  std::optional<std::string> error_log;
  std::optional<observe::LogLevel> level;
  std::vector<Access> access;
  std::map<std::string, std::string, std::less<>> nicknames;
  std::optional<std::string> unnamed_format;  ///< LogFormat without a nickname: TransferLog's
};

struct LogInput {
  Report& report;
  const std::string& server_root;
};

Result<> read_error_log(const Args& args, HostLogs& logs, const LogInput& input);
Result<> read_log_level(const Args& args, HostLogs& logs, const LogInput& input);
Result<> read_log_format(const Args& args, HostLogs& logs);
/// CustomLog and the like: destination, format or nickname, and an optional condition.
Result<> read_access_log(const Args& args, HostLogs& logs, const LogInput& input);
Result<> read_transfer_log(const Args& args, HostLogs& logs, const LogInput& input);

/// A host's own values over the main server's; a host with any access log of its own writes only
/// those.
observe::ErrorLogSettings finish_error_log(const HostLogs& main, const HostLogs& host);
std::vector<observe::AccessLogSettings> finish_access_logs(const HostLogs& main,
                                                           const HostLogs& host, Report& report);

}  // namespace base::config
