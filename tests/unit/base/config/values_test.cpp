// SPDX-License-Identifier: Apache-2.0
#include "base/config/values.hpp"

#include "base/config/pattern.hpp"

#include <gtest/gtest.h>

#include <string>

namespace base::config {
namespace {

struct Case {
  const char* input;
  const char* expected;  ///< the value as text, or the error
};

TEST(Values, on_and_off) {
  EXPECT_TRUE(parse_on_off("oN").value_or(false));
  EXPECT_FALSE(parse_on_off("OFF").value_or(true));
  for (const char* bad : {"", "yes", "1", "true", "on "}) EXPECT_FALSE(parse_on_off(bad)) << bad;
}

TEST(Values, numbers_have_bounds_and_no_decoration) {
  EXPECT_EQ(parse_number("7", 1, 7).value_or(0), 7U);
  for (const char* bad :
       {"", "0", "8", "+3", "-3", " 3", "3 ", "3x", "0x3", "99999999999999999999999"}) {
    EXPECT_FALSE(parse_number(bad, 1, 7)) << bad;
  }
}

TEST(Values, durations) {
  const auto ms = [](const char* text) {
    const auto parsed = parse_duration(text);
    return parsed ? parsed->count() : -1;
  };
  EXPECT_EQ(ms("5"), 5000);
  EXPECT_EQ(ms("5s"), 5000);
  EXPECT_EQ(ms("300ms"), 300);
  EXPECT_EQ(ms("2min"), 120'000);
  EXPECT_EQ(ms("1h"), 3'600'000);
  for (const char* bad : {"", "s", "-1", "5 s", "5days", "1.5", "99999999999"})
    EXPECT_EQ(ms(bad), -1) << bad;
}

TEST(Values, server_names) {
  const Case cases[] = {
      {"a.example", " a.example 0"},
      {"a.example:8080", " a.example 8080"},
      {"https://a.example", "https a.example 0"},
      {"HTTP://A.Example:1", "http A.Example 1"},
      {"[::1]", " [::1] 0"},
      {"[::1]:80", " [::1] 80"},
      {"", "expected [scheme://]name[:port], got \"\""},
      {"a:", "expected a port from 1 to 65535, got \"\""},
      {"a:0", "expected a port from 1 to 65535, got \"0\""},
      {"a:65536", "expected a port from 1 to 65535, got \"65536\""},
      {"a/b", "expected [scheme://]name[:port], got \"a/b\""},
      {"ftp://a", "expected the scheme http or https, got \"ftp://a\""},
  };
  for (const Case& c : cases) {
    const auto got = parse_server_name(c.input);
    EXPECT_EQ(
        got ? got->scheme + " " + got->name + " " + std::to_string(got->port) : got.error().detail,
        c.expected)
        << c.input;
  }
}

TEST(Values, addresses_of_hosts) {
  using Kind = net::Endpoint::Kind;
  struct AddressCase {
    const char* input;
    Kind kind;
    const char* ip;
    std::uint16_t port;
  };
  const AddressCase good[] = {
      {"*", Kind::any, "", 0},
      {"*:80", Kind::any, "", 80},
      {"_Default_:443", Kind::any, "", 443},
      {"_default_:*", Kind::any, "", 0},
      {"*:*", Kind::any, "", 0},
      {"10.0.0.1", Kind::ip, "10.0.0.1", 0},
      {"10.0.0.1:*", Kind::ip, "10.0.0.1", 0},
      {"[2001:db8::1]:80", Kind::ip, "2001:db8::1", 80},
      {"[::1]", Kind::ip, "::1", 0},
      {"127.0.0.1:65535", Kind::ip, "127.0.0.1", 65535},
  };
  for (const auto& c : good) {
    const auto got = parse_host_address(c.input);
    ASSERT_TRUE(got) << c.input << ": " << got.error().detail;
    EXPECT_EQ(got->kind, c.kind) << c.input;
    if (c.kind == Kind::ip) {
      EXPECT_EQ(got->ip.text(), c.ip) << c.input;
    }
    EXPECT_EQ(got->port, c.port) << c.input;
  }
  for (const char* bad :
       {"", ":80", "*:", "*:0", "*:99999", "*:http", "[::1", "[]:80", "no.such.name.invalid"}) {
    EXPECT_FALSE(parse_host_address(bad)) << bad;
  }
}

TEST(Values, backends) {
  EXPECT_EQ(parse_backend_address("127.0.0.1:80").value_or(net::Endpoint()).text(), "127.0.0.1:80");
  EXPECT_EQ(parse_backend_address("[::1]:80").value_or(net::Endpoint()).text(), "[::1]:80");
  EXPECT_EQ(parse_backend_address("unix:/a b").value_or(net::Endpoint()).text(), "unix:/a b");
  EXPECT_EQ(parse_backend_address("localhost:8000").value_or(net::Endpoint()).text(),
            "127.0.0.1:8000");
  for (const char* bad : {"", "80", ":80", "host", "127.0.0.1:0", "127.0.0.1:", "[::1:80"}) {
    EXPECT_FALSE(parse_backend_address(bad)) << bad;
  }
}

TEST(Values, users_and_groups) {
  EXPECT_TRUE(check_user("nobody", RootAllowed::no));
  EXPECT_TRUE(check_user("#65534", RootAllowed::no));
  EXPECT_TRUE(check_user("root", RootAllowed::yes));
  EXPECT_EQ(check_user("root", RootAllowed::no).error().detail,
            "user \"root\" is root: blocked from running as root");
  EXPECT_EQ(check_user("#0", RootAllowed::no).error().detail,
            "user \"#0\" is root: blocked from running as root");
  EXPECT_EQ(check_user("no-such-user", RootAllowed::yes).error().detail,
            "unknown user \"no-such-user\"");
  EXPECT_EQ(check_user("#4000000000", RootAllowed::yes).error().detail,
            "unknown user \"#4000000000\"");
  for (const char* bad : {"", "#", "#x", "#-1"})
    EXPECT_FALSE(check_user(bad, RootAllowed::yes)) << bad;
  EXPECT_TRUE(check_group("nogroup", RootAllowed::no));
  EXPECT_TRUE(check_group("#12345", RootAllowed::no));
  EXPECT_EQ(check_group("no-such-group", RootAllowed::yes).error().detail,
            "unknown group \"no-such-group\"");
}

TEST(Values, paths_below_server_root) {
  EXPECT_EQ(resolve_path("/a", "/root"), "/a");
  EXPECT_EQ(resolve_path("a/b", "/root/"), "/root/a/b");
  EXPECT_EQ(resolve_path("a", "/"), "/a");
  EXPECT_EQ(resolve_path("", "/root"), "");
  EXPECT_EQ(without_trailing_slash("/a//"), "/a");
  EXPECT_EQ(without_trailing_slash("/"), "/");
}

TEST(Pattern, checks_and_searches) {
  EXPECT_TRUE(check_regex("^/a(b|c)\\.png$"));
  EXPECT_EQ(check_regex("a(").error().detail,
            "bad regular expression \"a(\": missing closing parenthesis (at byte 2)");
  EXPECT_FALSE(check_regex(std::string(40'000, 'a')));
  EXPECT_TRUE(regex_search("b+", "abbc").value_or(false));
  EXPECT_FALSE(regex_search("^b", "abbc").value_or(true));
  EXPECT_FALSE(regex_search("(a+)+$", std::string(60, 'a') + "b").value_or(true))
      << "bounded, not for ever";
}

}  // namespace
}  // namespace base::config
