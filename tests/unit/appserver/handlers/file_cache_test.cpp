// SPDX-License-Identifier: Apache-2.0
// The cache: believed for a second, looked at afterwards, bounded in entries and memory.
#include "appserver/handlers/file_cache.hpp"

#include "site.hpp"

namespace appserver::handlers {
namespace {

class Cache : public Site {
 protected:
  FileCache::Found find(FileCache& cache, const std::string& name) {
    const std::string file = path(name);
    return cache.find({file, root_.size(), symlinks_}, now_, wall_us_);
  }
};

TEST_F(Cache, believes_an_entry_for_a_second) {
  write("a.txt", "old");
  FileCache cache(types_);
  const auto first = find(cache, "a.txt");
  write("a.txt", "newer", kFileTime + 1);
  now_ += std::chrono::milliseconds(999);
  EXPECT_EQ(find(cache, "a.txt").file, first.file);
  now_ += std::chrono::milliseconds(1);
  const auto second = find(cache, "a.txt");
  EXPECT_EQ(second.file->content, "newer");
  EXPECT_EQ(first.file->content, "old") << "an answer under way keeps what it began with";
}

TEST_F(Cache, keeps_an_unchanged_file) {
  write("a.txt", "same");
  FileCache cache(types_);
  const auto first = find(cache, "a.txt");
  now_ += std::chrono::seconds(5);
  EXPECT_EQ(find(cache, "a.txt").file, first.file);
}

TEST_F(Cache, notices_each_kind_of_change) {
  const std::pair<const char*, std::function<void()>> changes[] = {
      {"time", [&] { set_time("a.txt", kFileTime, 1000); }},
      {"content, size and time as before", [&] { write("a.txt", "2222"); }},
      {"replaced by rename",
       [&] {
         write("b.txt", "3333");
         std::filesystem::rename(path("b.txt"), path("a.txt"));
       }},
      {"permissions", [&] { ::chmod(path("a.txt").c_str(), 0640); }},
  };
  for (const auto& [name, change] : changes) {
    write("a.txt", "1111");
    FileCache cache(types_);
    const auto first = find(cache, "a.txt");
    change();
    now_ += std::chrono::seconds(2);
    EXPECT_NE(find(cache, "a.txt").file, first.file) << name;
  }
}

TEST_F(Cache, notices_that_a_file_is_gone_or_became_a_directory) {
  write("a.txt", "x");
  FileCache cache(types_);
  EXPECT_EQ(find(cache, "a.txt").status, 200);
  std::filesystem::remove(path("a.txt"));
  now_ += std::chrono::seconds(2);
  EXPECT_EQ(find(cache, "a.txt").status, 404);
  EXPECT_EQ(cache.entries(), 0U);
  EXPECT_EQ(cache.memory_bytes(), 0U);
  std::filesystem::create_directories(path("a.txt"));
  EXPECT_TRUE(find(cache, "a.txt").is_directory);
  write("b.txt", "x");
  EXPECT_EQ(find(cache, "b.txt").status, 200) << "what was missing is seen at once";
}

TEST_F(Cache, looks_again_for_links_where_they_are_refused) {
  write("d/a.txt", "x");
  symlinks_ = Symlinks::refuse;
  FileCache cache(types_);
  EXPECT_EQ(find(cache, "d/a.txt").status, 200);
  std::filesystem::rename(path("d"), path("e"));
  std::filesystem::create_directory_symlink("e", path("d"));
  now_ += std::chrono::seconds(2);
  EXPECT_EQ(find(cache, "d/a.txt").status, 403);
  symlinks_ = Symlinks::follow;
  EXPECT_EQ(find(cache, "d/a.txt").status, 200);
  symlinks_ = Symlinks::refuse;
  EXPECT_EQ(find(cache, "d/a.txt").status, 403) << "the permissive entry is another one";
}

TEST_F(Cache, drops_the_entry_unused_for_longest) {
  FileCacheLimits limits;
  limits.entries = 3;
  FileCache cache(types_, limits);
  for (const auto* name : {"1", "2", "3", "4"}) write(name, name);
  const auto one = find(cache, "1");
  const auto two = find(cache, "2");
  const auto three = find(cache, "3");
  EXPECT_EQ(find(cache, "1").file, one.file);
  (void)find(cache, "4");
  EXPECT_EQ(cache.entries(), 3U);
  EXPECT_EQ(find(cache, "1").file, one.file);
  EXPECT_EQ(find(cache, "3").file, three.file);
  EXPECT_NE(find(cache, "2").file, two.file);
}

TEST_F(Cache, bounds_the_memory_of_contents) {
  FileCacheLimits limits;
  limits.in_memory_file_bytes = 100;
  limits.memory_bytes = 250;
  FileCache cache(types_, limits);
  for (int i = 0; i < 10; ++i) {
    write(std::to_string(i), std::string(100, 'x'));
    const auto found = find(cache, std::to_string(i));
    ASSERT_EQ(found.status, 200);
    EXPECT_TRUE(found.file->in_memory);
    EXPECT_FALSE(found.file->fd.valid()) << "no descriptor is held for it";
    EXPECT_LE(cache.memory_bytes(), 250U);
  }
  EXPECT_EQ(cache.entries(), 2U);
  write("big", std::string(101, 'x'));
  const auto big = find(cache, "big");
  EXPECT_FALSE(big.file->in_memory);
  EXPECT_TRUE(big.file->fd.valid());
  EXPECT_EQ(cache.memory_bytes(), 200U);
}

TEST_F(Cache, many_files_in_and_out) {
  FileCacheLimits limits;
  limits.entries = 7;
  FileCache cache(types_, limits);
  for (int i = 0; i < 20; ++i) write(std::to_string(i), std::to_string(i));
  unsigned state = 1;
  for (int i = 0; i < 2000; ++i) {
    state = state * 1103515245U + 12345U;
    const std::string name = std::to_string(state / 65536 % 20);
    const auto found = find(cache, name);
    ASSERT_EQ(found.status, 200);
    ASSERT_EQ(found.file->content, name);
    if (i % 50 == 0) now_ += std::chrono::seconds(1);
    ASSERT_LE(cache.entries(), 7U);
  }
}

TEST_F(Cache, refuses_names_that_are_no_paths) {
  FileCache cache(types_);
  for (const std::string_view name :
       {std::string_view("relative"), std::string_view(""), std::string_view("/a\0b", 4)})
    EXPECT_EQ(cache.find({name, 0, Symlinks::follow}, now_, wall_us_).status, 403);
}

}  // namespace
}  // namespace appserver::handlers
