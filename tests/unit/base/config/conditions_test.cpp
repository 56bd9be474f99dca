// SPDX-License-Identifier: Apache-2.0
#include "base/config/conditions.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace base::config {
namespace {

std::string decide(const std::string& section, const std::vector<std::string>& words) {
  Definitions definitions({});
  definitions.define("ON", "");
  const Vocabulary vocabulary{[](std::string_view name) { return name == "Listen"; },
                              [](std::string_view name) { return name == "Directory"; },
                              [](std::string_view) { return WordStyle::words; }};
  std::vector<Word> arguments;
  for (const auto& word : words) arguments.push_back({word, 1});
  const auto result = holds(section, arguments, {definitions, vocabulary, "/usr"});
  if (!result) return result.error().detail;
  return *result ? "yes" : "no";
}

struct Case {
  const char* section;
  std::vector<std::string> words;
  const char* expected;
};

TEST(Conditions, decide_while_reading) {
  const Case cases[] = {
      {"IfDefine", {"ON"}, "yes"},
      {"ifdefine", {"!ON"}, "no"},
      {"IfDefine", {"OFF"}, "no"},
      {"IfDefine", {"!OFF"}, "yes"},
      {"IfDefine", {"!"}, "no"},
      {"IfDefine", {""}, "expected one argument"},
      {"IfDefine", {"a", "b"}, "expected one argument"},
      {"IfModule", {"mod_wsgi.c"}, "yes"},
      {"IfModule", {"wsgi_module"}, "yes"},
      {"IfModule", {"core.c"}, "yes"},
      {"IfModule", {"mpm_event_module"}, "yes"},
      {"IfModule", {"ssl_module"}, "yes"},
      {"IfModule", {"mod_headers.c"}, "no"},
      {"IfModule", {"mod_alias"}, "no"},
      {"IfModule", {"alias"}, "no"},
      {"IfModule", {"MOD_ALIAS.C"}, "no"},
      {"IfModule", {"_module"}, "no"},
      {"IfModule", {"mod_.c"}, "no"},
      {"IfModule", {"!mod_php7.c"}, "yes"},
      {"IfDirective", {"Listen"}, "yes"},
      {"IfDirective", {"!Nothing"}, "yes"},
      {"IfSection", {"Directory"}, "yes"},
      {"IfSection", {"<Directory"}, "yes"},
      {"IfSection", {"Nothing"}, "no"},
      {"IfFile", {"bin"}, "yes"},
      {"IfFile", {"/usr/bin"}, "yes"},
      {"IfFile", {"!no-such-file"}, "yes"},
      {"IfVersion", {"2.4.71"}, "yes"},
      {"IfVersion", {"=", "2.4.71"}, "yes"},
      {"IfVersion", {"==", "2.4"}, "no"},
      {"IfVersion", {">", "2.4"}, "yes"},
      {"IfVersion", {">=", "2.4.71"}, "yes"},
      {"IfVersion", {"<", "2.4"}, "no"},
      {"IfVersion", {"<", "2.5"}, "yes"},
      {"IfVersion", {"<=", "2"}, "no"},
      {"IfVersion", {"!>=", "2.4"}, "no"},
      {"IfVersion", {"~", "^2\\.4"}, "yes"},
      {"IfVersion", {"=", "/^2\\.2/"}, "no"},
      {"IfVersion", {"!~", "^2\\.2"}, "yes"},
      {"IfVersion", {"/^2/"}, "yes"},
      {"IfVersion",
       {"~", "("},
       "bad regular expression \"(\": missing closing parenthesis (at byte 1)"},
      {"IfVersion", {"=>", "2.4"}, "unknown operator \"=>\": one of = > >= < <= ~"},
      {"IfVersion", {"2.4.7.1"}, "expected a version such as 2.4, got \"2.4.7.1\""},
      {"IfVersion", {"2.x"}, "expected a version such as 2.4, got \"2.x\""},
      {"IfVersion", {""}, "expected a version such as 2.4, got \"\""},
      {"IfVersion", {}, "expected a version, or an operator and a version"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(decide(c.section, c.words), c.expected)
        << c.section << ' ' << testing::PrintToString(c.words);
  }
}

TEST(Conditions, are_told_from_sections) {
  EXPECT_TRUE(is_condition("IFMODULE"));
  EXPECT_FALSE(is_condition("If"));
  EXPECT_FALSE(is_condition("Directory"));
}

}  // namespace
}  // namespace base::config
