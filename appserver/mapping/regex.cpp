// SPDX-License-Identifier: Apache-2.0
// PCRE2 behind two functions.
#define PCRE2_CODE_UNIT_WIDTH 8
#include "appserver/mapping/regex.hpp"

#include <pcre2.h>

#include <algorithm>
#include <cctype>

namespace appserver::mapping {
namespace {

// What one match may cost. A path is at most a request line (8190 bytes); a sound pattern needs a
// few hundred steps.
constexpr std::uint32_t kMatchLimit = 200'000;
constexpr std::uint32_t kHeapLimitKibibytes =
    4096;  // of the interpreter, when the JIT's stack does not suffice

using MatchContext = base::Handle<pcre2_match_context_8, pcre2_match_context_free_8>;

MatchContext make_limits() {
  MatchContext limits(pcre2_match_context_create(nullptr));
  if (limits) {
    pcre2_set_match_limit(limits.get(), kMatchLimit);
    pcre2_set_heap_limit(limits.get(), kHeapLimitKibibytes);
  }
  return limits;
}

std::string compile_message(int code, std::size_t offset) {
  PCRE2_UCHAR text[160] = {};
  (void)pcre2_get_error_message(code, text, sizeof text);  // truncates by itself
  std::string out;
  for (const PCRE2_UCHAR* at = text; *at != 0; ++at) out.push_back(static_cast<char>(*at));
  return "bad regular expression: " + out + " at offset " + std::to_string(offset);
}

/// The named groups of a pattern, as MATCH_NAME variables.
std::vector<std::pair<std::string, unsigned>> read_names(const pcre2_code* code) {
  std::uint32_t count = 0;
  std::uint32_t entry_bytes = 0;
  PCRE2_SPTR table = nullptr;
  pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &count);
  pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &entry_bytes);
  pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &table);
  std::vector<std::pair<std::string, unsigned>> names;
  for (std::uint32_t i = 0; i < count; ++i, table += entry_bytes) {
    const unsigned number = static_cast<unsigned>(table[0]) << 8U | table[1];
    std::string name = "MATCH_";
    for (PCRE2_SPTR at = table + 2; *at != 0; ++at)
      name.push_back(static_cast<char>(std::toupper(static_cast<int>(*at))));
    names.emplace_back(std::move(name), number);
  }
  return names;
}

}  // namespace

base::Result<Regex> Regex::compile(const std::string& pattern) {
  int code = 0;
  std::size_t offset = 0;
  // Apache's RegexDefaultOptions; paths are bytes, never UTF-8.
  constexpr std::uint32_t kOptions = PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_UTF;
  Regex regex;
  regex.code_.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                                  kOptions, &code, &offset, nullptr));
  if (!regex.code_) return base::fail(base::ErrorCode::invalid, compile_message(code, offset));
  (void)pcre2_jit_compile(regex.code_.get(),
                          PCRE2_JIT_COMPLETE);  // without JIT it is slower, no more
  regex.data_.reset(pcre2_match_data_create_from_pattern(regex.code_.get(), nullptr));
  if (!regex.data_) return base::fail(base::ErrorCode::exhausted, "no memory for a match");
  regex.names_ = read_names(regex.code_.get());
  return regex;
}

MatchStatus Regex::match(std::string_view subject, Captures* captures) const {
  static const MatchContext kLimits = make_limits();  // constant, made at the first match
  const auto* const text = reinterpret_cast<PCRE2_SPTR>(subject.data());
  int count = pcre2_match(code_.get(), text, subject.size(), 0, 0, data_.get(), kLimits.get());
  if (count == PCRE2_ERROR_JIT_STACKLIMIT)
    count =
        pcre2_match(code_.get(), text, subject.size(), 0, PCRE2_NO_JIT, data_.get(), kLimits.get());
  if (count == PCRE2_ERROR_NOMATCH) return MatchStatus::no;
  if (count < 0) return MatchStatus::failed;
  if (captures == nullptr) return MatchStatus::yes;
  const PCRE2_SIZE* const offsets = pcre2_get_ovector_pointer(data_.get());
  captures->groups.fill({});
  const std::size_t groups = std::min(static_cast<std::size_t>(count), captures->groups.size());
  for (std::size_t i = 0; i < groups; ++i) {
    const std::size_t from = offsets[2 * i];
    const std::size_t to = offsets[2 * i + 1];
    if (from != PCRE2_UNSET && from <= to) captures->groups[i] = subject.substr(from, to - from);
  }
  captures->end = std::max(offsets[0], offsets[1]);
  return MatchStatus::yes;
}

MatchStatus Regex::match_named(std::string_view subject, Variables& out) const {
  const MatchStatus status = match(subject);
  if (status != MatchStatus::yes) return status;
  const PCRE2_SIZE* const offsets = pcre2_get_ovector_pointer(data_.get());
  for (const auto& [name, number] : names_) {
    const std::size_t from = offsets[std::size_t{2} * number];
    const std::size_t to = offsets[std::size_t{2} * number + 1];
    if (from != PCRE2_UNSET && from <= to) out.emplace_back(name, subject.substr(from, to - from));
  }
  return status;
}

void substitute(std::string& out, std::string_view text, const Captures& captures) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (c == '$' && next >= '0' && next <= '9') {
      out.append(captures.groups[static_cast<std::size_t>(next - '0')]);
      ++i;
    } else if (c == '\\' && (next == '$' || next == '&')) {
      out.push_back(next);
      ++i;
    } else {
      out.push_back(c);
    }
  }
}

}  // namespace appserver::mapping
