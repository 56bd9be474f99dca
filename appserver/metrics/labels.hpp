// SPDX-License-Identifier: Apache-2.0
// Texts of the closed label sets, and the same words on the status page.
#pragma once

#include "appserver/metrics/cells.hpp"

#include <string_view>

namespace appserver::metrics {

std::string_view label(MethodClass method) noexcept;       ///< "GET" ... "OTHER"
std::string_view label(CodeClass code) noexcept;           ///< "1xx" ... "5xx"
std::string_view label(BadRequest reason) noexcept;        ///< "malformed" ...
std::string_view label(ForwardedDropped reason) noexcept;  ///< "untrusted_peer" ...
std::string_view label(ExitReason reason) noexcept;        ///< "shutdown_signal" ...
std::string_view label(ProcessState state) noexcept;       ///< "starting" ...; "stopped" for none

/// Calls `f(value)` for each value of an enum that ends in `count_`.
template <class Enum, class F>
void for_each(F f) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(Enum::count_); ++i) f(static_cast<Enum>(i));
}

}  // namespace appserver::metrics
