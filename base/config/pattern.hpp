// SPDX-License-Identifier: Apache-2.0
// Regular expressions in configuration, in Apache's own dialect (PCRE): checked when read, so that
// a bad one is an error with file and line and not a surprise in a request.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace base::config {

/// An error names the expression, the place in it and the reason.
Result<> check_regex(std::string_view pattern);
/// Unanchored search, with a match limit: an expression that runs too long does not match.
Result<bool> regex_search(std::string_view pattern, std::string_view subject);

}  // namespace base::config
