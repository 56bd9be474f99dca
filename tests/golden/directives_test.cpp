// SPDX-License-Identifier: Apache-2.0
// The generated reference, and the agreement of the two tables about who owns which name.
#include "appserver/config/directives/rows.hpp"
#include "appserver/config/load.hpp"
#include "base/config/directive_docs.hpp"
#include "base/config/lexer.hpp"
#include "base/config/reader.hpp"
#include "proxy/config/directives/rows.hpp"
#include "proxy/config/load.hpp"
#include "tests/golden/golden_file.hpp"

#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <utility>

namespace {

using base::config::DirectiveIndex;
using base::config::Program;

using Names = std::map<std::pair<std::string, bool>, unsigned>;

void add(const DirectiveIndex& index, unsigned bit, Names& names) {
  for (const auto* info : index.infos()) {
    unsigned& owners = names[{base::config::lower_case(info->name), info->section}];
    EXPECT_EQ(owners & bit, 0U) << info->name << " stands twice in one table";
    owners |= bit;
  }
}

TEST(DirectiveReference, docs_directives_md_is_up_to_date) {
  std::ostringstream out;
  out << "# Directives\n\n"
         "Made from the tables of both programs by the test `DirectiveReference`; "
         "`GH_UPDATE_GOLDEN=1` writes it "
         "anew.\nOne file serves both programs: each passes over what the other owns. An unknown "
         "name is an error.\n\n";
  base::config::print_reader_words(out);
  appserver::config::print_directives(out, appserver::config::Markdown::yes);
  proxy::config::print_directives(out, proxy::config::Markdown::yes);
  std::string text = out.str();
  while (text.ends_with("\n\n")) text.pop_back();
  tests::expect_golden(tests::source_dir() + "/docs/directives.md", text);
}

TEST(DirectiveReference, plain_form_names_every_directive) {
  std::ostringstream out;
  appserver::config::print_directives(out, appserver::config::Markdown::no);
  for (const auto* info : appserver::config::directive_table().index().infos()) {
    EXPECT_NE(out.str().find(std::string(info->name)), std::string::npos) << info->name;
  }
}

TEST(DirectiveOwners, match_both_tables) {
  Names names;
  add(appserver::config::directive_table().index(), 1, names);
  add(proxy::config::directive_table().index(), 2, names);
  Names owned;
  for (const auto& name : base::config::owned_names()) {
    owned[{base::config::lower_case(name.name), name.section}] =
        name.program == Program::app_server ? 1U : 2U;
  }
  std::erase_if(names, [](const auto& entry) { return entry.second == 3U; });
  EXPECT_EQ(names, owned) << "base/config/directive_owners.cpp is stale";
}

TEST(DirectiveOwners, reader_answers_its_own_names_alone) {
  for (const auto& word : base::config::reader_words()) {
    EXPECT_EQ(appserver::config::directive_table().find(word.name, word.section), nullptr)
        << word.name;
    EXPECT_EQ(proxy::config::directive_table().find(word.name, word.section), nullptr) << word.name;
    EXPECT_EQ(base::config::find_owned(word.name, word.section), nullptr) << word.name;
  }
}

}  // namespace
