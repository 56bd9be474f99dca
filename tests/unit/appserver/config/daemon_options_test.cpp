// SPDX-License-Identifier: Apache-2.0
#include "appserver/config/daemon_options.hpp"

#include "appserver/config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iterator>
#include <string>
#include <vector>

namespace appserver::config {
namespace {

using testing::ElementsAre;

// wsgi-hosting section 2, all of it.
constexpr const char* kSpecified[] = {"processes",
                                      "threads",
                                      "user",
                                      "group",
                                      "supplementary-groups",
                                      "umask",
                                      "home",
                                      "chroot",
                                      "lang",
                                      "locale",
                                      "display-name",
                                      "python-home",
                                      "python-path",
                                      "python-eggs",
                                      "switch-interval",
                                      "stack-size",
                                      "cpu-priority",
                                      "script-user",
                                      "script-group",
                                      "socket-user",
                                      "server-metrics",
                                      "listen-backlog",
                                      "connect-timeout",
                                      "socket-timeout",
                                      "queue-timeout",
                                      "response-socket-timeout",
                                      "response-buffer-size",
                                      "response-flush-delay",
                                      "header-buffer-size",
                                      "send-buffer-size",
                                      "receive-buffer-size",
                                      "maximum-requests",
                                      "restart-interval",
                                      "cpu-time-limit",
                                      "inactivity-timeout",
                                      "request-timeout",
                                      "interrupt-timeout",
                                      "deadlock-timeout",
                                      "startup-timeout",
                                      "graceful-timeout",
                                      "eviction-timeout",
                                      "shutdown-timeout",
                                      "memory-limit",
                                      "virtual-memory-limit"};

TEST(DaemonOptions, every_specified_option_is_known_and_no_other) {
  for (const char* name : kSpecified) EXPECT_NE(find_daemon_option(name), nullptr) << name;
  EXPECT_EQ(daemon_options().size(), std::size(kSpecified));
  EXPECT_EQ(find_daemon_option("Processes"), nullptr) << "names are case-sensitive";
  for (const auto& option : daemon_options()) EXPECT_TRUE(option.doc.ends_with('.')) << option.name;
}

TEST(DaemonOptions, the_last_of_a_repeated_option_holds) {
  const auto result = load({{}, {}, {"WSGIDaemonProcess g threads=3 threads=7"}, true});
  ASSERT_TRUE(result.model);
  EXPECT_EQ(result.model->groups.front().threads, 7U);
}

TEST(DaemonOptions, mentioning_processes_is_noted) {
  const auto result =
      load({{}, {}, {"WSGIDaemonProcess a", "WSGIDaemonProcess b processes=1"}, true});
  ASSERT_TRUE(result.model);
  EXPECT_FALSE(result.model->groups[0].processes_written);
  EXPECT_TRUE(result.model->groups[1].processes_written);
}

TEST(DaemonOptions, identities_matter_to_root_alone) {
  const LoadInput as_root{
      {}, {}, {"WSGIDaemonProcess g user=no-such-user group=no-such-group"}, true};
  EXPECT_EQ(load(as_root).errors.size(), 2U);
  LoadInput as_other = as_root;
  as_other.as_root = false;
  const auto result = load(as_other);
  ASSERT_TRUE(result.model);
  EXPECT_EQ(result.model->groups.front().user, "no-such-user");
}

TEST(DaemonOptions, options_without_effect_keep_their_line) {
  const auto result = load(
      {{}, {}, {"WSGIDaemonProcess g \\", "  memory-limit=1 \\", "  request-timeout=2"}, true});
  ASSERT_TRUE(result.model);
  std::vector<std::string> got;
  for (const auto& [name, origin] : result.model->groups.front().without_effect) {
    got.push_back(name + " " + origin.text());
  }
  EXPECT_THAT(got, ElementsAre("memory-limit -c:2", "request-timeout -c:3"));
}

}  // namespace
}  // namespace appserver::config
