// SPDX-License-Identifier: Apache-2.0
// A promise between two of our own functions that does not hold ends the process: in release builds
// too.
#pragma once

namespace base {
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;
}

#define GH_ASSERT(expression)             \
  (static_cast<bool>(expression) ? void() \
                                 : ::base::assertion_failed(#expression, __FILE__, __LINE__))
