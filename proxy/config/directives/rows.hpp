// SPDX-License-Identifier: Apache-2.0
// The proxy's directives, an array a subject.
#pragma once

#include "base/config/directive_table.hpp"
#include "proxy/config/builder.hpp"

#include <span>

namespace proxy::config {

std::span<const DirectiveRow> core_rows();     ///< hosts, ports, identity, limits, logs
std::span<const DirectiveRow> section_rows();  ///< <VirtualHost> <Location> <Proxy>
std::span<const DirectiveRow> tls_rows();
std::span<const DirectiveRow> route_rows();    ///< which backend answers
std::span<const DirectiveRow> duty_rows();     ///< what only the app server does
std::span<const DirectiveRow> inert_rows();    ///< accepted without effect
std::span<const DirectiveRow> refused_rows();  ///< known, and not done yet

/// All of them joined.
const base::config::DirectiveTable<Builder>& directive_table();

}  // namespace proxy::config
