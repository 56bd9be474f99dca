// SPDX-License-Identifier: Apache-2.0
// The bytes of a configuration file as logical lines, and a line as words (wsgi-hosting 1.1).
// Pure: what a word or a line means is the reader's business.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace base::config {

/// Longest line after joining; longer ones are a mistake, not configuration.
inline constexpr std::size_t kMaxLineBytes = 1 << 20;

/// The first line with a control byte that no text has (a program, an image, an archive); 0: all is
/// text.
[[nodiscard]] int binary_line(std::string_view text) noexcept;

/// One line after joining: blanks at both ends are gone, and it is neither empty nor a comment.
struct LogicalLine {
  std::string text;
  int line = 0;                    ///< where it begins, counted from 1
  std::vector<std::size_t> joins;  ///< offsets in `text` at which a following physical line begins

  [[nodiscard]] int line_at(std::size_t offset) const noexcept;
};

/// Gives the logical lines of one file, one after the other.
class LineReader {
 public:
  explicit LineReader(std::string_view text) noexcept;

  /// The next line that is neither empty nor a comment; false at the end. A line beyond
  /// kMaxLineBytes is an error, which ends the file: `line()` says where.
  Result<bool> next(LogicalLine& out);
  [[nodiscard]] int line() const noexcept { return line_; }  ///< last physical line taken

 private:
  Result<> take_physical_lines(LogicalLine& out);

  std::string_view rest_;
  int line_ = 0;
};

struct Word {
  std::string text;
  int line = 0;
};

/// How the text after a directive's name is cut.
enum class WordStyle : unsigned char {
  words,    ///< blanks separate; a word may be wrapped in quotes
  options,  ///< the same, and the value of `name=value` may be wrapped in quotes
};

/// Cuts `line.text` from `offset` on. A quote that is opened and not closed is an error.
Result<std::vector<Word>> split_words(const LogicalLine& line, std::size_t offset, WordStyle style);

[[nodiscard]] bool is_blank(char c) noexcept;  ///< the blanks that separate words
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;
[[nodiscard]] bool equal_no_case(std::string_view a, std::string_view b) noexcept;  ///< ASCII
[[nodiscard]] std::string lower_case(std::string_view text);                        ///< ASCII

}  // namespace base::config
