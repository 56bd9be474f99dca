// SPDX-License-Identifier: Apache-2.0
#include "base/config/directive_table.hpp"

#include "base/config/apply.hpp"
#include "base/config/reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace base::config {
namespace {

using testing::ElementsAre;

/// Notes what reached it.
struct Recorder {
  std::vector<std::string> seen;
  std::vector<Contexts> open{context::server};

  [[nodiscard]] Contexts context() const { return open.back(); }
  [[nodiscard]] std::string place() const { return "<Place>"; }
};

Result<> record(const Args& args, Recorder& recorder) {
  if (args.size() > 0 && args[0] == "bad") return fail(ErrorCode::invalid, "is bad");
  recorder.seen.push_back(args.subject());
  return {};
}
Result<> enter(const Args& args, Recorder& recorder) {
  recorder.open.push_back(context::directory);
  return record(args, recorder);
}
void leave(Recorder& recorder) {
  recorder.open.pop_back();
  recorder.seen.emplace_back("end");
}

constexpr Row<Recorder> kFirst[] = {
    {{.name = "Anywhere", .arity = {0, 1}, .synopsis = "[word]", .doc = "A."}, record},
    {{.name = "Elsewhere", .contexts = context::server, .doc = "A.", .elsewhere = context::section},
     record},
    no_effect<Recorder>("Idle", "nothing idles."),
    {{.name = "OnlyServer", .contexts = context::server, .arity = {2, 2}, .doc = "A."}, record},
    refused<Recorder>("Refuse", "it is not done."),
    {{.name = "Section",
      .section = true,
      .contexts = context::server,
      .arity = {1, 1},
      .doc = "A."},
     enter,
     leave},
};
static_assert(well_formed(kFirst));
constexpr Row<Recorder> kSecond[] = {
    {{.name = "Section", .doc = "A directive named as a section."}, record},
};

const DirectiveTable<Recorder>& table() {
  static const DirectiveTable<Recorder> table(Program::app_server, {kFirst, kSecond});
  return table;
}

struct Outcome {
  std::vector<std::string> seen, errors, notices;
};

Outcome run(std::string_view text) {
  Report report;
  ReaderOptions options;
  options.vocabulary = table().index().vocabulary();
  Reader reader(std::move(options), report);
  reader.read_text("f", text);
  Recorder recorder;
  Walk<Recorder>(table(), recorder, report).children(reader.tree());
  return {recorder.seen, report.errors(), report.notices()};
}

TEST(DirectiveTable, finds_by_name_case_blind_and_tells_sections_apart) {
  EXPECT_EQ(table().find("ANYWHERE", false)->info.name, "Anywhere");
  EXPECT_EQ(table().find("Anywhere", true), nullptr);
  EXPECT_TRUE(table().find("section", true)->info.section);
  EXPECT_FALSE(table().find("section", false)->info.section);
  EXPECT_EQ(table().find("", false), nullptr);
  EXPECT_EQ(table().find("Zzz", true), nullptr);
}

TEST(Walk, good_nodes_reach_their_parser_in_order) {
  const Outcome got =
      run("anywhere\n<SECTION x>\nAnywhere y\n</SECTION>\nOnlyServer 1 2\nSection\n");
  EXPECT_THAT(got.seen,
              ElementsAre("anywhere", "<SECTION>", "Anywhere", "end", "OnlyServer", "Section"));
  EXPECT_THAT(got.errors, testing::IsEmpty());
}

TEST(Walk, judges_every_node) {
  const Outcome got =
      run("Anywhere bad\nAnywhere 1 2\nOnlyServer 1\nRefuse x\nIdle\nidle again\n<Section "
          "x>\nOnlyServer 1 2\n"
          "Elsewhere\n</Section>\n<Section>\nNot reached\n</Section>\n");
  EXPECT_THAT(got.seen, ElementsAre("<Section>", "end"));
  EXPECT_THAT(got.errors,
              ElementsAre("f:1: Anywhere: is bad",
                          "f:2: Anywhere: expected 0 or 1 arguments, got 2 ([word])",
                          "f:3: OnlyServer: expected 2 arguments, got 1",
                          "f:4: Refuse: not supported by this version: it is not done",
                          "f:8: OnlyServer: not allowed in <Place>; allowed in: server config",
                          "f:11: <Section>: expected 1 argument, got 0"));
  EXPECT_THAT(got.notices, ElementsAre("f:5: Idle: has no effect: nothing idles"));
}

TEST(Walk, passes_over_the_other_programs_directives_and_sections) {
  EXPECT_THAT(run("SSLProtocol all\nsslcertificatefile x\n<Proxy *>\nUnknown\n</Proxy>\n").errors,
              testing::IsEmpty());
}

TEST(Walk, unknown_names_get_a_suggestion) {
  EXPECT_THAT(
      run("Anywher\nIdel\nOnlySevrer\nSectoin\n<Sektion x>\n</Sektion>\n<Anywhere>\n</Anywhere>\n"
          "SSLProtcol x\nDefin x\nXy\nQuiteAnotherThing\n")
          .errors,
      ElementsAre("f:1: Anywher: unknown directive; did you mean Anywhere?",
                  "f:2: Idel: unknown directive; did you mean Idle?",
                  "f:3: OnlySevrer: unknown directive; did you mean OnlyServer?",
                  "f:4: Sectoin: unknown directive; did you mean Section?",
                  "f:5: <Sektion>: unknown section; did you mean <Section>?",
                  "f:7: <Anywhere>: this is a directive, not a section",
                  "f:9: SSLProtcol: unknown directive; did you mean SSLProtocol?",
                  "f:10: Defin: unknown directive; did you mean Define?",
                  "f:11: Xy: unknown directive", "f:12: QuiteAnotherThing: unknown directive"));
}

TEST(Walk, a_huge_name_is_cut) {
  const auto errors = run(std::string(100'000, 'x') + "\n").errors;
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_LT(errors.front().size(), 200U);
}

TEST(Rows, are_checked_at_compile_time) {
  constexpr Row<Recorder> unsorted[] = {no_effect<Recorder>("B", "x."),
                                        no_effect<Recorder>("a", "x.")};
  constexpr Row<Recorder> twice[] = {no_effect<Recorder>("A", "x."),
                                     no_effect<Recorder>("a", "x.")};
  constexpr Row<Recorder> no_stop[] = {no_effect<Recorder>("A", "x")};
  static_assert(!well_formed(unsorted) && !well_formed(twice) && !well_formed(no_stop));
}

TEST(RowsDeathTest, honoured_rows_without_a_parser_end_the_program) {
  static constexpr Row<Recorder> no_parser[] = {{{.name = "A", .doc = "x."}}};
  EXPECT_DEATH(DirectiveTable<Recorder>(Program::app_server, {no_parser}), "broken promise");
}

}  // namespace
}  // namespace base::config
