// SPDX-License-Identifier: Apache-2.0
// Bodies a WSGI application never sees (wsgi-hosting 4.2; section 10 items 47-51).
#include "appserver/mapping/body_policy.hpp"

#include "tests/unit/appserver/mapping/world.hpp"

#include <gtest/gtest.h>

namespace appserver::mapping {
namespace {

using base::http::BodyKind;
using base::http::FieldName;
using test::script_alias;
using test::World;

class BodyPolicy : public testing::Test {
 protected:
  BodyPolicy() {
    world.host().script_alias_list = {script_alias("/app", "/s/a.wsgi"),
                                      script_alias("/nd/", "/s/")};
    world.host().scope.body_limit_bytes = test::set(std::uint64_t{10});
    world.files.add("/srv/www/f.txt");
  }
  std::string post(std::string_view path, std::string_view lines) {
    world.ask("POST " + std::string(path) + " HTTP/1.1",
              "Host: www.example.com\n" + std::string(lines));
    return world.text();
  }
  World world;
};

TEST_F(BodyPolicy, limits_and_chunking) {
  EXPECT_EQ(post("/app", "Content-Length: 10\n"), "wsgi /s/a.wsgi [/app] []");
  EXPECT_EQ(post("/app", "Content-Length: 0\n"), "wsgi /s/a.wsgi [/app] []");
  EXPECT_EQ(post("/app", ""), "wsgi /s/a.wsgi [/app] []");
  EXPECT_EQ(post("/app", "Content-Length: 11\n"), "error 413");
  EXPECT_TRUE(std::get<ErrorTarget>(world.result.target).close);
  EXPECT_EQ(post("/app", "Content-Length: 9223372036854775807\n"), "error 413");
  EXPECT_EQ(post("/app", "Transfer-Encoding: chunked\n"), "error 411");
  EXPECT_TRUE(std::get<ErrorTarget>(world.result.target).close);
  world.host().scope.chunked_request = test::set(true);
  world.start();
  EXPECT_EQ(post("/app", "Transfer-Encoding: CHUNKED\n"), "wsgi /s/a.wsgi [/app] []");
  EXPECT_EQ(world.result.site->script->body_limit_bytes, 10U);  // for whoever reads the body
}

TEST_F(BodyPolicy, limit_follows_the_sections) {
  config::Scope inner;
  inner.body_limit_bytes = test::set(std::uint64_t{0});
  world.host().sections.push_back(
      test::section(config::Section::Kind::location, "/app/big", inner));
  EXPECT_EQ(post("/app/big", "Content-Length: 1000000\n"), "wsgi /s/a.wsgi [/app] [/big]");
  EXPECT_EQ(post("/app/small", "Content-Length: 1000000\n"), "error 413");
}

TEST_F(BodyPolicy, holds_for_applications_only_and_after_access_and_existence) {
  EXPECT_EQ(post("/f.txt", "Content-Length: 11\n"), "static /srv/www/f.txt");
  EXPECT_EQ(post("/f.txt", "Transfer-Encoding: chunked\n"), "static /srv/www/f.txt");
  EXPECT_EQ(post("/nd/none", "Content-Length: 11\n"), "error 404");
  world.host().sections.clear();
  world.start();
  EXPECT_EQ(post("/app", "Content-Length: 11\n"), "error 403");
}

TEST_F(BodyPolicy, comes_before_the_group_is_looked_for) {
  world.host().scope.process_group = test::set("nosuch");
  EXPECT_EQ(post("/app", "Content-Length: 11\n"), "error 413");
  EXPECT_EQ(post("/app", "Content-Length: 9\n"), "error 500");
}

/// Heads our parser would not let through: the rule stands on its own feet.
TEST(CheckBody, judges_any_head_in_the_order_of_the_specification) {
  struct Case {
    const char* name;
    std::vector<base::http::Field> fields;
    BodyKind body;
    std::uint64_t length;
    int expected;
  };
  const auto coding = [](std::string_view value) {
    return base::http::Field{"Transfer-Encoding", value, FieldName::transfer_encoding};
  };
  const auto length = [](std::string_view value) {
    return base::http::Field{"Content-Length", value, FieldName::content_length};
  };
  const Case cases[] = {
      {"none", {}, BodyKind::none, 0, 0},
      {"coding first", {coding("gzip, chunked"), length("99")}, BodyKind::chunked, 0, 501},
      {"chunked before both", {coding("chunked"), length("99")}, BodyKind::chunked, 0, 411},
      {"both", {coding("chunked"), length("99")}, BodyKind::length, 99, 400},
      {"signed", {length("+3")}, BodyKind::length, 3, 400},
      {"minus", {length("-1")}, BodyKind::length, 0, 400},
      {"word", {length("abc")}, BodyKind::length, 0, 400},
      {"empty", {length("")}, BodyKind::length, 0, 400},
      {"list", {length("3, 3")}, BodyKind::length, 3, 400},
      {"too long", {length("11")}, BodyKind::length, 11, 413},
      {"fits", {length("010")}, BodyKind::length, 10, 0},
  };
  for (const Case& c : cases) {
    base::http::RequestHead head;
    head.fields = c.fields;
    head.body = c.body;
    head.content_length = c.length;
    head.has_content_length = c.body == BodyKind::length;
    const auto refusal = check_body(head, {false, 10});
    EXPECT_EQ(refusal ? refusal->status : 0, c.expected) << c.name;
    EXPECT_TRUE(!refusal || refusal->close) << c.name;
  }
}

}  // namespace
}  // namespace appserver::mapping
