// SPDX-License-Identifier: Apache-2.0
#include "appserver/config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace appserver::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

LoadResult lines(std::vector<std::string> text, std::vector<std::string> defines = {}) {
  return load({{}, std::move(defines), std::move(text), true});
}

TEST(Load, nothing_at_all_is_a_main_server) {
  const auto result = lines({});
  ASSERT_TRUE(result.model);
  ASSERT_EQ(result.model->hosts.size(), 1U);
  EXPECT_EQ(result.model->hosts.front().label, "_main_");
  EXPECT_EQ(result.model->admin.text(), "127.0.0.1:9117");
  EXPECT_FALSE(result.model->uses_embedded);
}

TEST(Load, errors_leave_no_model_and_keep_notices) {
  const auto result = lines({"Mutex x", "Nonsense", "Timeout x"});
  EXPECT_EQ(result.model, nullptr);
  EXPECT_THAT(result.errors, ElementsAre("-c:2: Nonsense: unknown directive",
                                         "-c:3: Timeout: expected a number of seconds, got \"x\""));
  EXPECT_EQ(result.notices.size(), 1U);
}

TEST(Load, a_missing_file_is_an_error) {
  const auto result = load({{"/no/such/file.conf"}, {}, {}, true});
  EXPECT_EQ(result.model, nullptr);
  EXPECT_THAT(result.errors, ElementsAre("no such file: /no/such/file.conf"));
}

TEST(Load, command_line_defines_decide) {
  const std::vector<std::string> text = {"<IfDefine A>", "Listen ${PORT}", "</IfDefine>"};
  EXPECT_TRUE(lines(text).model->listeners.empty());
  const auto result = lines(text, {"A", "PORT=8080"});
  ASSERT_EQ(result.model->listeners.size(), 1U);
  EXPECT_EQ(result.model->listeners.front().endpoint.port, 8080);
}

TEST(Load, origins_outlive_the_reader) {
  const auto result = lines({"WSGIProcessGroup g"});
  EXPECT_EQ(result.model->hosts.front().scope.process_group->second.text(), "-c:1");
}

TEST(Load, trusted_lists_add_up_in_a_scope_and_are_replaced_by_an_inner_one) {
  const auto result = lines(
      {"WSGITrustedProxies 10.0.0.1", "WSGITrustedProxies 10.0.0.2 unix:", "<VirtualHost *:80>",
       "WSGITrustedProxies 10.0.0.3", "</VirtualHost>", "<VirtualHost *:81>", "</VirtualHost>"});
  ASSERT_TRUE(result.model);
  const auto& hosts = result.model->hosts;
  EXPECT_EQ(hosts[0].scope.trusted_proxies->first.networks().size(), 2U);
  EXPECT_TRUE(hosts[0].scope.trusted_unix_peers->first);
  EXPECT_EQ(hosts[1].scope.trusted_proxies->first.networks().size(), 1U);
  EXPECT_FALSE(hosts[1].scope.trusted_unix_peers->first);
  EXPECT_EQ(hosts[2].scope.trusted_proxies->first.networks().size(), 2U);
}

TEST(Load, sections_of_the_server_stand_before_the_hosts) {
  const auto result = lines({"<VirtualHost *:80>", "<Location /in>", "</Location>",
                             "</VirtualHost>", "<Location /late>", "</Location>"});
  ASSERT_EQ(result.model->hosts[1].sections.size(), 2U);
  EXPECT_EQ(result.model->hosts[1].sections[0].pattern, "/late");
  EXPECT_EQ(result.model->hosts[1].sections[1].pattern, "/in");
}

TEST(Load, one_granted_suffices_whatever_the_order) {
  for (const bool first : {true, false}) {
    const auto result =
        lines({"<Directory /x>", first ? "Require all granted" : "Require all denied",
               first ? "Require all denied" : "Require all granted", "</Directory>"});
    EXPECT_EQ(result.model->hosts[0].sections[0].scope.access->first, Scope::Access::granted);
  }
}

TEST(Load, tls_is_inherited_and_decided_by_port) {
  const auto result = lines({"Listen 80", "Listen 443", "<VirtualHost *:443>", "SSLEngine on",
                             "</VirtualHost>", "<VirtualHost *:80>", "</VirtualHost>"});
  ASSERT_TRUE(result.model);
  EXPECT_FALSE(result.model->listeners[0].tls);
  EXPECT_TRUE(result.model->listeners[1].tls);
  EXPECT_TRUE(result.model->hosts[1].tls);
  EXPECT_FALSE(result.model->hosts[2].tls);
}

TEST(Load, reference_lists_options_and_directives) {
  std::ostringstream plain, markdown;
  print_directives(plain, Markdown::no);
  print_directives(markdown, Markdown::yes);
  EXPECT_THAT(plain.str(), HasSubstr("queue-timeout=seconds (default 0)"));
  EXPECT_THAT(markdown.str(), HasSubstr("| `WSGIScriptAlias` |"));
}

}  // namespace
}  // namespace appserver::config
