// SPDX-License-Identifier: Apache-2.0
#include "appserver/http/range.hpp"

#include "base/http/tokens.hpp"

#include <algorithm>
#include <limits>

namespace appserver::http {

namespace {

constexpr std::uint64_t kFar = std::numeric_limits<std::int64_t>::max();

/// Digits only; what is too large to mean anything becomes kFar.
bool parse_position(std::string_view text, std::uint64_t& out) noexcept {
  out = 0;
  for (const char c : text) {
    if (!base::http::is_digit(c)) return false;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    out = out > (kFar - digit) / 10 ? kFar : out * 10 + digit;
  }
  return !text.empty();
}

enum class Element : std::uint8_t { bad, none, slice };

/// "a-b", "a-" or "-n". `none`: well formed and beyond the file's end.
Element parse_element(std::string_view text, std::uint64_t size, Slice& out) noexcept {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return Element::bad;
  const std::string_view first_text = base::http::trim_blanks(text.substr(0, dash));
  const std::string_view last_text = base::http::trim_blanks(text.substr(dash + 1));
  std::uint64_t first = 0;
  std::uint64_t last = size - 1;
  if (first_text.empty()) {
    std::uint64_t suffix = 0;
    if (!parse_position(last_text, suffix) || suffix == 0) return Element::bad;
    first = size - std::min(suffix, size);
  } else {
    if (!parse_position(first_text, first)) return Element::bad;
    if (!last_text.empty()) {
      if (!parse_position(last_text, last) || last < first) return Element::bad;
      last = std::min(last, size - 1);
    }
    if (first >= size) return Element::none;
  }
  out = {first, last - first + 1};
  return Element::slice;
}

bool touch(const Slice& a, const Slice& b) noexcept {
  return a.offset <= b.offset + b.length && b.offset <= a.offset + a.length;
}

}  // namespace

Ranges parse_ranges(std::string_view value, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  Ranges out;
  if (size == 0 || !base::http::equals_ignore_case(value.substr(0, kUnit.size()), kUnit))
    return out;
  std::string_view list = value.substr(kUnit.size());
  std::size_t overlaps = 0;
  bool any = false;
  while (!list.empty()) {
    const std::string_view text = base::http::trim_blanks(list.substr(0, list.find(',')));
    list.remove_prefix(std::min(list.find(','), list.size() - 1) + 1);
    if (text.empty()) continue;
    Slice slice;
    const Element element = parse_element(text, size, slice);
    if (element == Element::bad) return {};
    any = true;
    if (element == Element::none) continue;
    if (!out.slices.empty() && touch(out.slices.back(), slice)) {
      Slice& last = out.slices.back();
      const std::uint64_t end = std::max(last.offset + last.length, slice.offset + slice.length);
      last.offset = std::min(last.offset, slice.offset);
      last.length = end - last.offset;
      if (++overlaps > kMaxRangeOverlaps) return {};
      continue;
    }
    if (out.slices.size() == kMaxRanges) return {};
    out.slices.push_back(slice);
  }
  if (!any) return {};
  out.kind = out.slices.empty() ? Ranges::Kind::unsatisfiable : Ranges::Kind::slices;
  return out;
}

Ranges requested_ranges(const base::http::RequestHead& head, std::uint64_t size) {
  const base::http::Field* found = nullptr;
  for (const base::http::Field& field : head.fields) {
    if (field.id != base::http::FieldName::range) continue;
    if (found != nullptr) return {};
    found = &field;
  }
  return found == nullptr ? Ranges() : parse_ranges(found->value, size);
}

}  // namespace appserver::http
