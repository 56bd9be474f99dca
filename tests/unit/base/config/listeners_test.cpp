// SPDX-License-Identifier: Apache-2.0
#include "base/config/listeners.hpp"

#include "base/config/values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace base::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct HostCase {
  const char* address;
  std::optional<bool> engine;
};
struct Case {
  const char* name;
  const char* listen;
  bool https;
  std::optional<bool> main;
  std::vector<HostCase> hosts;
  bool tls;           ///< of the listener
  std::string speak;  ///< which hosts: main, then the others
  std::string error;
};

TEST(DecideTls, follows_the_hosts_of_the_port) {
  const std::optional<bool> unsaid;
  const Case cases[] = {
      {"plain", "80", false, unsaid, {{"*:80", unsaid}}, false, "--", ""},
      {"one host", "443", false, unsaid, {{"*:443", true}}, true, "-t", ""},
      {"other ports do not matter",
       "80",
       false,
       unsaid,
       {{"*:80", unsaid}, {"*:443", true}},
       false,
       "--t",
       ""},
      {"all hosts of the port",
       "443",
       false,
       unsaid,
       {{"*:443", true}, {"_default_:443", true}},
       true,
       "-tt",
       ""},
      {"https on the line", "443", true, unsaid, {{"*:443", unsaid}}, true, "-t", ""},
      {"https and no host", "443", true, unsaid, {}, true, "t", ""},
      {"a host for every port steps back",
       "443",
       false,
       unsaid,
       {{"*", unsaid}, {"*:443", true}},
       true,
       "--t",
       ""},
      {"a host for every port alone", "443", false, unsaid, {{"*", true}}, true, "-t", ""},
      {"the main server alone", "443", false, true, {}, true, "t", ""},
      {"another address", "10.0.0.1:443", false, unsaid, {{"10.0.0.2:443", true}}, false, "-t", ""},
      {"the same address", "10.0.0.1:443", false, unsaid, {{"10.0.0.1:443", true}}, true, "-t", ""},
      {"any address takes all", "443", false, unsaid, {{"10.0.0.1:443", true}}, true, "-t", ""},
      {"a Unix socket is plain", "unix:/x", false, true, {{"*", true}}, false, "tt", ""},
      {"mixture",
       "443",
       false,
       unsaid,
       {{"*:443", true}, {"*:443", unsaid}},
       false,
       "-t-",
       "L:1: Listen: *:443 cannot speak TLS and plain HTTP: host 0 (H:1) says SSLEngine on, host 1 "
       "(H:2) does not"},
      {"https against Off",
       "443",
       true,
       unsaid,
       {{"*:443", false}},
       false,
       "--",
       "L:1: Listen: *:443 is https, but host 0 (H:1) says SSLEngine off"},
  };
  for (const Case& c : cases) {
    Report report;
    const auto file = std::make_shared<const std::string>("L");
    const auto host_file = std::make_shared<const std::string>("H");
    ListenLine line;
    line.endpoint = net::parse_endpoint(c.listen).value_or(net::Endpoint());
    line.https = c.https;
    line.origin = {file, 1};
    std::vector<HostTls> hosts{{{}, c.main, "the main server", {}}};
    for (std::size_t i = 0; i < c.hosts.size(); ++i) {
      hosts.push_back({{parse_host_address(c.hosts[i].address).value_or(net::Endpoint())},
                       c.hosts[i].engine,
                       "host " + std::to_string(i),
                       {host_file, static_cast<int>(i) + 1}});
    }
    decide_tls({&line, 1}, hosts, report);
    std::string speak;
    for (const HostTls& host : hosts) speak += host.tls ? 't' : '-';
    EXPECT_EQ(line.tls, c.tls) << c.name;
    EXPECT_EQ(speak, c.speak) << c.name;
    if (c.error.empty()) {
      EXPECT_THAT(report.errors(), IsEmpty()) << c.name;
    } else {
      EXPECT_THAT(report.errors(), ElementsAre(c.error)) << c.name;
    }
  }
}

TEST(ReadListen, port_zero_may_stand_twice) {
  Node node{"Listen", false, {{"127.0.0.1:0", 1}}, {}, {}};
  std::vector<ListenLine> lines;
  EXPECT_TRUE(read_listen(Args(node), lines));
  EXPECT_TRUE(read_listen(Args(node), lines));
  node.words[0].text = "8080";
  EXPECT_TRUE(read_listen(Args(node), lines));
  EXPECT_FALSE(read_listen(Args(node), lines));
}

TEST(LabelMaker, makes_unique_labels) {
  const auto at = [](const char* text) {
    return std::vector<net::Endpoint>{parse_host_address(text).value_or(net::Endpoint())};
  };
  LabelMaker labels;
  EXPECT_EQ(labels.make("ignored", 1, {}), "_main_");
  EXPECT_EQ(labels.make("a.example", 0, at("*:80")), "a.example:80");
  EXPECT_EQ(labels.make("a.example", 443, at("*:80")), "a.example:443");
  EXPECT_EQ(labels.make("a.example", 0, at("*:80")), "a.example:80#2");
  EXPECT_EQ(labels.make("a.example", 0, at("*:80")), "a.example:80#3");
  EXPECT_EQ(labels.make("a.example", 0, at("*")), "a.example:*");
  EXPECT_EQ(labels.make("", 0, at("*:80")), "*:80");
  EXPECT_EQ(labels.make("", 0, at("[::1]:80")), "::1:80");
  EXPECT_EQ(labels.make("", 0, at("*")), "*:*");
}

}  // namespace
}  // namespace base::config
