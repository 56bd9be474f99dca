// SPDX-License-Identifier: Apache-2.0
#include "base/config/lexer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace base::config {
namespace {

using testing::ElementsAre;

struct Line {
  int line;
  std::string text;
  friend bool operator==(const Line&, const Line&) = default;
};
void PrintTo(const Line& line, std::ostream* out) {
  *out << line.line << ": " << line.text;
}

struct LinesCase {
  const char* name;
  std::string text;
  std::vector<Line> expected;
};

std::vector<Line> lines_of(std::string_view text) {
  LineReader reader(text);
  LogicalLine line;
  std::vector<Line> out;
  for (;;) {
    const auto more = reader.next(line);
    if (!more) {
      out.push_back({-reader.line(), more.error().detail});
      return out;
    }
    if (!*more) return out;
    out.push_back({line.line, line.text});
  }
}

TEST(LineReader, joins_strips_and_skips) {
  const std::string long_line(kMaxLineBytes + 1, 'x');
  const LinesCase cases[] = {
      {"empty file", "", {}},
      {"no newline at the end", "Listen 80", {{1, "Listen 80"}}},
      {"blanks at both ends", " \t Listen 80 \t\n", {{1, "Listen 80"}}},
      {"empty lines count", "\n\n  \nListen 80\n", {{4, "Listen 80"}}},
      {"comments vanish", "# a\n  # b\nListen 80\n", {{3, "Listen 80"}}},
      {"a sign after arguments is no comment", "Listen 80 # x\n", {{1, "Listen 80 # x"}}},
      {"carriage returns", "Listen 80\r\nListen 81\r\n", {{1, "Listen 80"}, {2, "Listen 81"}}},
      {"backslash joins",
       "SetEnv \\\n  A \\\n  b\nListen 80\n",
       {{1, "SetEnv   A   b"}, {4, "Listen 80"}}},
      {"backslash and carriage return join", "SetEnv A\\\r\nB\r\n", {{1, "SetEnv AB"}}},
      {"inside quotes too", "SetEnv A \"a \\\nb\"\n", {{1, "SetEnv A \"a b\""}}},
      {"a comment swallows the next line", "# a \\\nListen 80\nListen 81\n", {{3, "Listen 81"}}},
      {"a blank behind the backslash ends the line",
       "SetEnv A \\ \nListen 80\n",
       {{1, "SetEnv A \\"}, {2, "Listen 80"}}},
      {"backslash at the end of the file", "SetEnv A \\", {{1, "SetEnv A \\"}}},
      {"backslash before the last newline", "SetEnv A \\\n", {{1, "SetEnv A"}}},
      {"joined blanks before the text", "\\\n\\\nListen 80\n", {{3, "Listen 80"}}},
      {"byte order mark", "\xef\xbb\xbfListen 80\n", {{1, "Listen 80"}}},
      {"other characters stay", "ServerAdmin \xc3\xa9\n", {{1, "ServerAdmin \xc3\xa9"}}},
      {"too long",
       "Listen 80\n" + long_line + "\n",
       {{1, "Listen 80"}, {-2, "the line is longer than 1048576 bytes"}}},
      {"too long by joining",
       std::string(kMaxLineBytes - 1, 'x') + "\\\nyy\n",
       {{-2, "the line is longer than 1048576 bytes"}}},
  };
  for (const LinesCase& c : cases) EXPECT_EQ(lines_of(c.text), c.expected) << c.name;
}

TEST(BinaryLine, tells_text_from_the_rest) {
  EXPECT_EQ(binary_line(""), 0);
  EXPECT_EQ(binary_line("a\tb\r\n\v\f\xc3\xa9\n"), 0);
  EXPECT_EQ(binary_line(std::string_view("a\n\0", 3)), 2);
  EXPECT_EQ(binary_line("a\nb\n\x1b[0m"), 3);
  EXPECT_EQ(binary_line("\x7f"
                        "ELF"),
            1);
}

LogicalLine logical(std::string_view text) {
  LineReader reader(text);
  LogicalLine line;
  EXPECT_TRUE(reader.next(line).value_or(false));
  return line;
}

struct WordsCase {
  const char* name;
  const char* text;  ///< behind the name `X`
  std::vector<std::string> words;
  std::vector<std::string> options;  ///< the same line in the other style; empty: as words
};

std::vector<std::string> words_of(const LogicalLine& line, WordStyle style) {
  const auto words = split_words(line, 1, style);
  if (!words) return {"error: " + words.error().detail};
  std::vector<std::string> out;
  for (const Word& word : *words) out.push_back(word.text);
  return out;
}

TEST(SplitWords, follows_the_rules_of_quoting) {
  const WordsCase cases[] = {
      {"none", "X", {}, {}},
      {"blanks separate", "X a \t b\vc", {"a", "b", "c"}, {}},
      {"double quotes", "X \"a b\" c", {"a b", "c"}, {}},
      {"single quotes", "X 'a b' c", {"a b", "c"}, {}},
      {"empty words", "X \"\" ''", {"", ""}, {}},
      {"escaped quote", R"(X "say \"hi\"")", {"say \"hi\""}, {}},
      {"escaped backslash", R"(X "a\\")", {"a\\"}, {}},
      {"other escapes stay", R"(X "a\nb")", {R"(a\nb)"}, {}},
      {"the other quote needs no escape", R"(X "it's" '"')", {"it's", "\""}, {}},
      {"quotes inside a word are literal", R"(X a"b"c)", {"a\"b\"c"}, {}},
      {"a backslash outside quotes is literal", R"(X a\b)", {R"(a\b)"}, {}},
      {"two of them are one", R"(X a\\b)", {R"(a\b)"}, {}},
      {"a word may follow a quote at once", R"(X "a"b)", {"a", "b"}, {}},
      {"a quote may hold a sign", "X \"# x\"", {"# x"}, {}},
      {"unterminated double",
       "X \"a b",
       {"error: a quote is opened and not closed: \" is missing"},
       {}},
      {"unterminated single",
       "X 'a b\"",
       {"error: a quote is opened and not closed: ' is missing"},
       {}},
      {"an escaped end is none",
       R"(X "a\")",
       {"error: a quote is opened and not closed: \" is missing"},
       {}},
      {"quoted value", R"(X k="a b" c)", {"k=\"a", "b\"", "c"}, {"k=a b", "c"}},
      {"quoted value with escape", R"(X k='it\'s')", {R"(k='it\'s')"}, {"k=it's"}},
      {"whole option quoted", R"(X "k=a b")", {"k=a b"}, {}},
      {"only the first = begins a value", R"(X k=a="b)", {"k=a=\"b"}, {}},
      {"unterminated value",
       R"(X k="a)",
       {"k=\"a"},
       {"error: a quote is opened and not closed: \" is missing"}},
  };
  for (const WordsCase& c : cases) {
    const LogicalLine line = logical(c.text);
    EXPECT_EQ(words_of(line, WordStyle::words), c.words) << c.name;
    EXPECT_EQ(words_of(line, WordStyle::options), c.options.empty() ? c.words : c.options)
        << c.name;
  }
}

TEST(SplitWords, words_know_their_own_line) {
  const LogicalLine line = logical("\n  X a \\\n  b c\\\n \"d \\\n e\" \\\n f\n");
  const auto words = split_words(line, 1, WordStyle::words);
  ASSERT_TRUE(words);
  std::vector<Line> got;
  for (const Word& word : *words) got.push_back({word.line, word.text});
  EXPECT_THAT(got,
              ElementsAre(Line{2, "a"}, Line{3, "b"}, Line{3, "c"}, Line{4, "d  e"}, Line{6, "f"}));
}

}  // namespace
}  // namespace base::config
