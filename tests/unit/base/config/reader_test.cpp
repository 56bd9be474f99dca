// SPDX-License-Identifier: Apache-2.0
#include "base/config/reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace base::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ReaderOptions options() {
  ReaderOptions out;
  out.vocabulary = {[](std::string_view) { return true; }, [](std::string_view) { return true; },
                    [](std::string_view) { return WordStyle::words; }};
  out.environment = [](const std::string&) { return std::nullopt; };
  out.includes = ReaderOptions::Includes::refused;
  return out;
}

std::string outline(const Node& node) {
  std::string out;
  for (const Node& child : node.children) {
    if (!out.empty()) out += "; ";
    out += std::to_string(child.origin.line) + " " + child.name;
    for (const Word& word : child.words) out += "," + word.text;
    if (child.section) out += "{" + outline(child) + "}";
  }
  return out;
}

struct Read {
  std::string tree;
  std::vector<std::string> errors;
  std::vector<std::string> notices;
};

Read read(std::string_view text, ReaderOptions with = options()) {
  Report report;
  Reader reader(std::move(with), report);
  reader.read_text("f", text);
  return {outline(reader.tree()), report.errors(), report.notices()};
}

TEST(Reader, keeps_order_and_nesting) {
  const Read got = read("A 1\n<B x y>\n  C\n  <D>\n    E 2\n  </d>\n</B>\nF\n");
  EXPECT_EQ(got.tree, "1 A,1; 2 B,x,y{3 C; 4 D{5 E,2}}; 8 F");
  EXPECT_THAT(got.errors, IsEmpty());
}

TEST(Reader, the_last_bracket_ends_the_arguments) {
  EXPECT_EQ(read("<If %{A} > 3>\n</If>\n").tree, "1 If,%{A},>,3{}");
  EXPECT_EQ(read("<If \"a\">\n</If>\n").tree, "1 If,a{}");
}

TEST(Reader, conditions_vanish_and_their_content_stays) {
  const Read got = read(
      "<IfDefine !X>\nDefine X\n<D a>\n<IfDefine X>\nA ${X}1\n</IfDefine>\n<IfDefine "
      "!X>\n<Strange\n"
      "B\n</Strange>\n</IfDefine>\n</D>\n</IfDefine>\nC\n");
  EXPECT_EQ(got.tree, "3 D,a{5 A,1}; 14 C");
  EXPECT_THAT(got.errors, IsEmpty());
}

TEST(Reader, a_skipped_branch_is_not_looked_at_but_must_balance) {
  const Read got = read("<IfDefine X>\nBad \"quote\n${Y}\n<A>\n</B>\n</A>\n</IfDefine>\nC\n");
  EXPECT_EQ(got.tree, "8 C");
  EXPECT_THAT(got.errors,
              ElementsAre("f:5: </B>: expected </A>: the section of f:4 is still open"));
  EXPECT_THAT(got.notices, IsEmpty());
}

TEST(Reader, names_both_places_of_a_mismatch) {
  const Read got = read("<A>\n<B>\nC\n</A>\nD\n");
  EXPECT_EQ(got.tree, "1 A{2 B{3 C}}; 5 D");
  EXPECT_THAT(got.errors,
              ElementsAre("f:2: <B>: the section is not closed: f:4 has </A> instead of </B>"));
}

TEST(Reader, a_section_left_open_is_named_where_it_begins) {
  const Read got = read("<A>\n<B>\nC\n");
  EXPECT_EQ(got.tree, "1 A{2 B{3 C}}");
  EXPECT_THAT(
      got.errors,
      ElementsAre(
          "f:1: <A>: the section is not closed: no </A> before the end of the file (line 3)",
          "f:2: <B>: the section is not closed: no </B> before the end of the file (line 3)"));
}

TEST(Reader, collects_every_mistake_and_reads_on) {
  const Read got = read("</A>\n<>\n< B>\nC \"x\n</D >\n<E\n</E>\nF\n");
  EXPECT_EQ(got.tree, "6 E{}; 8 F");
  EXPECT_THAT(got.errors, ElementsAre("f:1: </A>: no section <A> is open here",
                                      "f:2: the name of a section must follow < at once",
                                      "f:3: the name of a section must follow < at once",
                                      "f:4: C: a quote is opened and not closed: \" is missing",
                                      "f:5: </D>: the closing tag must be written </D>",
                                      "f:5: </D>: no section <D> is open here",
                                      "f:6: <E>: the closing > is missing"));
}

TEST(Reader, text_behind_a_tag_is_ignored_aloud) {
  const Read got = read("<A> Require all denied\n</A> x\n<B> # comment\n</B>   # comment\n");
  EXPECT_EQ(got.tree, "1 A{}; 3 B{}");
  EXPECT_THAT(got.notices, ElementsAre("f:1: <A>: the text behind > is ignored",
                                       "f:2: </A>: the text behind > is ignored"));
}

TEST(Reader, nesting_has_a_bound) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "<A>\n";
  for (int i = 0; i < 100'000; ++i) text += "</A>\n";
  EXPECT_THAT(read(text + "B\n").errors,
              ElementsAre("f:65: <A>: sections are nested more than 64 deep"));
}

TEST(Reader, definitions_hold_from_their_line_on) {
  const Read got = read("A ${X}\nDefine X 1\nA ${X}\nUnDefine X\nA ${X}\n");
  EXPECT_EQ(got.tree, "1 A,${X}; 3 A,1; 5 A,${X}");
  EXPECT_THAT(got.notices, ElementsAre("f:1: ${X} is not defined and stays as it is written",
                                       "f:5: ${X} is not defined and stays as it is written"));
}

TEST(Reader, a_value_may_hold_several_words_or_a_name) {
  EXPECT_EQ(read("Define X \"B c d\"\n${X}\n<S ${X}>\n</S>\n").tree, "2 B,c,d; 3 S,B,c,d{}");
  EXPECT_EQ(read("Define X\n${X}\n").tree, "");
}

TEST(Reader, defines_of_the_command_line) {
  ReaderOptions with = options();
  with.defines = {"FLAG", "NAME=va=lue"};
  EXPECT_EQ(read("<IfDefine FLAG>\nA ${NAME}[${FLAG}]\n</IfDefine>\n", with).tree, "2 A,va=lue[]");
}

TEST(Reader, lines_of_the_command_line_come_after_the_files) {
  Report report;
  Reader reader(options(), report);
  reader.read_text("f", "A\n");
  reader.read_lines({"<B>", "C x", "</B>", "</D>"});
  EXPECT_EQ(outline(reader.tree()), "1 A; 1 B{2 C,x}");
  EXPECT_THAT(report.errors(), ElementsAre("-c:4: </D>: no section <D> is open here"));
}

TEST(Reader, includes_can_be_switched_off) {
  EXPECT_THAT(read("Include /etc/passwd\n").errors,
              ElementsAre("f:1: Include: includes are not followed here"));
}

TEST(Report, sorts_by_file_then_line_and_says_things_once) {
  Report report;
  const auto first = std::make_shared<const std::string>("z");
  const auto second = std::make_shared<const std::string>("a");
  report.note_file("z");
  report.note_file("a");
  report.error({second, 1}, "X", "text");
  report.error({}, "", "whole");
  report.error({first, 20}, "X", "text");
  report.error({first, 3}, "", "text");
  report.error({first, 3}, "", "text");
  EXPECT_THAT(report.errors(), ElementsAre("z:3: text", "z:20: X: text", "a:1: X: text", "whole"));
}

TEST(Report, shows_hostile_text_harmlessly) {
  EXPECT_EQ(printable("a\x1b[2J\n\xff"), "a\\x1b[2J\\x0a\\xff");
  EXPECT_EQ(printable(std::string(100, 'x')), std::string(80, 'x') + "...");
}

}  // namespace
}  // namespace base::config
