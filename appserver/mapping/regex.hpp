// SPDX-License-Identifier: Apache-2.0
// Regular expressions of the configuration: PCRE2, compiled once with JIT, bounded in what one
// match may cost. Apache's dialect: unanchored, case-sensitive, `.` matches newline and `$` only
// the very end (RegexDefaultOptions).
#pragma once

#include "base/handle.hpp"
#include "base/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

extern "C" {  // of <pcre2.h>, which needs a macro set before it is included
struct pcre2_real_code_8;
struct pcre2_real_match_data_8;
void pcre2_code_free_8(pcre2_real_code_8*);
void pcre2_match_data_free_8(pcre2_real_match_data_8*);
}

namespace appserver::mapping {

/// `$0` to `$9` of a match; a group that took no part is empty.
struct Captures {
  std::array<std::string_view, 10> groups;
  std::size_t end = 0;  ///< where the match ends in the subject
};

/// Request variables that named groups make: name and value.
using Variables = std::vector<std::pair<std::string, std::string>>;

enum class MatchStatus : std::uint8_t {
  no,
  yes,
  failed,  ///< a limit was hit: the caller must not take this for `no` where access depends on it
};

/// One thread at a time: a match uses the object's own memory.
class Regex {
 public:
  /// Error `invalid`: PCRE2's own sentence and the offset.
  static base::Result<Regex> compile(const std::string& pattern);

  MatchStatus match(std::string_view subject, Captures* captures = nullptr) const;
  /// Calls `use(name, value)` for each named group that took part; only after a match (re-matches
  /// `subject`).
  [[nodiscard]] bool has_names() const noexcept { return !names_.empty(); }
  MatchStatus match_named(std::string_view subject, Variables& out) const;

 private:
  Regex() = default;
  base::Handle<pcre2_real_code_8, pcre2_code_free_8> code_;
  base::Handle<pcre2_real_match_data_8, pcre2_match_data_free_8> data_;
  std::vector<std::pair<std::string, unsigned>> names_;  // "MATCH_X" and the number of its group
};

/// Appends `text` with `$0`-`$9` replaced; `\$` is a dollar, `&` means itself (wsgi-hosting 4.1).
void substitute(std::string& out, std::string_view text, const Captures& captures);

}  // namespace appserver::mapping
