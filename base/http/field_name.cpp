// SPDX-License-Identifier: Apache-2.0
#include "base/http/field_name.hpp"

#include "base/http/tokens.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace base::http {

namespace {

constexpr std::size_t kCount = static_cast<std::size_t>(FieldName::count_);

/// In the order of the enumeration; a test walks both.
constexpr std::array<std::string_view, kCount> kTexts = {
    "",
    "Accept",
    "Accept-Charset",
    "Accept-Encoding",
    "Accept-Language",
    "Accept-Ranges",
    "Age",
    "Allow",
    "Authorization",
    "Cache-Control",
    "Connection",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Location",
    "Content-Range",
    "Content-Type",
    "Cookie",
    "Date",
    "ETag",
    "Expect",
    "Expires",
    "Forwarded",
    "Gatehouse-Hop",
    "Host",
    "HTTP2-Settings",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "If-Unmodified-Since",
    "Keep-Alive",
    "Last-Modified",
    "Location",
    "Origin",
    "Proxy",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Connection",
    "Range",
    "Referer",
    "Server",
    "Set-Cookie",
    "Status",
    "TE",
    "Traceparent",
    "Tracestate",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "Upgrade-Insecure-Requests",
    "User-Agent",
    "Vary",
    "Via",
    "WWW-Authenticate",
    "X-Client-IP",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-HTTPS",
    "X-Forwarded-Port",
    "X-Forwarded-Proto",
    "X-Forwarded-Scheme",
    "X-Forwarded-Script-Name",
    "X-Forwarded-Server",
    "X-Forwarded-SSL",
    "X-Host",
    "X-HTTPS",
    "X-Real-IP",
    "X-Request-ID",
    "X-Requested-With",
    "X-Scheme",
    "X-Script-Name",
};
static_assert(!kTexts.back().empty(), "one text for each FieldName");

constexpr std::size_t kWidth = 32;  // longest name, rounded up to whole words

/// A name in lower case, and which of its bytes are letters: (input | letters) == lower compares
/// case-blind, exactly.
struct Entry {
  std::array<char, kWidth> lower{};
  std::array<char, kWidth> letters{};
  std::uint8_t size = 0;
};

constexpr std::array<Entry, kCount> make_entries() {
  std::array<Entry, kCount> out{};
  for (std::size_t i = 0; i < kCount; ++i) {
    out[i].size = static_cast<std::uint8_t>(kTexts[i].size());
    for (std::size_t j = 0; j < kTexts[i].size(); ++j) {
      out[i].lower[j] = to_lower(kTexts[i][j]);
      out[i].letters[j] = is_alpha(kTexts[i][j]) ? 0x20 : 0;
    }
  }
  return out;
}
constexpr std::array<Entry, kCount> kEntries = make_entries();

constexpr std::size_t kSlots = 512;

/// Length and five bytes tell all known names apart; case does not matter. `name` has at least two
/// bytes.
constexpr std::uint32_t mix(std::string_view name, std::uint32_t factor) noexcept {
  const auto at = [name](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<std::uint8_t>(name[i])) | 0x20U;
  };
  const std::size_t n = name.size();
  std::uint32_t h = static_cast<std::uint32_t>(n);
  h = h * factor + at(0);
  h = h * factor + at(n / 2);
  h = h * factor + at(n - 2);
  h = h * factor + at(n - 1);
  return ((h ^ (h >> 15)) * factor) >> 23;
}
static_assert(kSlots == 1U << (32 - 23));

struct Table {
  std::uint32_t factor = 0;
  std::array<std::uint8_t, kSlots> ids{};
};

/// Looks for a factor under which no two names share a slot.
consteval Table make_table() {
  for (std::uint32_t factor = 0x9e3779b1U;; factor += 0x61c88646U) {
    Table table;
    table.factor = factor | 1U;
    bool clash = false;
    for (std::size_t i = 1; i < kCount && !clash; ++i) {
      std::uint8_t& id = table.ids[mix(kTexts[i], table.factor)];
      clash = id != 0;
      id = static_cast<std::uint8_t>(i);
    }
    if (!clash) return table;
  }
}
constexpr Table kTable = make_table();

template <class Word>
bool word_matches(const char* input, const Entry& entry, std::size_t at) noexcept {
  Word in = 0;
  Word letters = 0;
  Word lower = 0;
  std::memcpy(&in, input + at, sizeof in);
  std::memcpy(&letters, entry.letters.data() + at, sizeof letters);
  std::memcpy(&lower, entry.lower.data() + at, sizeof lower);
  return (in | letters) == lower;
}

bool matches(std::string_view name, const Entry& entry) noexcept {
  const std::size_t n = name.size();
  const char* p = name.data();
  if (n >= 8) {
    for (std::size_t at = 0; at + 8 < n; at += 8)
      if (!word_matches<std::uint64_t>(p, entry, at)) return false;
    return word_matches<std::uint64_t>(p, entry, n - 8);
  }
  if (n >= 4)
    return word_matches<std::uint32_t>(p, entry, 0) && word_matches<std::uint32_t>(p, entry, n - 4);
  return word_matches<std::uint16_t>(p, entry, 0) && word_matches<std::uint16_t>(p, entry, n - 2);
}

}  // namespace

FieldName field_name_of(std::string_view name) noexcept {
  if (name.size() < 2) return FieldName::other;
  const std::uint8_t id = kTable.ids[mix(name, kTable.factor)];
  const Entry& entry = kEntries[id];
  if (entry.size != name.size() || !matches(name, entry)) return FieldName::other;
  return static_cast<FieldName>(id);
}

std::string_view text_of(FieldName id) noexcept {
  return kTexts[static_cast<std::size_t>(id)];
}

std::string_view lower_text_of(FieldName id) noexcept {
  const Entry& entry = kEntries[static_cast<std::size_t>(id)];
  return {entry.lower.data(), entry.size};
}

}  // namespace base::http
