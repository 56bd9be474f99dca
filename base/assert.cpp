// SPDX-License-Identifier: Apache-2.0
#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace base {

void assertion_failed(const char* expression, const char* file, int line) noexcept {
  std::fprintf(stderr, "gatehouse: broken promise at %s:%d: %s\n", file, line, expression);
  std::abort();
}

}  // namespace base
