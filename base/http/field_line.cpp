// SPDX-License-Identifier: Apache-2.0
#include "base/http/field_line.hpp"

#include "base/http/field_name.hpp"
#include "base/http/tokens.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace base::http::detail {

namespace {

constexpr std::uint64_t kMaxLength = std::numeric_limits<std::int64_t>::max();

bool parse_length(std::string_view text, std::uint64_t& out) noexcept {
  out = 0;
  for (const char c : text) {
    if (!is_digit(c)) return false;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (out > (kMaxLength - digit) / 10) return false;
    out = out * 10 + digit;
  }
  return !text.empty();
}

void read_connection(std::string_view value, FramingFields& out) noexcept {
  std::string_view member;
  while (next_list_member(value, member)) {
    if (equals_ignore_case(member, "close")) out.close = true;
    if (equals_ignore_case(member, "keep-alive")) out.keep_alive = true;
    if (equals_ignore_case(member, "upgrade")) out.upgrade = true;
  }
}

bool last_member_is_chunked(std::string_view list) noexcept {
  std::string_view member;
  while (next_list_member(list, member)) {
  }
  return equals_ignore_case(member, "chunked");
}

}  // namespace

const char* find_control(const char* p, const char* end) noexcept {
#ifdef __SSE2__
  // x ^ 0x80 turns the unsigned comparison x < 0x20 into a signed one.
  const __m128i flip = _mm_set1_epi8(static_cast<char>(0x80));
  const __m128i bound = _mm_set1_epi8(static_cast<char>(0x20 ^ 0x80));
  const __m128i tab = _mm_set1_epi8('\t');
  const __m128i del = _mm_set1_epi8(0x7f);
  for (; end - p >= 16; p += 16) {
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i low = _mm_cmplt_epi8(_mm_xor_si128(x, flip), bound);
    const __m128i bad =
        _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(x, tab), low), _mm_cmpeq_epi8(x, del));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(bad));
    if (mask != 0) return p + std::countr_zero(mask);
  }
#endif
  while (p != end && is_value_char(*p)) ++p;
  return p;
}

const char* find_blank_or_control(const char* p, const char* end) noexcept {
#ifdef __SSE2__
  const __m128i flip = _mm_set1_epi8(static_cast<char>(0x80));
  const __m128i bound = _mm_set1_epi8(static_cast<char>(0x21 ^ 0x80));
  const __m128i del = _mm_set1_epi8(0x7f);
  for (; end - p >= 16; p += 16) {
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i low = _mm_cmplt_epi8(_mm_xor_si128(x, flip), bound);
    const auto mask =
        static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(low, _mm_cmpeq_epi8(x, del))));
    if (mask != 0) return p + std::countr_zero(mask);
  }
#endif
  while (p != end && is_value_char(*p) && *p != ' ' && *p != '\t') ++p;
  return p;
}

bool line_has_arrived(std::string_view buffer, HeadProgress& progress) noexcept {
  if (progress.scanned <= progress.line) return true;  // not looked at yet: reading it will tell
  const std::size_t from = progress.scanned;
  if (from < buffer.size() &&
      std::memchr(buffer.data() + from, '\n', buffer.size() - from) != nullptr)
    return true;
  progress.scanned = std::max(from, buffer.size());
  return false;
}

LineResult settle_line(std::string_view buffer, std::size_t limit, HeadProgress& progress,
                       const char* reason) noexcept {
  const std::string_view rest = buffer.substr(progress.line);
  const std::size_t known = progress.scanned > progress.line ? progress.scanned - progress.line : 0;
  const std::size_t end = rest.find('\n', known);
  LineResult out;
  // Without its CRLF. An unfinished line may still end in the CR that does not count.
  out.over_limit = end == std::string_view::npos ? rest.size() > limit + 1 : end > limit + 1;
  if (out.over_limit) {
    out.status = ParseStatus::error;
    out.reason = "line too long";
  } else if (end == std::string_view::npos) {
    out.status = ParseStatus::incomplete;
    progress.scanned = buffer.size();
  } else {
    out.status = ParseStatus::error;
    out.reason = reason;
  }
  return out;
}

LineResult read_field_line(std::string_view buffer, const HeadLimits& limits,
                           HeadProgress& progress, std::vector<Field>& fields) {
  const auto settle = [&](const char* reason) {
    return settle_line(buffer, limits.field_bytes, progress, reason);
  };
  if (!line_has_arrived(buffer, progress)) return settle("");
  const char* const begin = buffer.data() + progress.line;
  const char* const end = buffer.data() + buffer.size();
  const char* p = begin;
  if (end - begin >= 2 && begin[0] == '\r' && begin[1] == '\n') {
    progress.line += 2;
    LineResult out;
    out.last = true;
    return out;
  }
  while (p != end && is_token_char(*p)) ++p;
  if (p == end || *p != ':' || p == begin) {
    if (p != end && p == begin && (*p == ' ' || *p == '\t')) return settle("folded field line");
    if (p != end && (*p == ' ' || *p == '\t')) return settle("blank before the colon of a field");
    return settle(p == begin ? "field without a name" : "bad byte in a field name");
  }
  const std::string_view name(begin, static_cast<std::size_t>(p - begin));
  const char* value = p + 1;
  while (value != end && (*value == ' ' || *value == '\t')) ++value;
  const char* stop = find_control(value, end);
  if (stop == end || *stop != '\r' || stop + 1 == end || stop[1] != '\n') {
    if (stop != end && *stop == '\n') return settle("line ended by a bare LF");
    return settle(stop != end && *stop == '\r' ? "bare CR" : "control byte in a field value");
  }
  if (static_cast<std::size_t>(stop - begin) > limits.field_bytes) return settle("");
  if (fields.size() >= limits.fields) return settle("too many fields");
  progress.line = static_cast<std::size_t>(stop + 2 - buffer.data());
  while (stop != value && (stop[-1] == ' ' || stop[-1] == '\t')) --stop;
  fields.push_back(Field{name, std::string_view(value, static_cast<std::size_t>(stop - value)),
                         field_name_of(name)});
  return {};
}

bool merged_field_over(const std::vector<Field>& fields, std::size_t limit) noexcept {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    std::size_t size = fields[i].value.size();
    for (std::size_t j = i + 1; j < fields.size(); ++j)
      if (fields[i].id == fields[j].id && equals_ignore_case(fields[i].name, fields[j].name))
        size += 2 + fields[j].value.size();
    if (size > limit) return true;
  }
  return false;
}

std::string_view moved(std::string_view view, const char* from, const char* to) noexcept {
  if (view.data() == nullptr) return view;
  // The old buffer may be gone: addresses as numbers, no arithmetic on its pointers.
  const auto offset =
      reinterpret_cast<std::uintptr_t>(view.data()) - reinterpret_cast<std::uintptr_t>(from);
  return {to + offset, view.size()};
}

void move_fields(std::vector<Field>& fields, const char* from, const char* to) noexcept {
  for (Field& field : fields) {
    field.name = moved(field.name, from, to);
    field.value = moved(field.value, from, to);
  }
}

FramingFields read_framing(const std::vector<Field>& fields) noexcept {
  FramingFields out;
  for (const Field& field : fields) {
    if (field.id == FieldName::content_length) {
      ++out.content_lengths;
      if (!parse_length(field.value, out.content_length)) out.bad_content_length = true;
    } else if (field.id == FieldName::transfer_encoding) {
      out.exactly_chunked =
          !out.has_transfer_encoding && equals_ignore_case(field.value, "chunked");
      out.has_transfer_encoding = true;
      out.ends_in_chunked = last_member_is_chunked(field.value);
    } else if (field.id == FieldName::connection) {
      read_connection(field.value, out);
    }
  }
  return out;
}

}  // namespace base::http::detail
