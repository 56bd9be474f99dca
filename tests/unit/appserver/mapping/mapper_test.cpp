// SPDX-License-Identifier: Apache-2.0
// URL -> target: every row of the table in wsgi-hosting 4.1 that needs no later feature, and
// section 10's items 1-13.
#include "tests/unit/appserver/mapping/world.hpp"

#include <gtest/gtest.h>

namespace appserver::mapping {
namespace {

using config::Alias;
using test::alias;
using test::script_alias;
using test::World;

struct Row {
  const char* url;
  const char* expected;
};

void expect_rows(World& world, std::initializer_list<Row> rows) {
  for (const Row& row : rows) EXPECT_EQ(world.answer(row.url), row.expected) << row.url;
}

TEST(ScriptAlias, root_mount_takes_every_path) {
  World world;
  world.host().script_alias_list = {script_alias("/", "/s/a.wsgi")};
  expect_rows(world, {{"/", "wsgi /s/a.wsgi [] [/]"},
                      {"/x/y", "wsgi /s/a.wsgi [] [/x/y]"},
                      {"//x//y/", "wsgi /s/a.wsgi [] [/x/y/]"},
                      {"http://www.example.com", "wsgi /s/a.wsgi [] [/]"}});
}

TEST(ScriptAlias, prefix_without_slash_matches_whole_segments) {
  World world;
  world.host().script_alias_list = {script_alias("/app", "/s/a.wsgi")};
  expect_rows(world, {{"/app", "wsgi /s/a.wsgi [/app] []"},
                      {"/app/", "wsgi /s/a.wsgi [/app] [/]"},
                      {"/app//x", "wsgi /s/a.wsgi [/app] [/x]"},
                      {"//app//x", "wsgi /s/a.wsgi [/app] [/x]"},
                      {"/app/x/../y", "wsgi /s/a.wsgi [/app] [/y]"},
                      {"/app/app", "wsgi /s/a.wsgi [/app] [/app]"},
                      {"/apple", "error 404"},
                      {"/APP", "error 404"},
                      {"/ap", "error 404"}});
}

TEST(ScriptAlias, folder_with_slash_names_scripts) {
  World world;
  world.host().script_alias_list = {script_alias("/w/", "/s/")};
  expect_rows(world, {{"/w/b.wsgi/p", "wsgi /s/b.wsgi [/w/b.wsgi] [/p]"},
                      {"/w/b.wsgi", "wsgi /s/b.wsgi [/w/b.wsgi] []"},
                      {"/w/", "error 403"},
                      {"/w/none", "error 404"},
                      {"/w/missing/deep", "error 404"},
                      {"/w", "error 404"}});
  world.get("/w/none");
  EXPECT_EQ(world.detail(), "Target WSGI script not found or unable to stat: /s/none");
  world.get("/w/");
  EXPECT_EQ(world.detail(), "Attempt to invoke directory as WSGI application: /s/");
}

TEST(ScriptAlias, mismatched_slashes_map_as_written) {
  World world;
  world.host().script_alias_list = {script_alias("/app/", "/s/a.wsgi")};
  expect_rows(world, {{"/app/x", "error 404"}, {"/app/", "wsgi /s/a.wsgi [/app/] []"}});
  world.get("/app/x");
  EXPECT_EQ(world.detail(), "Target WSGI script not found or unable to stat: /s/a.wsgix");
}

TEST(ScriptAlias, folder_without_slash_redirects_to_it_then_denies) {
  World world;
  world.host().script_alias_list = {script_alias("/nd", "/s")};
  expect_rows(world, {{"/nd/b.wsgi/q", "wsgi /s/b.wsgi [/nd/b.wsgi] [/q]"},
                      {"/nd", "redirect http://www.example.com/nd/"},
                      {"/nd/", "error 403"}});
}

TEST(ScriptAlias, first_declared_wins) {
  World world;
  world.host().script_alias_list = {script_alias("/", "/s/a.wsgi"),
                                    script_alias("/wiki", "/s/b.wsgi")};
  EXPECT_EQ(world.answer("/wiki"), "wsgi /s/a.wsgi [] [/wiki]");
}

TEST(ScriptAlias, alias_may_hold_blanks_and_double_slashes) {
  World world;
  world.host().script_alias_list = {script_alias("/my app", "/s/a.wsgi"),
                                    script_alias("/d//e", "/s/b.wsgi")};
  expect_rows(world, {{"/my%20app/x", "wsgi /s/a.wsgi [/my app] [/x]"},
                      {"/d/e/x", "wsgi /s/b.wsgi [/d/e] [/x]"}});
}

TEST(ScriptAlias, the_configured_path_is_cleaned) {
  World world;
  world.host().script_alias_list = {script_alias("/", "/srv/x/../..//s/./a.wsgi")};
  EXPECT_EQ(world.answer("/p"), "wsgi /s/a.wsgi [] [/p]");
}

TEST(ScriptAliasMatch, substitutes_and_appends_the_tail) {
  World world;
  world.host().script_alias_list = {script_alias("^/w/([^/]+)", "/s/$1.wsgi", Alias::Kind::regex),
                                    script_alias("^/(adm|img)", "/s/h.py/$1", Alias::Kind::regex),
                                    script_alias("/mid/([a-z])", "/s/$1.wsgi", Alias::Kind::regex),
                                    script_alias("^/amp", "/s/a.wsgi&", Alias::Kind::regex),
                                    script_alias("^/extra", "/s/h.py/more", Alias::Kind::regex)};
  expect_rows(world, {{"/w/b/p", "wsgi /s/b.wsgi [/w/b] [/p]"},
                      {"/adm/z", "wsgi /s/h.py [] [/adm/z]"},
                      {"/pre/mid/b/tail", "wsgi /s/b.wsgi [/pre/mid/b] [/tail]"},
                      {"/w/none", "error 404"},
                      {"/extra/y", "wsgi /s/h.py [/extra] [/more/y]"},
                      {"/amp", "error 404"}});
  world.get("/amp");
  EXPECT_EQ(world.detail(), "Target WSGI script not found or unable to stat: /s/a.wsgi&");
  world.get("/w/b/bar?q=1");
  EXPECT_EQ(world.result.query, "q=1");
  EXPECT_EQ(world.text(), "wsgi /s/b.wsgi [/w/b] [/bar]");
}

TEST(Alias, wins_over_script_alias_wherever_it_is_written) {
  World world;
  world.host().script_alias_list = {script_alias("/", "/s/a.wsgi")};
  world.host().alias_list = {alias("/static/", "/srv/static/"), alias("/tr/", "/srv/t")};
  world.files.add("/srv/static/x.css");
  world.files.add("/srv/tb");
  expect_rows(world, {{"/static/x.css", "static /srv/static/x.css"},
                      {"/static/none.css", "error 404"},
                      {"/static", "wsgi /s/a.wsgi [] [/static]"},
                      {"/tr/b", "static /srv/tb"},
                      {"/static/x.css/y", "error 404"},
                      {"/static/x.css/", "error 404"}});
  world.get("/static/x.css");
  EXPECT_EQ(std::get<StaticTarget>(world.result.target).root, "/srv/static/");
}

TEST(AliasMatch, is_unanchored_and_replaces_the_whole_path) {
  World world;
  world.host().alias_list = {alias("/([^/]*\\.css)", "/srv/d/$1", Alias::Kind::regex)};
  world.files.add("/srv/d/x.css");
  expect_rows(world, {{"/deep/dir/x.css", "static /srv/d/x.css"},
                      {"/deep/x.css/tail", "static /srv/d/x.css"}});
}

TEST(DocumentRoot, serves_files_and_index) {
  World world;
  world.files.add("/srv/www/index.html");
  world.files.add("/srv/www/d/index.html");
  world.files.add("/srv/www/e/x.txt");
  world.files.add("/srv/www/fifo", FileKind::special);
  expect_rows(world, {{"/", "static /srv/www/index.html"},
                      {"/d/", "static /srv/www/d/index.html"},
                      {"/e/x.txt", "static /srv/www/e/x.txt"},
                      {"/e/", "error 403"},
                      {"/fifo", "error 403"},
                      {"/nothing", "error 404"},
                      {"/e/x.txt/info", "error 404"}});
  world.get("/e/x.txt");
  EXPECT_EQ(std::get<StaticTarget>(world.result.target).root, "/srv/www");
}

TEST(DocumentRoot, index_may_be_an_application) {
  World world;
  world.files.add("/srv/www/d", FileKind::directory);
  world.host().script_alias_list = {script_alias("/d/index.html", "/s/a.wsgi")};
  EXPECT_EQ(world.answer("/d/"), "wsgi /s/a.wsgi [/d/index.html] []");
}

TEST(Directory, redirect_keeps_query_host_and_port_and_escapes_the_path) {
  World world;
  world.files.add("/srv/www/d \xc3\xa9%?#", FileKind::directory);
  world.files.add("/srv/www/p", FileKind::directory);
  const std::string escaped = "/d%20%C3%A9%25%3F%23";
  EXPECT_EQ(world.answer(escaped + "?q=a%20b"),
            "redirect http://www.example.com/d%20%c3%a9%25%3f%23/?q=a%20b");
  world.ask("GET /p HTTP/1.1", "Host: WWW.Example.com:8080\n");
  EXPECT_EQ(world.text(), "redirect http://www.example.com:8080/p/");
  world.ask("POST /p HTTP/1.1", "Host: www.example.com\nContent-Length: 0\n");
  EXPECT_EQ(world.text(), "redirect http://www.example.com/p/");
  world.ask("GET /p HTTP/1.0", "");
  EXPECT_EQ(world.text(), "redirect http://www.example.com/p/");
  world.host().server_name.clear();
  world.local = test::address("2001:db8::1", 80);
  world.start();
  world.ask("GET /p HTTP/1.0", "");
  EXPECT_EQ(world.text(), "redirect http://[2001:db8::1]/p/");
  // Forwarded headers have no say in it (wsgi-hosting 5.5).
  EXPECT_EQ(world.answer("/p", "X-Forwarded-Host: evil\nX-Forwarded-Proto: https\n"),
            "redirect http://www.example.com/p/");
}

TEST(Directory, redirect_behind_our_proxy_names_what_the_client_used) {
  World world;
  world.host() = test::virtual_host("www.example.com", "8443");
  world.files.add("/srv/www/p", FileKind::directory);
  const std::string hop = world.behind_proxy("192.0.2.7", "203.0.113.1", 8443, true);
  world.ask("GET /p HTTP/1.1", "Host: www.example.com:8443\n" + hop);
  EXPECT_EQ(world.text(), "redirect https://www.example.com:8443/p/");
  world.ask("GET /p HTTP/1.1", "Host: www.example.com\n" + hop);
  EXPECT_EQ(world.text(), "redirect https://www.example.com/p/");
}

TEST(Walk, path_info_may_be_longer_than_any_path) {
  World world;
  world.host().script_alias_list = {script_alias("/", "/s/a.wsgi")};
  const std::string segment(300, 'x');
  EXPECT_EQ(world.answer("/" + segment), "wsgi /s/a.wsgi [] [/" + segment + "]");
  std::string path;
  while (path.size() < 7000) path += "/y";
  EXPECT_EQ(world.answer(path), "wsgi /s/a.wsgi [] [" + path + "]");
}

TEST(Walk, refuses_what_cannot_be_passed) {
  World world;
  world.files.add("/srv/www/secret", FileKind::denied);
  expect_rows(world, {{"/secret/x", "error 403"},
                      {"/secret", "error 403"},
                      {("/" + std::string(300, 'x')).c_str(), "error 403"}});
}

TEST(Walk, a_long_path_of_nothing_costs_few_looks) {
  World world;
  std::string path;
  while (path.size() < 4000) path += "/y";
  world.get(path);
  world.files.looks = 0;
  EXPECT_EQ(world.answer(path), "error 404");
  EXPECT_LE(world.files.looks, 4);
  world.host().script_alias_list = {script_alias("/", "/s/a.wsgi")};
  world.start();
  world.files.looks = 0;
  world.get(path);
  EXPECT_EQ(world.files.looks, 1);  // the script itself, which the real file system remembers
}

TEST(Url, is_decoded_once_and_kept_as_bytes) {
  World world;
  world.host().script_alias_list = {script_alias("/app", "/s/a.wsgi")};
  expect_rows(world, {{"/app/%41%20b", "wsgi /s/a.wsgi [/app] [/A b]"},
                      {"/app/\xc3\xa9", "wsgi /s/a.wsgi [/app] [/\xc3\xa9]"},
                      {"/app/%252F", "wsgi /s/a.wsgi [/app] [/%2F]"},
                      {"/app/%0A%3F%23%7F", "wsgi /s/a.wsgi [/app] [/\n?#\x7f]"},
                      {"/app/a%2Fb", "error 404"},
                      {"/app/%00", "error 400"},
                      {"/app/%zz", "error 400"},
                      {"/app/..%2f", "error 404"}});
}

TEST(Url, forms_and_methods) {
  World world;
  world.host().script_alias_list = {script_alias("/", "/s/a.wsgi")};
  const char* const host = "Host: www.example.com\n";
  struct Case {
    const char* line;
    const char* expected;
  };
  const Case cases[] = {
      {"OPTIONS * HTTP/1.1", "options"},
      {"GET * HTTP/1.1", "error 400"},
      {"GET x HTTP/1.1", "error 400"},
      {"GET /a#b HTTP/1.1", "error 400"},
      {"GET ftp://www.example.com/ HTTP/1.1", "error 400"},
      {"CONNECT h:80 HTTP/1.1", "error 405"},
      {"CONNECT /x HTTP/1.1", "error 400"},
      {"TRACE / HTTP/1.1", "error 405"},
      {"OPTIONS /x HTTP/1.1", "wsgi /s/a.wsgi [] [/x]"},
      {"get /x HTTP/1.1", "wsgi /s/a.wsgi [] [/x]"},
      {"BREW /x HTTP/1.1", "wsgi /s/a.wsgi [] [/x]"},
      {"GET HTTP://www.example.com/x HTTP/1.1", "wsgi /s/a.wsgi [] [/x]"},
  };
  for (const Case& c : cases) {
    world.ask(c.line, host);
    EXPECT_EQ(world.text(), c.expected) << c.line;
  }
}

TEST(MapResult, keeps_nothing_of_a_former_request) {
  World world;
  world.host().script_alias_list = {script_alias("/app", "/s/a.wsgi")};
  world.get("/app/x?q=1", "X-Forwarded-For: 1.1.1.1\n");
  world.ask("GET /none HTTP/1.0", "");
  EXPECT_EQ(world.text(), "error 404");
  EXPECT_EQ(world.result.query, "");
  EXPECT_FALSE(world.result.has_query);
  EXPECT_EQ(world.result.authority, "");
  EXPECT_EQ(world.result.application_group, "");
  EXPECT_FALSE(world.result.site->script.has_value());
  world.ask("GET /%00 HTTP/1.1", "Host: www.example.com\n");
  EXPECT_EQ(world.result.site, nullptr);
  EXPECT_EQ(world.result.host->server_name, "www.example.com");
}

TEST(Mapper, refuses_a_bad_expression_at_start) {
  World world;
  world.host().alias_list = {alias("^/(x", "/srv/$1", Alias::Kind::regex)};
  world.start();
  EXPECT_EQ(world.mapper, nullptr);
  EXPECT_NE(world.start_error.find("bad regular expression"), std::string::npos);
}

}  // namespace
}  // namespace appserver::mapping
