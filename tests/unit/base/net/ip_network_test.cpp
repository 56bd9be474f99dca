// SPDX-License-Identifier: Apache-2.0
// Networks as configuration writes them, and whom they contain.
#include "base/net/ip_network.hpp"

#include <gtest/gtest.h>

#include <string>

namespace base::net {
namespace {

TEST(ParseNetwork, reads_every_form) {
  const std::tuple<std::string, std::string, unsigned> rows[] = {
      {"10.0.0.0/8", "10.0.0.0/8", 104},
      {"10.0.0.0/255.0.0.0", "10.0.0.0/8", 104},
      {"10.1.2.0/255.255.254.0", "10.1.2.0/23", 119},
      {"0.0.0.0/0", "0.0.0.0/0", 96},
      {"0.0.0.0/0.0.0.0", "0.0.0.0/0", 96},
      {"10", "10.0.0.0/8", 104},
      {"10.1", "10.1.0.0/16", 112},
      {"192.168.1", "192.168.1.0/24", 120},
      {"10.0.0.1", "10.0.0.1", 128},
      {"10.0.0.1/32", "10.0.0.1", 128},
      {"10.0.0.1/255.255.255.255", "10.0.0.1", 128},
      {"::1", "::1", 128},
      {"2001:db8::/32", "2001:db8::/32", 32},
      {"::/0", "::/0", 0},
      {"fe80::/10", "fe80::/10", 10},
      {"::ffff:10.0.0.0/104", "10.0.0.0/8", 104},
  };
  for (const auto& [text, expected, bits] : rows) {
    const auto network = parse_network(text);
    ASSERT_TRUE(network) << text;
    EXPECT_EQ(network->text(), expected) << text;
    EXPECT_EQ(network->prefix_bits, bits) << text;
  }
}

TEST(ParseNetwork, refuses_everything_else) {
  for (const auto* text : {"",
                           "/8",
                           "10.0.0.0/",
                           "10.0.0.0/33",
                           "10.0.0.0/-1",
                           "10.0.0.0/+8",
                           "10.0.0.0/08",
                           "10.0.0.0/8/8",
                           "10.0.0.1/8",
                           "10.0.0.0/255.0.255.0",
                           "10.0.0.0/0.0.0.255",
                           "10.0.0.0/255.0.0",
                           "10.1/16",
                           "10.",
                           "10.1.",
                           "10.1.2.3.",
                           ".10",
                           "10..1",
                           "10.1.2.3.4",
                           "256.0.0.0",
                           "010.0.0.1",
                           "10.0.0.1 ",
                           " 10.0.0.1",
                           "a",
                           "localhost",
                           "*",
                           "2001:DB8::/32",
                           "2001:db8::/129",
                           "2001:db8::1/32",
                           "2001:db8::/ffff::",
                           "[::1]",
                           "::1%lo",
                           ":::",
                           "1:2",
                           "10.0.0.0\\8",
                           "0x0a.0.0.0"})
    EXPECT_FALSE(parse_network(text)) << text;
}

TEST(ParseNetwork, names_the_text_in_its_error) {
  const auto network = parse_network("10.0.0.1/8");
  ASSERT_FALSE(network);
  EXPECT_EQ(network.error().detail, "10.0.0.1/8: bits are set beyond the prefix");
}

TEST(IpNetwork, contains_by_prefix) {
  const std::tuple<std::string, std::string, bool> rows[] = {
      {"10.0.0.0/8", "10.255.0.1", true},
      {"10.0.0.0/8", "11.0.0.1", false},
      {"10.0.0.0/8", "::ffff:10.1.1.1", true},
      {"10.128.0.0/9", "10.127.255.255", false},
      {"10.128.0.0/9", "10.128.0.0", true},
      {"0.0.0.0/0", "1.2.3.4", true},
      {"0.0.0.0/0", "::1", false},
      {"::/0", "::1", true},
      {"::/0", "1.2.3.4", false},
      {"2001:db8::/33", "2001:db8:7fff::1", true},
      {"2001:db8::/33", "2001:db8:8000::1", false},
      {"::1", "::1", true},
      {"::1", "::2", false},
      {"127.0.0.1", "127.0.0.1", true},
      {"127.0.0.1", "127.0.0.2", false},
  };
  for (const auto& [network, ip, expected] : rows)
    EXPECT_EQ(parse_network(network)->contains(*parse_ip(ip)), expected) << network << ' ' << ip;
}

TEST(IpNetworkSet, contains_what_any_network_does) {
  IpNetworkSet set;
  EXPECT_TRUE(set.empty());
  EXPECT_FALSE(set.contains(*parse_ip("10.0.0.1")));
  set.add(*parse_network("10.0.0.0/8"));
  set.add(*parse_network("::1"));
  EXPECT_TRUE(set.contains(*parse_ip("10.0.0.1")));
  EXPECT_TRUE(set.contains(*parse_ip("::1")));
  EXPECT_FALSE(set.contains(*parse_ip("11.0.0.1")));
}

}  // namespace
}  // namespace base::net
