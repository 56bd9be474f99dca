// SPDX-License-Identifier: Apache-2.0
// Paths that try to leave their place, and fields that try to be something else
// (wsgi-hosting 4.1, 4.4, 7.9).
#include "tests/unit/appserver/mapping/world.hpp"

#include <gtest/gtest.h>

namespace appserver::mapping {
namespace {

using config::Alias;
using test::alias;
using test::script_alias;
using test::World;

class PathAttack : public testing::Test {
 protected:
  PathAttack() {
    world.files.add("/srv/secret");
    world.files.add("/etc/passwd");
    world.files.add("/srv/www/static/x.css");
    world.host().alias_list = {alias("/static/", "/srv/www/static/"),
                               alias("/data", "/srv/www/data")};
  }
  World world;
};

TEST_F(PathAttack, dots_in_every_spelling_stay_inside) {
  const char* const spellings[] = {
      "/static/../../secret",
      "/static/%2e%2e/%2e%2e/secret",
      "/static/.%2e/%2E./secret",
      "/static/..%2f..%2fsecret",
      "/static/..%5c..%5csecret",
      "/static/%252e%252e/secret",
      "/static//..//..//secret",
      "/static/./.././../secret",
      "/..",
      "/../secret",
      "/%2e%2e/secret",
      "/static/..;/secret",
      "/static/...//secret",
      "/static/../../../../etc/passwd",
      "/static/..%00/secret",
      "/static/%2e%2e%2f%2e%2e%2fsecret",
      "/static../secret",
      "/data../secret",
      "/data/../../secret",
      "http://www.example.com/../secret",
      "/./../secret",
      "/static/%c0%ae%c0%ae/secret",
      "/static/..%c0%afsecret",
      "//../secret",
  };
  for (const char* path : spellings) {
    const std::string answer = world.answer(path);
    EXPECT_TRUE(answer == "error 400" || answer == "error 404") << path << ": " << answer;
  }
}

TEST_F(PathAttack, dots_that_stay_inside_are_resolved) {
  EXPECT_EQ(world.answer("/static/y/../x.css"), "static /srv/www/static/x.css");
  EXPECT_EQ(world.answer("/z/%2e%2e/static/./x.css"), "static /srv/www/static/x.css");
}

TEST_F(PathAttack, encoded_slashes_are_not_found) {
  for (const char* path : {"/static%2fx.css", "/static/%2Fx.css", "/static/x.css%2F", "/%2f"})
    EXPECT_EQ(world.answer(path), "error 404") << path;
  EXPECT_EQ(world.answer("/static%5cx.css"), "error 404");
}

TEST_F(PathAttack, a_substitution_cannot_make_dots) {
  world.host().alias_list = {alias("^/f/(.*)\\.x$", "/srv/www/$1/secret", Alias::Kind::regex),
                             alias("^/g/([^/]*)/", "/srv/www/.$1/secret", Alias::Kind::regex),
                             alias("^/rel/(.*)", "$1", Alias::Kind::regex)};
  world.host().script_alias_list = {script_alias("^/s/(.*)!", "/srv/www/$1", Alias::Kind::regex)};
  world.files.add("/srv/www/.ok/secret");
  EXPECT_EQ(world.answer("/f/...x"), "error 403");
  EXPECT_EQ(world.answer("/g/.a/"), "error 404");
  EXPECT_EQ(world.answer("/g/ok/"), "static /srv/www/.ok/secret");
  EXPECT_EQ(world.answer("/s/..!/secret"), "error 403");
  EXPECT_EQ(world.result.site, nullptr);
  EXPECT_EQ(world.answer("/rel/etc/passwd"), "error 403");
}

TEST_F(PathAttack, an_application_mounted_below_gets_no_way_out) {
  world.host().script_alias_list = {script_alias("/w/", "/s/")};
  for (const char* path : {"/w/../../etc/passwd", "/w/%2e%2e/%2e%2e/etc/passwd"})
    EXPECT_TRUE(world.answer(path).starts_with("error 40")) << path;
  EXPECT_EQ(world.answer("/w/a.wsgi/../b.wsgi/x"), "wsgi /s/b.wsgi [/w/b.wsgi] [/x]");
}

TEST(FieldAttack, a_redirect_cannot_be_split_or_sent_elsewhere) {
  World world;
  world.files.add("/srv/www/d\r\nSet-Cookie: x", FileKind::directory);
  world.files.add("/srv/www/evil.example", FileKind::directory);
  EXPECT_EQ(world.answer("/d%0d%0aSet-Cookie:%20x"),
            "redirect http://www.example.com/d%0d%0aSet-Cookie:%20x/");
  EXPECT_EQ(world.answer("//evil.example"), "redirect http://www.example.com/evil.example/");
}

TEST(FieldAttack, gatehouse_hop_never_reaches_an_application) {
  World world;
  world.host().script_alias_list = {script_alias("/", "/s/a.wsgi")};
  const char* const lines =
      "Gatehouse-Hop: v=1\nGATEHOUSE-HOP: v=2\nGatehouse_Hop: v=3\nGatehouse.Hop: v=4\n";
  for (const auto& [name, value] : world.environ("/", lines)) {
    EXPECT_EQ(name.find("GATEHOUSE"), std::string::npos) << name;
    EXPECT_FALSE(value.starts_with("v=")) << name;
  }
  EXPECT_TRUE(world.result.client.hop_ignored);
  EXPECT_TRUE(world.result.forwarded.hidden.has(base::http::FieldName::gatehouse_hop));
}

TEST(FieldAttack, refused_requests_hide_forwarded_fields_too) {
  World world;
  world.get("/%00", "X-Forwarded-For: 1.1.1.1\n");
  EXPECT_TRUE(world.result.forwarded.hidden.has(base::http::FieldName::x_forwarded_for));
  EXPECT_FALSE(world.result.forwarded.overrides.has_value());
}

TEST(FieldAttack, a_hundred_equal_fields_are_one_variable) {
  World world;
  world.host().script_alias_list = {script_alias("/", "/s/a.wsgi")};
  std::string lines;
  std::string expected;
  for (int i = 0; i < 90; ++i) {
    lines += "X-Same: " + std::to_string(i) + "\n";
    expected += (i == 0 ? "" : ", ") + std::to_string(i);
  }
  EXPECT_EQ(world.environ("/", lines).at("HTTP_X_SAME"), expected);
}

}  // namespace
}  // namespace appserver::mapping
