// SPDX-License-Identifier: Apache-2.0
// Configuration mistakes: every one reported with file and line, nothing started, exit status 2.
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tests::integration {
namespace {

using support::Finished;
using support::TempDir;
using testing::HasSubstr;

const std::string kAppServer = std::string(GH_BIN_DIR) + "/gatehouse-appserver";

TEST(Configuration, all_mistakes_are_reported_at_once) {
  const TempDir dir;
  const std::string included = dir.write("included.conf", "\nAliass /a /b\n");
  const std::string main = dir.write("site.conf",
                                     "Listen 127.0.0.1:0\n"
                                     "Include " +
                                         included +
                                         "\n"
                                         "WSGIScriptAlias /only-one\n"
                                         "<Directory /x>\n"
                                         "  Listen 81\n"
                                         "</Directory>\n"
                                         "WSGIDaemonProcess app threads=many\n"
                                         "WSGIScriptAlias /x /x.wsgi process-group=nobody\n");
  for (const char* command : {"run", "check"}) {
    const Finished done = support::run({kAppServer, command, "-f", main});
    EXPECT_EQ(done.status.code, 2) << command;
    const std::string text = done.out + done.errors;
    EXPECT_THAT(text, HasSubstr(included + ":2: Aliass: "));
    EXPECT_THAT(text, HasSubstr(main + ":3: WSGIScriptAlias: "));
    EXPECT_THAT(text, HasSubstr(main + ":5: Listen: "));
    EXPECT_THAT(text, HasSubstr(main + ":7: WSGIDaemonProcess: "));
  }
}

TEST(Configuration, an_alias_to_a_group_that_does_not_exist_is_a_mistake) {
  const TempDir dir;
  const std::string main =
      dir.write("site.conf",
                "Listen 127.0.0.1:0\nWSGIScriptAlias /x /x.wsgi process-group=nobody "
                "application-group=%{GLOBAL}\n");
  const Finished done = support::run({kAppServer, "check", "-f", main});
  EXPECT_EQ(done.status.code, 2);
  EXPECT_THAT(done.out + done.errors, HasSubstr(main + ":2: WSGIScriptAlias: "));
}

TEST(Configuration, a_misspelt_directive_is_answered_with_the_right_one) {
  const TempDir dir;
  const std::string main = dir.write("site.conf", "WSGIScriptAlais / /x.wsgi\n");
  const Finished done = support::run({kAppServer, "check", "-f", main});
  EXPECT_THAT(done.out + done.errors, HasSubstr("WSGIScriptAlias"));
}

TEST(Configuration, a_file_that_is_missing_is_named) {
  const Finished done = support::run({kAppServer, "run", "-f", "/nowhere/site.conf"});
  EXPECT_EQ(done.status.code, 2);
  EXPECT_THAT(done.errors, HasSubstr("/nowhere/site.conf"));
}

TEST(Configuration, a_section_left_open_is_named_by_its_line) {
  const TempDir dir;
  const std::string main =
      dir.write("site.conf", "Listen 127.0.0.1:0\n<VirtualHost *:80>\nServerName a\n");
  const Finished done = support::run({kAppServer, "check", "-f", main});
  EXPECT_EQ(done.status.code, 2);
  EXPECT_THAT(done.out + done.errors, HasSubstr(main + ":2: "));
}

TEST(Configuration, a_listener_that_cannot_be_opened_ends_with_status_1) {
  const TempDir dir;
  const std::string main =
      dir.write("site.conf", "Listen unix:" + dir.path("no/such/folder/sock") +
                                 "\nAdminListen unix:" + dir.path("admin") + "\n");
  const Finished done = support::run({kAppServer, "run", "-f", main});
  EXPECT_EQ(done.status.code, 1);
  EXPECT_THAT(done.errors, HasSubstr("no/such/folder/sock"));
}

TEST(Configuration, a_good_one_passes_the_check) {
  const TempDir dir;
  const std::string main = dir.write("site.conf", "Listen 127.0.0.1:0\nAlias /a /tmp\n");
  EXPECT_EQ(support::run({kAppServer, "check", "-f", main}).status.code, 0);
}

}  // namespace
}  // namespace tests::integration
