// SPDX-License-Identifier: Apache-2.0
// Targets, hosts and paths: what is taken apart, and what is 400 or 404.
#include "base/http/request_target.hpp"

#include <gtest/gtest.h>

#include <string>

namespace base::http {
namespace {

TEST(ParseHost, accepts_and_refuses) {
  const std::tuple<std::string, std::string, int> rows[] = {
      // value, name ("" refused), port
      {"a", "a", 0},
      {"a:80", "a", 80},
      {" a \t", "a", 0},
      {"a_b", "a_b", 0},
      {"-a", "-a", 0},
      {"a.", "a.", 0},
      {"WWW.Example.org:8443", "WWW.Example.org", 8443},
      {"10.0.0.1:1", "10.0.0.1", 1},
      {"a:65535", "a", 65535},
      {"a:0080", "a", 80},
      {"[::1]", "[::1]", 0},
      {"[2001:db8::1]:443", "[2001:db8::1]", 443},
      {"", "", 0},
      {" ", "", 0},
      {":80", "", 0},
      {"a:", "", 0},
      {"a:0", "", 0},
      {"a:65536", "", 0},
      {"a:000080", "", 0},
      {"a:8x", "", 0},
      {"a:+8", "", 0},
      {"a:80:80", "", 0},
      {"a..b", "", 0},
      {".", "", 0},
      {".a", "", 0},
      {"a..", "", 0},
      {"a/b", "", 0},
      {"u@a", "", 0},
      {"a&b", "", 0},
      {"a,b", "", 0},
      {"a b", "", 0},
      {"a\tb", "", 0},
      {"a\\b", "", 0},
      {"a%41", "", 0},
      {"a#b", "", 0},
      {"a?b", "", 0},
      {"a\xc3\xa9", "", 0},
      {"::1", "", 0},
      {"[::1", "", 0},
      {"[::1]80", "", 0},
      {"[::1]:", "", 0},
      {"[]", "", 0},
      {"[10.0.0.1]", "", 0},
      {"[::g]", "", 0},
      {"[fe80::1%25eth0]", "", 0},
      {"[::1]]", "", 0},
      {std::string("a\0b", 3), "", 0},
      {std::string(256, 'a'), "", 0},
      {std::string(255, 'a'), std::string(255, 'a'), 0}};
  for (const auto& [value, name, port] : rows) {
    const auto host = parse_host(value);
    EXPECT_EQ(host.has_value(), !name.empty()) << value;
    if (!host) continue;
    EXPECT_EQ(host->name, name);
    EXPECT_EQ(host->port, port) << value;
  }
}

TEST(HostKey, is_lower_case_without_the_last_dot) {
  std::string key;
  append_host_key(key, "WWW.Example.ORG.");
  EXPECT_EQ(key, "www.example.org");
}

struct TargetRow {
  Method method;
  std::string target;
  std::string expected;  // "form|path|query|authority", "-" for no query; "" refused
};

TEST(SplitTarget, forms) {
  using namespace std::string_literals;
  const TargetRow rows[] = {
      {Method::get, "/", "origin|/|-|"},
      {Method::get, "/a/b?c=d?e", "origin|/a/b|c=d?e|"},
      {Method::get, "/a?", "origin|/a||"},
      {Method::get, "//h/p", "origin|//h/p|-|"},
      {Method::get, "/http://h/", "origin|/http://h/|-|"},
      {Method::get, "/\xff\"<>|\\^{}`", "origin|/\xff\"<>|\\^{}`|-|"},
      {Method::get, "http://b:99/", "absolute|/|-|b:99"},
      {Method::get, "HTTP://B/x?y", "absolute|/x|y|B"},
      {Method::get, "https://b", "absolutes|/|-|b"},
      {Method::get, "http://b?q", "absolute|/|q|b"},
      {Method::options, "*", "asterisk||-|"},
      {Method::connect, "h:443", "authority||-|h:443"},
      {Method::get, "", ""},
      {Method::get, "*", ""},
      {Method::post, "*", ""},
      {Method::options, "**", ""},
      {Method::get, "a/b", ""},
      {Method::get, "?q", ""},
      {Method::get, "/a#b", ""},
      {Method::get, "/a?b#c", ""},
      {Method::get, "/a b", ""},
      {Method::get, "/a\tb", ""},
      {Method::get, "/a\x7f", ""},
      {Method::get, "/a\0b"s, ""},
      {Method::get, "/a\r\nX: y", ""},
      {Method::get, "ftp://h/", ""},
      {Method::get, "http:/h/", ""},
      {Method::get, "http://", ""},
      {Method::get, "http:///x", ""},
      {Method::get, "http://u@h/", ""},
      {Method::get, "http://h:0/", ""},
      {Method::get, "http://h:/", ""},
      {Method::get, "http://h..i/", ""},
      {Method::get, "h:443", ""},
      {Method::connect, "/", ""},
      {Method::connect, "h", ""},
      {Method::connect, "http://h:80/", ""},
  };
  for (const TargetRow& row : rows) {
    const auto target = split_target(row.method, row.target);
    std::string text;
    if (target) {
      constexpr const char* kForms[] = {"origin", "absolute", "asterisk", "authority"};
      text = std::string(kForms[static_cast<int>(target->form)]) + (target->https ? "s" : "") +
             '|' + std::string(target->path) + '|' +
             (target->has_query ? std::string(target->query) : "-") + '|' +
             std::string(target->authority);
    }
    EXPECT_EQ(text, row.expected) << row.target;
  }
}

struct PathRow {
  std::string path;
  std::string off;  // a path, or the status
  std::string on;
  std::string no_decode;
};

std::string normalized(std::string_view path, EncodedSlashes slashes,
                       MergeSlashes merge = MergeSlashes::on) {
  std::string out = "left over";
  const int status = normalize_path(path, slashes, merge, out);
  return status == 0 ? out : std::to_string(status);
}

TEST(NormalizePath, decodes_once_and_removes_dots) {
  using namespace std::string_literals;
  const PathRow rows[] = {
      {"/", "/", "/", "/"},
      {"/a/b", "/a/b", "/a/b", "/a/b"},
      {"/a/b/", "/a/b/", "/a/b/", "/a/b/"},
      {"/%41%20b", "/A b", "/A b", "/A b"},
      {"/%0A%3F%23%7F%FF", "/\n?#\x7f\xff", "/\n?#\x7f\xff", "/\n?#\x7f\xff"},
      {"/%2541", "/%41", "/%41", "/%41"},
      {"/\xc3\xa9", "/\xc3\xa9", "/\xc3\xa9", "/\xc3\xa9"},
      {"/a+b", "/a+b", "/a+b", "/a+b"},
      {"/a%5Cb", "/a\\b", "/a\\b", "/a\\b"},
      {"/app//x//y", "/app/x/y", "/app/x/y", "/app/x/y"},
      {"//a", "/a", "/a", "/a"},
      {"/a/./b", "/a/b", "/a/b", "/a/b"},
      {"/a/.", "/a/", "/a/", "/a/"},
      {"/.", "/", "/", "/"},
      {"/a/../b", "/b", "/b", "/b"},
      {"/a/..", "/", "/", "/"},
      {"/a/b/..", "/a/", "/a/", "/a/"},
      {"/a/b/../../c", "/c", "/c", "/c"},
      {"/a//../b", "/b", "/b", "/b"},
      {"/.../..a/b..", "/.../..a/b..", "/.../..a/b..", "/.../..a/b.."},
      {"/.a", "/.a", "/.a", "/.a"},
      {"/static/../secret", "/secret", "/secret", "/secret"},
      {"/%2e%2E/x", "400", "400", "400"},
      {"/a/%2e%2e/b", "/b", "/b", "/b"},
      {"/a/.%2e", "/", "/", "/"},
      {"/..", "400", "400", "400"},
      {"/../x", "400", "400", "400"},
      {"/a/../..", "400", "400", "400"},
      {"/a/../../b", "400", "400", "400"},
      {"/./..", "400", "400", "400"},
      {"//..", "400", "400", "400"},
      {"/%00", "400", "400", "400"},
      {"/a%00.html", "400", "400", "400"},
      {"/%", "400", "400", "400"},
      {"/%4", "400", "400", "400"},
      {"/%4g", "400", "400", "400"},
      {"/%u0041", "400", "400", "400"},
      {"/%-1", "400", "400", "400"},
      {"/a\0b"s, "400", "400", "400"},
      {"/a\nb", "400", "400", "400"},
      {"/a\tb", "400", "400", "400"},
      {"", "400", "400", "400"},
      {"a", "400", "400", "400"},
      {"*", "400", "400", "400"},
      // Encoded slashes (wsgi-hosting 7.9, 10.13).
      {"/app/a%2Fb", "404", "/app/a/b", "/app/a%2Fb"},
      {"/app%2fx", "404", "/app/x", "/app%2fx"},
      {"/d%2F..%2Fx", "404", "/x", "/d%2F..%2Fx"},
      {"/a%2F%2Fb", "404", "/a/b", "/a%2F%2Fb"},
      {"/a/..%2Fb", "404", "/b", "/a/..%2Fb"},
      {"/..%2Fx", "404", "400", "/..%2Fx"},
      {"/%2F..", "404", "400", "/%2F.."},
      {"/a%252Fb", "/a%2Fb", "/a%2Fb", "/a%2Fb"},
      {"/a%2Fb%zz", "400", "400", "400"},
      {"/a%2Fb%00", "400", "400", "400"},
  };
  for (const PathRow& row : rows) {
    EXPECT_EQ(normalized(row.path, EncodedSlashes::off), row.off) << row.path;
    EXPECT_EQ(normalized(row.path, EncodedSlashes::on), row.on) << row.path;
    EXPECT_EQ(normalized(row.path, EncodedSlashes::no_decode), row.no_decode) << row.path;
  }
}

TEST(NormalizePath, slashes_may_stay_unmerged) {
  const std::pair<std::string, std::string> rows[] = {
      {"/app//x", "/app//x"}, {"//", "//"},       {"/a//../b", "/a/b"},
      {"//..", "/"},          {"//../..", "400"}, {"/a/./b//", "/a/b//"}};
  for (const auto& [path, expected] : rows)
    EXPECT_EQ(normalized(path, EncodedSlashes::off, MergeSlashes::off), expected) << path;
}

}  // namespace
}  // namespace base::http
