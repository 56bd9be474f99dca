// SPDX-License-Identifier: Apache-2.0
// One scan with one place to fall back to: the last `*`. A '/' in the text only ever meets a '/' in
// the pattern, so an earlier `*` could not help.
#include "appserver/mapping/glob.hpp"

#include <cstddef>

namespace appserver::mapping {
namespace {

/// Length of the class that starts at pattern[at] == '[' (its ']' included), or 0 when it is not
/// closed.
std::size_t class_length(std::string_view pattern, std::size_t at) noexcept {
  std::size_t i = at + 1;
  if (i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^')) ++i;
  if (i < pattern.size() && pattern[i] == ']') ++i;  // first in the class: a member
  while (i < pattern.size() && pattern[i] != ']') i += pattern[i] == '\\' ? 2 : 1;
  return i < pattern.size() ? i + 1 - at : 0;
}

/// `members` stands between the brackets.
bool class_has(std::string_view members, char c) noexcept {
  const bool negated = !members.empty() && (members[0] == '!' || members[0] == '^');
  if (negated) members.remove_prefix(1);
  const auto take = [&members]() noexcept {
    if (members.size() > 1 && members[0] == '\\') members.remove_prefix(1);
    const char taken = members[0];
    members.remove_prefix(1);
    return static_cast<unsigned char>(taken);
  };
  const auto wanted = static_cast<unsigned char>(c);
  bool found = false;
  while (!members.empty()) {
    const unsigned char low = take();
    unsigned char high = low;
    if (members.size() > 1 && members[0] == '-') {
      members.remove_prefix(1);
      high = take();
    }
    if (low <= wanted && wanted <= high) found = true;
  }
  return found != negated;
}

/// Whether the pattern's element at `p` matches `c`; moves `p` behind it.
bool element_matches(std::string_view pattern, std::size_t& p, char c) noexcept {
  const char sign = pattern[p];
  if (sign == '?') {
    ++p;
    return c != '/';
  }
  if (sign == '[') {
    if (const std::size_t length = class_length(pattern, p); length != 0) {
      const std::string_view members = pattern.substr(p + 1, length - 2);
      p += length;
      return c != '/' && class_has(members, c);
    }
  }
  if (sign == '\\' && p + 1 < pattern.size()) ++p;
  return pattern[p++] == c;
}

}  // namespace

bool glob_match(std::string_view pattern, std::string_view text) noexcept {
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t after_star = kNone;  // in the pattern
  std::size_t star_end = 0;        // in the text: what the star has taken so far
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      after_star = ++p;
      star_end = t;
      continue;
    }
    if (p < pattern.size() && element_matches(pattern, p, text[t])) {
      ++t;
      continue;
    }
    if (after_star == kNone || text[star_end] == '/') return false;
    p = after_star;
    t = ++star_end;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool wildcard_match(std::string_view pattern, std::string_view text) noexcept {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t after_star = std::string_view::npos;
  std::size_t star_end = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      after_star = ++p;
      star_end = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (after_star != std::string_view::npos) {
      p = after_star;
      t = ++star_end;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace appserver::mapping
