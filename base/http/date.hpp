// SPDX-License-Identifier: Apache-2.0
// Dates in fields: the one form we write, the three we read (RFC 9110 section 5.6.7), and `Date`
// made once a second.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace base::http {

inline constexpr std::size_t kDateSize = 29;  ///< "Sun, 06 Nov 1994 08:49:37 GMT"

/// Writes the IMF-fixdate of `seconds` since the epoch (years 0 to 9999) into `out`: exactly
/// kDateSize bytes.
void format_date(char* out, std::int64_t seconds) noexcept;

/// Reads IMF-fixdate, RFC 850 and asctime dates. `now` settles two-digit years: never more than 50
/// years ahead.
std::optional<std::int64_t> parse_date(std::string_view text, std::int64_t now) noexcept;

/// The text of the current second; a loop keeps one.
class CachedDate {
 public:
  /// `wall_us`: the loop's wall clock. The view holds until the next call.
  std::string_view at(std::int64_t wall_us) noexcept {
    const std::int64_t second = wall_us / 1'000'000;
    if (second != second_) {
      second_ = second;
      format_date(text_, second);
    }
    return {text_, kDateSize};
  }

 private:
  std::int64_t second_ = std::numeric_limits<std::int64_t>::min();
  char text_[kDateSize] = {};
};

}  // namespace base::http
