// SPDX-License-Identifier: Apache-2.0
#include "appserver/server/logs.hpp"

#include <map>
#include <string>
#include <utility>

namespace appserver::server {

base::Result<Logs> open_logs(const config::Model& model) {
  std::map<std::pair<std::string, base::observe::LogLevel>,
           std::shared_ptr<base::observe::ErrorLog>>
      errors;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<base::observe::AccessLog>> accesses;
  Logs logs;
  for (const config::VirtualHost& host : model.hosts) {
    net::HostLogs& out = logs.emplace_back();
    auto& error = errors[{host.error_log.destination, host.error_log.level}];
    if (!error) {
      GH_TRY(error, base::observe::ErrorLog::open(host.error_log));
    }
    out.error = error;
    for (const base::observe::AccessLogSettings& settings : host.access_logs) {
      auto& access = accesses[{settings.destination, settings.format}];
      if (!access) {
        GH_TRY(access, base::observe::AccessLog::open(settings));
      }
      out.access.push_back(access);
    }
  }
  return logs;
}

std::shared_ptr<base::observe::ErrorLog> group_log(const config::Model& model, const Logs& logs,
                                                   std::size_t group) {
  return logs[model.groups[group].vhost.value_or(0)].error;
}

}  // namespace appserver::server
