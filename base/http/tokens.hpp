// SPDX-License-Identifier: Apache-2.0
// Which bytes may stand where in HTTP/1: tokens, field values; case-blind comparison; comma lists.
// Source: RFC 9110 sections 5.5, 5.6.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace base::http {

namespace detail {

inline constexpr std::uint8_t kTokenBit = 1;
inline constexpr std::uint8_t kValueBit = 2;
inline constexpr std::uint8_t kDigitBit = 4;
inline constexpr std::uint8_t kHexBit = 8;
inline constexpr std::uint8_t kAlphaBit = 16;

constexpr std::array<std::uint8_t, 256> make_byte_classes() {
  std::array<std::uint8_t, 256> out{};
  for (unsigned c = 0; c < 256; ++c) {
    const bool digit = c >= '0' && c <= '9';
    const unsigned low = c | 0x20U;
    const bool alpha = low >= 'a' && low <= 'z' && c < 0x80;
    std::uint8_t bits = 0;
    if (digit) bits |= kDigitBit | kTokenBit | kHexBit;
    if (alpha) bits |= kAlphaBit | kTokenBit;
    if (alpha && low <= 'f') bits |= kHexBit;
    if ((c >= 0x20 && c != 0x7f) || c == '\t') bits |= kValueBit;
    out[c] = bits;
  }
  for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
    out[static_cast<std::uint8_t>(c)] |= kTokenBit;
  return out;
}
inline constexpr std::array<std::uint8_t, 256> kByteClasses = make_byte_classes();

constexpr bool has_class(char c, std::uint8_t bits) noexcept {
  return (kByteClasses[static_cast<std::uint8_t>(c)] & bits) != 0;
}

}  // namespace detail

constexpr bool is_token_char(char c) noexcept {
  return detail::has_class(c, detail::kTokenBit);
}
/// Blank, tab, visible or above 0x7f: what a field value may hold.
constexpr bool is_value_char(char c) noexcept {
  return detail::has_class(c, detail::kValueBit);
}
constexpr bool is_digit(char c) noexcept {
  return detail::has_class(c, detail::kDigitBit);
}
constexpr bool is_hex_digit(char c) noexcept {
  return detail::has_class(c, detail::kHexBit);
}
constexpr bool is_alpha(char c) noexcept {
  return detail::has_class(c, detail::kAlphaBit);
}
/// Value of a hexadecimal digit; `c` must be one.
constexpr unsigned hex_value(char c) noexcept {
  return is_digit(c) ? static_cast<unsigned>(c - '0')
                     : (static_cast<unsigned>(static_cast<unsigned char>(c)) | 0x20U) - 'a' + 10U;
}
constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

constexpr bool is_token(std::string_view text) noexcept {
  for (const char c : text)
    if (!is_token_char(c)) return false;
  return !text.empty();
}
constexpr bool is_field_value(std::string_view text) noexcept {
  for (const char c : text)
    if (!is_value_char(c)) return false;
  return true;
}

constexpr bool equals_ignore_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  return true;
}

/// Without the blanks and tabs around it.
constexpr std::string_view trim_blanks(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Takes the next member off a comma list (RFC 9110 section 5.6.1), trimmed; commas in quoted
/// strings do not part. Empty members are skipped. False when the list has ended.
constexpr bool next_list_member(std::string_view& list, std::string_view& member) noexcept {
  while (!list.empty()) {
    std::size_t end = 0;
    bool quoted = false;
    for (; end < list.size(); ++end) {
      const char c = list[end];
      if (quoted && c == '\\' && end + 1 < list.size()) {
        ++end;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        break;
      }
    }
    member = trim_blanks(list.substr(0, end));
    list.remove_prefix(end < list.size() ? end + 1 : end);
    if (!member.empty()) return true;
  }
  return false;
}

}  // namespace base::http
