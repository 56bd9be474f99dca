// SPDX-License-Identifier: Apache-2.0
// Whether the server should get traffic, from what the supervisor wrote down.
#pragma once

#include "appserver/metrics/slabs.hpp"

#include <string>

namespace appserver::metrics {

/// Empty when ready; else one sentence that names what is missing.
std::string why_not_ready(const SharedMetrics& metrics);

/// Processes that fill the slots of a group just now. For embedded mode: fronts.
std::size_t live_processes(const SharedMetrics& metrics, std::size_t group) noexcept;
std::size_t live_fronts(const SharedMetrics& metrics) noexcept;

}  // namespace appserver::metrics
