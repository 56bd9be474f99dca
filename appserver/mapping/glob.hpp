// SPDX-License-Identifier: Apache-2.0
// Wildcards of section arguments and of ServerAlias. Linear in pattern times text at worst:
// patterns meet client input.
#pragma once

#include <string_view>

namespace appserver::mapping {

/// `*` and `?` never match '/', `[a-z]` and `[!a-z]` are classes, `\` takes the next sign literally
/// (wsgi-hosting 1.5).
bool glob_match(std::string_view pattern, std::string_view text) noexcept;

/// `*` and `?` only, for host names; both already in lower case.
bool wildcard_match(std::string_view pattern, std::string_view text) noexcept;

}  // namespace appserver::mapping
