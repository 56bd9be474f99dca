// SPDX-License-Identifier: Apache-2.0
// Opens every log of a configuration once, before privileges are dropped; hosts that name the same
// file share it.
#pragma once

#include "appserver/config/model/model.hpp"
#include "appserver/net/front_context.hpp"
#include "base/result.hpp"

#include <memory>
#include <vector>

namespace appserver::server {

/// By index of Model::hosts.
using Logs = std::vector<net::HostLogs>;

base::Result<Logs> open_logs(const config::Model& model);
/// The log of a daemon group: its declaring host's, else the main server's (wsgi-hosting 1.14).
std::shared_ptr<base::observe::ErrorLog> group_log(const config::Model& model, const Logs& logs,
                                                   std::size_t group);

}  // namespace appserver::server
