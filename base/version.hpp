// SPDX-License-Identifier: Apache-2.0
// The version both programs show; CMakeLists.txt is where it is written.
#pragma once

#include <string_view>

namespace base {
#ifndef GH_VERSION
#define GH_VERSION "0.1.0"
#endif
inline constexpr std::string_view kVersion = GH_VERSION;
}  // namespace base
