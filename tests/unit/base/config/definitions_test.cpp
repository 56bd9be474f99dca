// SPDX-License-Identifier: Apache-2.0
#include "base/config/definitions.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace base::config {
namespace {

Definitions definitions() {
  Definitions out([](const std::string& name) -> std::optional<std::string> {
    if (name == "HOME" || name == "A") return "from the environment";
    return std::nullopt;
  });
  out.define("A", "one");
  out.define("EMPTY", "");
  out.define("TWO", "x y");
  out.define("NESTED", "${A}");
  return out;
}

struct Case {
  const char* text;
  const char* expected;
  std::vector<std::string> unknown;
};

TEST(Definitions, replace_names_once) {
  const Case cases[] = {
      {"X plain", "X plain", {}},
      {"X ${A}", "X one", {}},
      {"${A}${A}", "oneone", {}},
      {"a${EMPTY}b", "ab", {}},
      {"${TWO}", "x y", {}},
      {"${HOME}", "from the environment", {}},
      {"${NESTED}", "${A}", {}},
      {"${NO} ${A} ${NO2}", "${NO} one ${NO2}", {"NO", "NO2"}},
      {"%{A} $A {A}", "%{A} $A {A}", {}},
      {"${A", "${A", {}},
      {"a ${}", "a ${}", {}},
      {"${a}", "${a}", {"a"}},
  };
  const Definitions d = definitions();
  for (const Case& c : cases) {
    LogicalLine line{c.text, 1, {}};
    EXPECT_EQ(d.expand(line), c.unknown) << c.text;
    EXPECT_EQ(line.text, c.expected) << c.text;
  }
}

TEST(Definitions, undefine_uncovers_the_environment) {
  Definitions d = definitions();
  EXPECT_TRUE(d.is_defined("A"));
  d.undefine("A");
  EXPECT_FALSE(d.is_defined("A"));
  LogicalLine line{"${A}", 1, {}};
  (void)d.expand(line);
  EXPECT_EQ(line.text, "from the environment");
}

TEST(Definitions, words_behind_a_value_keep_their_lines) {
  LineReader reader("X ${TWO} \\\n ${NO} b \\\n${A} c\\\n d\n");
  LogicalLine line;
  ASSERT_TRUE(reader.next(line).value_or(false));
  (void)definitions().expand(line);
  const auto words = split_words(line, 1, WordStyle::words);
  ASSERT_TRUE(words);
  std::string got;
  for (const Word& word : *words) got += word.text + ":" + std::to_string(word.line) + " ";
  EXPECT_EQ(got, "x:1 y:1 ${NO}:2 b:2 one:3 c:3 d:4 ");
}

TEST(Definitions, a_value_does_not_grow_without_bound) {
  Definitions d({});
  d.define("BIG", std::string(kMaxLineBytes, 'x'));
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "${BIG}";
  LogicalLine line{text, 1, {}};
  (void)d.expand(line);
  EXPECT_LT(line.text.size(), 4 * kMaxLineBytes);
}

}  // namespace
}  // namespace base::config
