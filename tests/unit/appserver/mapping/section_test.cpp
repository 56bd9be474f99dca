// SPDX-License-Identifier: Apache-2.0
// Which sections apply, and who has the last word (wsgi-hosting 1.5; section 10 items 14, 15, 89,
// 94, 102-105).
#include "tests/unit/appserver/mapping/world.hpp"

#include <gtest/gtest.h>

namespace appserver::mapping {
namespace {

using config::Section;
using Kind = config::Section::Kind;
using test::alias;
using test::denied;
using test::granted;
using test::script_alias;
using test::section;
using test::World;

/// A section that only leaves its mark.
Section mark(Kind kind, std::string pattern, std::string value) {
  config::Scope scope;
  scope.callable_object = test::set(std::move(value));
  return section(kind, std::move(pattern), std::move(scope));
}

class Sections : public testing::Test {
 protected:
  Sections() {
    world.host().sections = {section(Kind::directory, "/", granted())};
    world.host().script_alias_list = {script_alias("/app", "/srv/code/site/app.wsgi")};
    world.files.add("/srv/code/site/app.wsgi");
    world.files.add("/srv/www/f.txt");
    world.files.add("/srv/www/sub/a.fff");
    world.files.add("/srv/www/sub/deep/f.txt");
  }
  void add(Section value) { world.host().sections.push_back(std::move(value)); }
  /// The last mark that counts for a path; "-" for none.
  std::string winner(std::string_view path) {
    world.start();
    world.get(path);
    const auto& set = world.result.site->scope.callable_object;
    return set ? set->first : "-";
  }
  World world;
};

TEST_F(Sections, without_a_grant_everything_is_denied) {
  world.host().sections.clear();
  EXPECT_EQ(world.answer("/f.txt"), "error 403");
  EXPECT_EQ(world.detail(), "client denied by server configuration: /srv/www/f.txt");
  EXPECT_EQ(world.answer("/app"), "error 403");
  EXPECT_EQ(world.answer("/none"), "error 403");
  EXPECT_EQ(world.answer("/sub"), "error 403");
}

TEST_F(Sections, a_location_reopens_what_a_directory_closed) {
  world.host().sections = {section(Kind::location, "/", granted()),
                           section(Kind::directory, "/srv", denied())};
  EXPECT_EQ(world.answer("/f.txt"), "static /srv/www/f.txt");
  world.host().sections[0] = section(Kind::location, "/app", granted());
  world.start();
  EXPECT_EQ(world.answer("/f.txt"), "error 403");
  EXPECT_EQ(world.answer("/app/x"), "wsgi /srv/code/site/app.wsgi [/app] [/x]");
}

TEST_F(Sections, directories_go_by_components_not_by_file_order) {
  add(mark(Kind::directory, "/srv/www/sub", "deep"));
  add(mark(Kind::directory, "/srv", "shallow"));
  EXPECT_EQ(winner("/sub/a.fff"), "deep");
  EXPECT_EQ(winner("/sub/deep/f.txt"), "deep");
  EXPECT_EQ(winner("/f.txt"), "shallow");
}

TEST_F(Sections, of_equal_depth_the_later_wins_glob_or_not) {
  add(mark(Kind::directory, "/srv/ww?", "glob first"));
  add(mark(Kind::directory, "/srv/www/", "plain"));
  EXPECT_EQ(winner("/f.txt"), "plain");
  add(mark(Kind::directory, "/srv/w*", "glob last"));
  EXPECT_EQ(winner("/f.txt"), "glob last");
}

TEST_F(Sections, directory_patterns) {
  struct Case {
    const char* pattern;
    const char* path;
    bool applies;
  };
  const Case cases[] = {
      {"/srv/www", "/f.txt", true},          {"/srv/www/", "/f.txt", true},
      {"/srv/ww", "/f.txt", false},          {"/srv/www/f.txt", "/f.txt", false},
      {"/srv/*", "/sub/a.fff", true},        {"/srv/*/sub", "/sub/deep/f.txt", true},
      {"/*/deep", "/sub/deep/f.txt", false}, {"/srv/[a-w]ww", "/f.txt", true},
      {"/srv/[!w]ww", "/f.txt", false},      {"srv/www", "/f.txt", false},
      {"/srv/code", "/app/x", true},         {"/app", "/app/x", false},
      {"/srv/www/sub", "/sub/", true},       {"/srv/www/none", "/none/x", false},
  };
  for (const Case& c : cases) {
    world.host().sections.resize(1);
    add(mark(Kind::directory, c.pattern, "yes"));
    EXPECT_EQ(winner(c.path), c.applies ? "yes" : "-") << c.pattern << " " << c.path;
  }
}

TEST_F(Sections, directory_match_searches_the_file_name_once) {
  struct Case {
    const char* pattern;
    const char* path;
    bool applies;
  };
  const Case cases[] = {
      {"\\.fff$", "/sub/a.fff", true},      {"/sub$", "/sub/a.fff", false},
      {"/sub/$", "/sub/a.fff", false},      {"/sub/$", "/sub/", true},
      {"sub/dee", "/sub/deep/f.txt", true}, {"\\.wsgi$", "/app/x.txt", true},
      {"x\\.txt$", "/app/x.txt", false},
  };
  for (const Case& c : cases) {
    world.host().sections.resize(1);
    add(mark(Kind::directory_match, c.pattern, "yes"));
    EXPECT_EQ(winner(c.path), c.applies ? "yes" : "-") << c.pattern << " " << c.path;
  }
}

TEST_F(Sections, files_look_at_the_base_name) {
  struct Case {
    Kind kind;
    const char* pattern;
    const char* path;
    bool applies;
  };
  const Case cases[] = {
      {Kind::files, "f.txt", "/f.txt", true},
      {Kind::files, "f.txt", "/sub/deep/f.txt", true},
      {Kind::files, "*.fff", "/sub/a.fff", true},
      {Kind::files, "sub", "/sub/a.fff", false},
      {Kind::files, "app.wsgi", "/app/x", true},
      {Kind::files, "none", "/none/further", true},
      {Kind::files, "further", "/none/further", false},
      {Kind::files_match, "^f", "/f.txt", true},
      {Kind::files_match, "ff", "/sub/a.fff", true},
      {Kind::files_match, "srv", "/f.txt", false},
  };
  for (const Case& c : cases) {
    world.host().sections.resize(1);
    add(mark(c.kind, c.pattern, "yes"));
    EXPECT_EQ(winner(c.path), c.applies ? "yes" : "-") << c.pattern << " " << c.path;
  }
}

TEST_F(Sections, nested_files_come_after_all_others_and_only_below_their_directory) {
  Section directory = section(Kind::directory, "/srv/www/sub", {});
  directory.nested = {mark(Kind::files, "f.txt", "nested")};
  add(directory);
  add(mark(Kind::files, "f.txt", "server"));
  EXPECT_EQ(winner("/sub/deep/f.txt"), "nested");
  EXPECT_EQ(winner("/f.txt"), "server");
}

TEST_F(Sections, location_patterns) {
  world.host().script_alias_list = {script_alias("/", "/srv/code/site/app.wsgi")};
  struct Case {
    Kind kind;
    const char* pattern;
    const char* path;
    bool applies;
  };
  const Case cases[] = {
      {Kind::location, "/a", "/a", true},
      {Kind::location, "/a", "/a/b", true},
      {Kind::location, "/a", "/ab", false},
      {Kind::location, "/a/", "/a", false},
      {Kind::location, "/a/", "/a/", true},
      {Kind::location, "/a/", "/a/b", true},
      {Kind::location, "/A", "/a", false},
      {Kind::location, "/a%20b", "/a%20b", false},
      {Kind::location, "/a b", "/a%20b", true},
      {Kind::location, "/a/b", "//a///b", true},
      {Kind::location, "/a//b", "/a//b", false},
      {Kind::location, "/a/*", "/a/b", true},
      {Kind::location, "/a/*", "/a/b/c", false},
      {Kind::location, "/a/b", "/a/x/../b", true},
      {Kind::location_match, "b$", "/a/b", true},
      {Kind::location_match, "^b", "/a/b", false},
      {Kind::location_match, "^/a/b$", "/a//b", true},
  };
  for (const Case& c : cases) {
    world.host().sections.resize(1);
    add(mark(c.kind, c.pattern, "yes"));
    EXPECT_EQ(winner(c.path), c.applies ? "yes" : "-") << c.pattern << " " << c.path;
  }
}

TEST_F(Sections, steps_beat_each_other_in_order_and_locations_go_by_file_order) {
  const Section in_order[] = {
      mark(Kind::location, "/", "location /"),
      mark(Kind::location, "/sub/a.fff", "location long"),
      mark(Kind::location, "/sub", "location last"),
      mark(Kind::files, "a.fff", "files"),
      mark(Kind::directory_match, "fff", "directory match"),
      mark(Kind::directory, "/srv/www/sub", "directory"),
  };
  for (const Section& value : in_order) add(value);
  EXPECT_EQ(winner("/sub/a.fff"), "location last");
  world.host().sections.erase(world.host().sections.begin() + 1, world.host().sections.begin() + 4);
  EXPECT_EQ(winner("/sub/a.fff"), "files");
  world.host().sections.erase(world.host().sections.begin() + 1);
  EXPECT_EQ(winner("/sub/a.fff"), "directory match");
  world.host().sections.erase(world.host().sections.begin() + 1);
  EXPECT_EQ(winner("/sub/a.fff"), "directory");
}

TEST_F(Sections, host_settings_are_below_all_sections) {
  world.host().scope.callable_object = test::set("host");
  EXPECT_EQ(winner("/f.txt"), "host");
  add(mark(Kind::directory, "/", "directory"));
  EXPECT_EQ(winner("/f.txt"), "directory");
}

TEST_F(Sections, lists_are_replaced_by_an_inner_scope) {
  config::Scope outer;
  outer.trusted_proxies = test::set(test::networks({"10.0.0.0/8"}));
  outer.trusted_proxy_headers = test::set(std::vector<std::string>{"X-Real-IP"});
  config::Scope inner;
  inner.trusted_proxies = test::set(test::networks({"192.0.2.0/24"}));
  world.host().scope = outer;
  add(section(Kind::location, "/app/in", inner));
  world.peer = test::address("10.0.0.5", 1);
  const char* const line = "X-Real-IP: 7.7.7.7\n";
  EXPECT_EQ(world.environ("/app/out", line).at("REMOTE_ADDR"), "7.7.7.7");
  EXPECT_EQ(world.environ("/app/in", line).at("REMOTE_ADDR"), "10.0.0.5");
  EXPECT_EQ(world.environ("/app/in", line).count("HTTP_X_REAL_IP"), 0U);
}

TEST_F(Sections, ht_files_are_denied_whether_they_exist_or_not) {
  world.files.add("/srv/www/.htpasswd");
  world.files.add("/srv/www/.hidden");
  EXPECT_EQ(world.answer("/.htpasswd"), "error 403");
  EXPECT_EQ(world.answer("/.htx"), "error 403");
  EXPECT_EQ(world.answer("/%2ehtpasswd"), "error 403");
  EXPECT_EQ(world.answer("/sub/.htaccess/x"), "error 403");
  EXPECT_EQ(world.answer("/none/.htx"), "error 404");
  EXPECT_EQ(world.answer("/.hidden"), "static /srv/www/.hidden");
  // As on a stock Apache, an explicit section may open one.
  add(section(Kind::files, ".htopen", granted()));
  world.files.add("/srv/www/.htopen");
  world.start();
  EXPECT_EQ(world.answer("/.htopen"), "static /srv/www/.htopen");
}

TEST_F(Sections, a_denied_index_is_skipped) {
  world.files.add("/srv/www/sub/index.html");
  add(section(Kind::files, "index.html", denied()));
  EXPECT_EQ(world.answer("/sub/"), "error 403");
  EXPECT_NE(world.detail().find("listings"), std::string::npos);
}

TEST_F(Sections, named_groups_become_variables) {
  add(section(Kind::location_match, "^/app/(?<tenant>[a-z]+)(?:/(?<rest>.*))?", {}));
  const auto environ = world.environ("/app/blue");
  EXPECT_EQ(environ.at("MATCH_TENANT"), "blue");
  EXPECT_EQ(environ.count("MATCH_REST"), 0U);
  EXPECT_EQ(world.environ("/app/7").count("MATCH_TENANT"), 0U);
}

TEST_F(Sections, an_expression_that_costs_too_much_refuses) {
  world.host().script_alias_list = {script_alias("/", "/srv/code/site/app.wsgi")};
  add(section(Kind::location_match, "^/(a+)+$", denied()));
  EXPECT_EQ(world.answer("/aaaa"), "error 403");
  EXPECT_EQ(world.answer("/b"), "wsgi /srv/code/site/app.wsgi [] [/b]");
  // Whether it matches is not known: nobody is let in by giving up.
  EXPECT_EQ(world.answer("/" + std::string(60, 'a') + "!"), "error 500");
  // Long and honest is no trouble.
  EXPECT_EQ(world.answer("/" + std::string(7000, 'a')), "error 403");
}

TEST_F(Sections, the_cache_does_not_mix_up_neighbours) {
  add(section(Kind::files, "f.txt", denied()));
  add(section(Kind::location, "/sub", denied()));
  add(section(Kind::location, "/sub/deep", granted()));
  world.files.add("/srv/www/g.txt");
  world.files.add("/srv/www/sub/deep/g.txt");
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(world.answer("/g.txt"), "static /srv/www/g.txt");
    EXPECT_EQ(world.answer("/f.txt"), "error 403");
    EXPECT_EQ(world.answer("/sub/a.fff"), "error 403");
    EXPECT_EQ(world.answer("/sub/deep/g.txt"), "static /srv/www/sub/deep/g.txt");
    EXPECT_EQ(world.answer("/sub/deep/f.txt"), "static /srv/www/sub/deep/f.txt");
  }
  const SitePtr first = world.result.site;
  world.get("/sub/deep/f.txt");
  EXPECT_EQ(world.result.site, first);
}

}  // namespace
}  // namespace appserver::mapping
