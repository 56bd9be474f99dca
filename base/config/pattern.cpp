// SPDX-License-Identifier: Apache-2.0
#include "base/config/pattern.hpp"

#include "base/config/report.hpp"
#include "base/handle.hpp"

#include <cstddef>
#include <cstdint>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace base::config {
namespace {

using CodePtr = Handle<pcre2_code, pcre2_code_free>;
using MatchDataPtr = Handle<pcre2_match_data, pcre2_match_data_free>;
using MatchContextPtr = Handle<pcre2_match_context, pcre2_match_context_free>;

constexpr std::size_t kMaxPatternBytes = 32'768;
constexpr std::uint32_t kMatchLimit = 100'000;

PCRE2_SPTR units(std::string_view text) noexcept {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): PCRE2 takes unsigned bytes
  return reinterpret_cast<PCRE2_SPTR>(text.data());
}

Result<CodePtr> compile(std::string_view pattern) {
  if (pattern.size() > kMaxPatternBytes) {
    return fail(ErrorCode::too_large, "the regular expression is longer than " +
                                          std::to_string(kMaxPatternBytes) + " bytes");
  }
  int error = 0;
  PCRE2_SIZE at = 0;
  CodePtr code(pcre2_compile(units(pattern), pattern.size(), 0, &error, &at, nullptr));
  if (code) return code;
  unsigned char reason[128] = {};
  (void)pcre2_get_error_message(error, reason, sizeof reason);
  std::string text = "bad regular expression \"" + printable(pattern) + "\": ";
  for (const unsigned char* c = reason; *c != 0; ++c) text.push_back(static_cast<char>(*c));
  return fail(ErrorCode::invalid, text + " (at byte " + std::to_string(at) + ")");
}

}  // namespace

Result<> check_regex(std::string_view pattern) {
  GH_CHECK(compile(pattern));
  return {};
}

Result<bool> regex_search(std::string_view pattern, std::string_view subject) {
  GH_TRY(const CodePtr code, compile(pattern));
  const MatchDataPtr data(pcre2_match_data_create_from_pattern(code.get(), nullptr));
  const MatchContextPtr context(pcre2_match_context_create(nullptr));
  if (!data || !context) return fail(ErrorCode::exhausted, "no memory for a regular expression");
  (void)pcre2_set_match_limit(context.get(), kMatchLimit);
  return pcre2_match(code.get(), units(subject), subject.size(), 0, 0, data.get(), context.get()) >=
         0;
}

}  // namespace base::config
