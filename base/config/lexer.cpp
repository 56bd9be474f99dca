// SPDX-License-Identifier: Apache-2.0
#include "base/config/lexer.hpp"

#include <algorithm>
#include <utility>

namespace base::config {
namespace {

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_binary(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && !is_blank(c)) || byte == 0x7f;
}

/// Appends what stands between quotes and moves `at` behind the closing one; false when there is
/// none.
bool take_quoted(std::string_view text, std::size_t& at, std::string& out) {
  const char quote = text[at++];
  while (at < text.size()) {
    const char c = text[at];
    if (c == quote) {
      ++at;
      return true;
    }
    const bool escapes =
        c == '\\' && at + 1 < text.size() && (text[at + 1] == quote || text[at + 1] == '\\');
    if (escapes) ++at;
    out.push_back(text[at++]);
  }
  return false;
}

tl::unexpected<Error> unterminated(char quote) {
  return fail(ErrorCode::invalid,
              std::string("a quote is opened and not closed: ") + quote + " is missing");
}

bool is_quote(char c) noexcept {
  return c == '"' || c == '\'';
}

}  // namespace

bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\v' || c == '\f' || c == '\r';
}

int binary_line(std::string_view text) noexcept {
  const auto found = std::find_if(text.begin(), text.end(), is_binary);
  if (found == text.end()) return 0;
  return 1 + static_cast<int>(std::count(text.begin(), found, '\n'));
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool equal_no_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

int LogicalLine::line_at(std::size_t offset) const noexcept {
  const auto crossed = std::upper_bound(joins.begin(), joins.end(), offset) - joins.begin();
  return line + static_cast<int>(crossed);
}

LineReader::LineReader(std::string_view text) noexcept : rest_(text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (rest_.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    rest_.remove_prefix(kByteOrderMark.size());
  }
}

Result<bool> LineReader::next(LogicalLine& out) {
  while (!rest_.empty()) {
    GH_CHECK(take_physical_lines(out));
    const std::string_view whole = out.text;
    const std::string_view kept = trim(whole);
    if (kept.empty() || kept.front() == '#') continue;
    const auto skipped = static_cast<std::size_t>(kept.data() - whole.data());
    const std::size_t size = kept.size();
    out.text.erase(0, skipped).resize(size);
    for (std::size_t& join : out.joins) join -= std::min(join, skipped);
    // Blank joined lines before the first word: the line begins where its text does.
    while (!out.joins.empty() && out.joins.front() == 0) {
      out.joins.erase(out.joins.begin());
      ++out.line;
    }
    return true;
  }
  return false;
}

Result<> LineReader::take_physical_lines(LogicalLine& out) {
  out.text.clear();
  out.joins.clear();
  out.line = line_ + 1;
  for (bool more = true; more && !rest_.empty();) {
    ++line_;
    const std::size_t end = rest_.find('\n');
    std::string_view physical = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (!physical.empty() && physical.back() == '\r') physical.remove_suffix(1);
    more = !physical.empty() && physical.back() == '\\' && end != std::string_view::npos;
    if (more) physical.remove_suffix(1);
    if (out.text.size() + physical.size() > kMaxLineBytes) {
      return fail(ErrorCode::too_large,
                  "the line is longer than " + std::to_string(kMaxLineBytes) + " bytes");
    }
    out.text.append(physical);
    if (more) out.joins.push_back(out.text.size());
  }
  return {};
}

Result<std::vector<Word>> split_words(const LogicalLine& line, std::size_t offset,
                                      WordStyle style) {
  const std::string_view text = line.text;
  std::vector<Word> words;
  std::size_t at = offset;
  for (;;) {
    while (at < text.size() && is_blank(text[at])) ++at;
    if (at >= text.size()) return words;
    Word word{{}, line.line_at(at)};
    if (is_quote(text[at])) {
      const char quote = text[at];
      if (!take_quoted(text, at, word.text)) return unterminated(quote);
      words.push_back(std::move(word));
      continue;
    }
    while (at < text.size() && !is_blank(text[at])) {
      const bool value_begins = style == WordStyle::options && is_quote(text[at]) &&
                                !word.text.empty() && word.text.back() == '=' &&
                                word.text.find('=') == word.text.size() - 1;
      if (value_begins) {
        const char quote = text[at];
        if (!take_quoted(text, at, word.text)) return unterminated(quote);
        break;
      }
      // Outside quotes a backslash stands for itself, and two stand for one.
      if (text[at] == '\\' && at + 1 < text.size() && text[at + 1] == '\\') ++at;
      word.text.push_back(text[at++]);
    }
    words.push_back(std::move(word));
  }
}

}  // namespace base::config
