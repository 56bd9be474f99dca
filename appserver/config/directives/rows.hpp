// SPDX-License-Identifier: Apache-2.0
// The app server's directives, an array a subject.
#pragma once

#include "appserver/config/builder.hpp"
#include "base/config/directive_table.hpp"

#include <span>

namespace appserver::config {

std::span<const DirectiveRow> core_rows();       ///< hosts, identity, connections, limits
std::span<const DirectiveRow> section_rows();    ///< <VirtualHost> <Directory> <Files> <Location>
std::span<const DirectiveRow> listen_rows();     ///< where connections come in
std::span<const DirectiveRow> alias_rows();      ///< URL to file or script
std::span<const DirectiveRow> access_rows();     ///< who may
std::span<const DirectiveRow> wsgi_rows();       ///< process groups, application groups, scripts
std::span<const DirectiveRow> forwarded_rows();  ///< whom to believe
std::span<const DirectiveRow> log_rows();
std::span<const DirectiveRow> compat_rows();   ///< judged by their value: harmless ones pass
std::span<const DirectiveRow> inert_rows();    ///< accepted without effect
std::span<const DirectiveRow> refused_rows();  ///< known, and not done yet

/// All of them joined.
const base::config::DirectiveTable<Builder>& directive_table();

}  // namespace appserver::config
