// SPDX-License-Identifier: Apache-2.0
#include "base/config/host_logs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace base::config {
namespace {

using observe::AccessLogSettings;
using testing::ElementsAre;
using testing::IsEmpty;

class HostLogsTest : public testing::Test {
 protected:
  using Reader = Result<> (*)(const Args&, HostLogs&, const LogInput&);

  std::string read(Reader reader, HostLogs& logs, const std::vector<std::string>& words) {
    Node node{"X", false, {}, {}, {}};
    for (const auto& word : words) node.words.push_back({word, 0});
    const auto done = reader(Args(node), logs, {report_, root_});
    return done ? "" : done.error().detail;
  }
  static void format(HostLogs& logs, const std::vector<std::string>& words) {
    Node node{"LogFormat", false, {}, {}, {}};
    for (const auto& word : words) node.words.push_back({word, 0});
    EXPECT_TRUE(read_log_format(Args(node), logs));
  }

  Report report_;
  std::string root_ = "/root";
  HostLogs main_, host_;
};

TEST_F(HostLogsTest, destinations) {
  read(read_error_log, main_, {"logs/error"});
  EXPECT_EQ(finish_error_log(main_, host_).destination, "/root/logs/error");
  read(read_error_log, host_, {"/dev/stderr"});
  EXPECT_EQ(finish_error_log(main_, host_).destination, "/dev/stderr");
  EXPECT_THAT(report_.notices(), IsEmpty());
  for (const char* away : {"|/bin/x -y", "||/bin/x", "syslog", "Syslog:local0"}) {
    read(read_error_log, host_, {away});
    EXPECT_EQ(finish_error_log(main_, host_).destination, "/dev/stderr") << away;
  }
  read(read_error_log, host_, {"syslogs"});
  EXPECT_EQ(finish_error_log(main_, host_).destination, "/root/syslogs");
}

TEST_F(HostLogsTest, levels_are_the_hosts_own_or_inherited) {
  EXPECT_EQ(finish_error_log(main_, host_).level, observe::LogLevel::warn);
  EXPECT_EQ(read(read_log_level, main_, {"info", "wsgi:debug"}), "");
  EXPECT_EQ(finish_error_log(main_, host_).level, observe::LogLevel::info);
  EXPECT_EQ(read(read_log_level, host_, {"Trace8"}), "");
  EXPECT_EQ(finish_error_log(main_, host_).level, observe::LogLevel::trace8);
  EXPECT_NE(read(read_log_level, host_, {"loud"}), "");
}

TEST_F(HostLogsTest, a_host_with_any_log_does_not_write_the_main_servers) {
  read(read_access_log, main_, {"/main", "%h"});
  EXPECT_THAT(finish_access_logs(main_, host_, report_),
              ElementsAre(AccessLogSettings{"/main", "%h"}));
  read(read_access_log, host_, {"/a", "%r"});
  read(read_access_log, host_, {"/b", "%s"});
  EXPECT_THAT(finish_access_logs(main_, host_, report_),
              ElementsAre(AccessLogSettings{"/a", "%r"}, AccessLogSettings{"/b", "%s"}));
}

TEST_F(HostLogsTest, nicknames_may_be_named_before_they_are_given) {
  read(read_access_log, host_, {"/own", "mine"});
  read(read_access_log, host_, {"/shared", "shared"});
  read(read_access_log, host_, {"/predefined", "common"});
  format(main_, {"%m", "mine"});
  format(main_, {"%U", "shared"});
  format(host_, {"%v", "mine"});
  EXPECT_THAT(finish_access_logs(main_, host_, report_),
              ElementsAre(AccessLogSettings{"/own", "%v"}, AccessLogSettings{"/shared", "%U"},
                          AccessLogSettings{"/predefined", "%h %l %u %t \"%r\" %>s %b"}));
  EXPECT_THAT(report_.notices(), IsEmpty());
}

TEST_F(HostLogsTest, a_predefined_nickname_can_be_given_anew) {
  format(main_, {"%h", "common"});
  read(read_access_log, host_, {"/a", "common"});
  EXPECT_THAT(finish_access_logs(main_, host_, report_),
              ElementsAre(AccessLogSettings{"/a", "%h"}));
}

TEST_F(HostLogsTest, an_unknown_nickname_is_the_text_itself_and_noticed) {
  read(read_access_log, host_, {"/a", "combind"});
  EXPECT_THAT(finish_access_logs(main_, host_, report_),
              ElementsAre(AccessLogSettings{"/a", "combind"}));
  EXPECT_THAT(
      report_.notices(),
      ElementsAre(
          "X: \"combind\" is no nickname of a LogFormat: every line of the log will be this text"));
}

TEST_F(HostLogsTest, transfer_log_takes_the_unnamed_format) {
  read(read_transfer_log, host_, {"/a"});
  EXPECT_THAT(finish_access_logs(main_, host_, report_),
              ElementsAre(AccessLogSettings{"/a", "%h %l %u %t \"%r\" %>s %b"}));
  format(main_, {"%U"});
  EXPECT_THAT(finish_access_logs(main_, host_, report_),
              ElementsAre(AccessLogSettings{"/a", "%U"}));
  format(host_, {"%v"});
  EXPECT_THAT(finish_access_logs(main_, host_, report_),
              ElementsAre(AccessLogSettings{"/a", "%v"}));
}

TEST_F(HostLogsTest, bad_lines) {
  EXPECT_NE(read(read_access_log, host_, {"/a", "%Z"}), "");
  EXPECT_NE(read(read_access_log, host_, {"/a", "%h", "if=x"}), "");
  EXPECT_NE(read(read_access_log, host_, {"", "%h"}), "");
  EXPECT_NE(read(read_error_log, host_, {""}), "");
  EXPECT_NE(read(read_transfer_log, host_, {""}), "");
  EXPECT_THAT(finish_access_logs(main_, host_, report_), IsEmpty());
}

}  // namespace
}  // namespace base::config
