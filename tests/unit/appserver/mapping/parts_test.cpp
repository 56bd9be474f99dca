// SPDX-License-Identifier: Apache-2.0
// Globs, regular expressions, prefixes and the remembering file system.
#include "appserver/mapping/alias_map.hpp"
#include "appserver/mapping/file_walk.hpp"
#include "appserver/mapping/glob.hpp"
#include "appserver/mapping/regex.hpp"
#include "appserver/mapping/script_map.hpp"
#include "tests/unit/appserver/mapping/world.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

namespace appserver::mapping {
namespace {

TEST(Glob, matches_as_sections_mean_it) {
  struct Case {
    const char* pattern;
    const char* text;
    bool matches;
  };
  const Case cases[] = {
      {"", "", true},         {"", "a", false},       {"*", "", true},
      {"*", "abc", true},     {"*", "a/b", false},    {"a*c", "abbbc", true},
      {"a*c", "ab/c", false}, {"*/*", "a/b", true},   {"*a*b/c*", "xaxb/cd", true},
      {"*b", "abab", true},   {"?", "a", true},       {"?", "/", false},
      {"?", "", false},       {"[abc]", "b", true},   {"[abc]", "d", false},
      {"[a-c]x", "bx", true}, {"[!a-c]", "b", false}, {"[^a-c]", "d", true},
      {"[!a]", "/", false},   {"[]a]", "]", true},    {"[a-]", "-", true},
      {"[a", "[a", true},     {"\\*", "*", true},     {"\\*", "a", false},
      {"a\\", "a\\", true},   {"[\\]]", "]", true},   {"*.txt", ".txt", true},
      {"A", "a", false},      {"**a", "ba", true},    {"[z-a]", "m", false},
  };
  for (const Case& c : cases)
    EXPECT_EQ(glob_match(c.pattern, c.text), c.matches) << c.pattern << " " << c.text;
}

TEST(Glob, host_wildcards_cross_dots) {
  EXPECT_TRUE(wildcard_match("*.a.example", "x.y.a.example"));
  EXPECT_FALSE(wildcard_match("*.a.example", "a.example"));
  EXPECT_TRUE(wildcard_match("w?w.example", "www.example"));
  EXPECT_TRUE(wildcard_match("*", ""));
  EXPECT_FALSE(wildcard_match("?", ""));
  EXPECT_TRUE(wildcard_match("a*b*c", "aXbYbZc"));
}

TEST(GlobAttack, many_stars_stay_cheap) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  // Exponential matchers would not come back from this.
  EXPECT_FALSE(glob_match(pattern + "b", std::string(8000, 'a')));
  EXPECT_FALSE(wildcard_match(pattern + "b", std::string(8000, 'a')));
}

TEST(Regex, is_apaches_dialect) {
  struct Case {
    const char* pattern;
    const char* subject;
    bool matches;
  };
  const Case cases[] = {{"b", "abc", true},
                        {"^b", "abc", false},
                        {"a.c", "a\nc", true},
                        {"c$", "abc\n", false},
                        {"B", "b", false},
                        {"(?i)B", "b", true},
                        {"\\.(css|js)$", "x.js", true},
                        {"\xe9", "\xe9", true}};
  for (const Case& c : cases) {
    const auto regex = Regex::compile(c.pattern);
    ASSERT_TRUE(regex) << c.pattern;
    EXPECT_EQ(regex->match(c.subject), c.matches ? MatchStatus::yes : MatchStatus::no) << c.pattern;
  }
  EXPECT_FALSE(Regex::compile("(a"));
  EXPECT_FALSE(Regex::compile("(*UTF)a"));
}

TEST(Regex, substitution) {
  const auto regex = Regex::compile("([a-z])([0-9])?(x)?");
  ASSERT_TRUE(regex);
  Captures captures;
  ASSERT_EQ(regex->match("--a7/tail", &captures), MatchStatus::yes);
  EXPECT_EQ(captures.end, 4U);
  std::string out;
  substitute(out, "/$1-$2-$3-$9|$0|$|$x|\\$1|\\&|&|\\n", captures);
  EXPECT_EQ(out, "/a-7--|a7|$|$x|$1|&|&|\\n");
}

TEST(Prefix, matches_segments_and_runs) {
  struct Case {
    const char* from;
    const char* path;
    int matched;  // -1: not
  };
  const Case cases[] = {{"/app", "/app", 4},   {"/app", "/app/", 4},   {"/app", "/apple", -1},
                        {"/app/", "/app", -1}, {"/app/", "/app/x", 5}, {"/app/", "/app//x", 6},
                        {"/", "/x", 1},        {"/a//b", "/a/b", 4},   {"/a/b", "/a///b", 6},
                        {"/app", "/ap", -1},   {"/app", "/", -1}};
  for (const Case& c : cases) {
    const auto matched = match_prefix(c.from, c.path);
    EXPECT_EQ(matched ? static_cast<int>(*matched) : -1, c.matched) << c.from << " " << c.path;
  }
}

TEST(CleanPath, resolves_textually) {
  struct Case {
    const char* path;
    const char* expected;
  };
  const Case cases[] = {{"/a//b/./c/../d", "/a/b/d"},
                        {"/a/b/", "/a/b/"},
                        {"/", "/"},
                        {"/..", "/"},
                        {"/a/..", "/"},
                        {"", ""},
                        {"a/b", "a/b"}};
  for (const Case& c : cases) EXPECT_EQ(clean_path(c.path), c.expected) << c.path;
}

TEST(ScriptName, is_the_path_without_the_path_info) {
  struct Case {
    const char* path;
    const char* info;
    const char* expected;
  };
  const Case cases[] = {{"/app/x", "/x", "/app"}, {"/app", "", "/app"},      {"/", "/", ""},
                        {"/x", "/x", ""},         {"/a/x", "/more/x", "/a"}, {"/ax", "/x", "/ax"},
                        {"/a", "/b/a", ""}};
  for (const Case& c : cases)
    EXPECT_EQ(std::string_view(c.path).substr(0, script_name_length(c.path, c.info)), c.expected)
        << c.path << " " << c.info;
}

TEST(Walk, ends_where_the_disk_does) {
  test::FakeFiles files;
  files.add("/srv/d/f");
  files.add("/srv/no", FileKind::denied);
  struct Case {
    const char* path;
    FileKind kind;
    std::size_t end;
  };
  const Case cases[] = {{"/srv/d/f", FileKind::file, 8},      {"/srv/d/f/x/y", FileKind::file, 8},
                        {"/srv/d", FileKind::directory, 6},   {"/srv/d/", FileKind::directory, 7},
                        {"/srv/d/n/x", FileKind::missing, 8}, {"/none/x", FileKind::missing, 5},
                        {"/srv/no/x", FileKind::denied, 7},   {"/", FileKind::directory, 1}};
  for (const Case& c : cases)
    for (const std::size_t start : {std::size_t{0}, std::size_t{4}}) {
      if (start > std::string_view(c.path).size()) continue;
      const Walk down = walk_down(files, c.path, start);
      const Walk whole = walk_whole(files, c.path, start);
      EXPECT_EQ(down.kind, c.kind) << c.path;
      EXPECT_EQ(down.end, c.end) << c.path;
      EXPECT_EQ(whole.kind, c.kind) << c.path;
      EXPECT_EQ(whole.end, c.end) << c.path;
    }
}

class Disk : public testing::Test {
 protected:
  Disk() {
    std::string name = (std::filesystem::temp_directory_path() / "gh-XXXXXX").string();
    root = ::mkdtemp(name.data());
  }
  ~Disk() override { std::filesystem::remove_all(root); }
  void write(const std::string& name) { std::ofstream(root + name) << "x"; }

  std::string root;
  CachedFileSystem::TimePoint now;
  CachedFileSystem files{[this] { return now; }};
};

TEST_F(Disk, tells_kinds_apart) {
  write("/f");
  std::filesystem::create_directory(root + "/d");
  std::filesystem::create_symlink(root + "/f", root + "/link");
  std::filesystem::create_symlink(root + "/loop", root + "/loop");
  ASSERT_EQ(::mkfifo((root + "/fifo").c_str(), 0600), 0);
  struct Case {
    std::string name;
    FileKind kind;
  };
  const Case cases[] = {
      {"/f", FileKind::file},       {"/f/", FileKind::missing},
      {"/f/x", FileKind::missing},  {"/d", FileKind::directory},
      {"/d/", FileKind::directory}, {"/link", FileKind::file},
      {"/none", FileKind::missing}, {"/fifo", FileKind::special},
      {"/loop", FileKind::denied},  {"/" + std::string(300, 'x'), FileKind::too_long}};
  for (const Case& c : cases) {
    EXPECT_EQ(files.kind(root + c.name), c.kind) << c.name;
    EXPECT_EQ(files.kind(root + c.name), c.kind) << c.name << " again";
  }
}

TEST_F(Disk, remembers_what_exists_for_a_second_at_most) {
  write("/f");
  EXPECT_EQ(files.kind(root + "/f"), FileKind::file);
  std::filesystem::remove(root + "/f");
  now += std::chrono::milliseconds(999);
  EXPECT_EQ(files.kind(root + "/f"), FileKind::file);
  now += std::chrono::milliseconds(1);
  EXPECT_EQ(files.kind(root + "/f"), FileKind::missing);
  write("/f");  // what was missing is seen at once
  EXPECT_EQ(files.kind(root + "/f"), FileKind::file);
}

TEST(SiteCache, is_bounded_and_keeps_what_is_used) {
  SiteCache cache;
  const auto site = std::make_shared<Site>();
  cache.add("used", site);
  for (std::size_t i = 0; i < 5 * SiteCache::kGenerationEntries; ++i) {
    cache.add("key" + std::to_string(i), std::make_shared<Site>());
    ASSERT_LE(cache.size(), 2 * SiteCache::kGenerationEntries);
    if (i % 100 == 0) {
      ASSERT_EQ(cache.find("used"), site);
    }
  }
  EXPECT_EQ(cache.find("key0"), nullptr);
}

}  // namespace
}  // namespace appserver::mapping
