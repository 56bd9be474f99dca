// SPDX-License-Identifier: Apache-2.0
#include "base/config/source_file.hpp"

#include "base/config/reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace base::config {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SourceFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "gh-config-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const std::string& name, const std::string& text = "") const {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (root_ / name).string(); }

  /// Found names below the root, or the error.
  [[nodiscard]] std::vector<std::string> found(const std::string& pattern) const {
    const auto files = include_files(path(pattern));
    if (!files) return {without_root(files.error().detail)};
    std::vector<std::string> out;
    for (const auto& file : *files) out.push_back(without_root(file));
    return out;
  }
  [[nodiscard]] std::string without_root(std::string text) const {
    const std::string here = root_.string() + "/";
    for (std::size_t at = text.find(here); at != std::string::npos; at = text.find(here)) {
      text.erase(at, here.size());
    }
    return text;
  }

  struct Read {
    std::vector<std::string> names;
    std::vector<std::string> errors;
  };
  [[nodiscard]] Read read(const std::string& name) const {
    ReaderOptions options;
    options.vocabulary = {[](std::string_view) { return true; },
                          [](std::string_view) { return true; },
                          [](std::string_view) { return WordStyle::words; }};
    Report report;
    Reader reader(std::move(options), report);
    reader.read_file(path(name));
    Read out;
    for (const Node& node : reader.tree().children) out.names.push_back(node.name);
    for (const auto& error : report.errors()) out.errors.push_back(without_root(error));
    return out;
  }

  fs::path root_;
};

TEST_F(SourceFiles, globs_match_in_order_of_bytes) {
  for (const char* name :
       {"b.conf", "a.conf", "B.conf", ".hidden.conf", "c.txt", "d/x.conf", "e/x.conf"}) {
    write(name);
  }
  EXPECT_THAT(found("*.conf"), ElementsAre("B.conf", "a.conf", "b.conf"));
  EXPECT_THAT(found("[ab].conf"), ElementsAre("a.conf", "b.conf"));
  EXPECT_THAT(found("*/x.conf"), ElementsAre("d/x.conf", "e/x.conf"));
  EXPECT_THAT(found("?/*.conf"), ElementsAre("d/x.conf", "e/x.conf"));
  EXPECT_THAT(found("a.conf"), ElementsAre("a.conf"));
}

TEST_F(SourceFiles, a_folder_is_read_whole) {
  for (const char* name : {"d/b", "d/a/z.conf", "d/a/.x", "d/c~"}) write(name);
  EXPECT_THAT(found("d"), ElementsAre("d/a/.x", "d/a/z.conf", "d/b", "d/c~"));
}

TEST_F(SourceFiles, nothing_found_is_an_error_that_says_so) {
  fs::create_directories(root_ / "empty");
  EXPECT_THAT(found("x.conf"), ElementsAre("no such file: x.conf"));
  EXPECT_THAT(found("*.conf"), ElementsAre("no file matches *.conf"));
  EXPECT_THAT(found("none/*.conf"), ElementsAre("no file matches none/*.conf"));
  EXPECT_THAT(found("empty"), ElementsAre("no file below empty"));
  EXPECT_EQ(include_files("").error().detail, "expected a file name, got \"\"");
}

TEST_F(SourceFiles, what_cannot_be_read_is_an_error) {
  fs::create_directories(root_ / "d");
  EXPECT_THAT(without_root(read_source(path("none")).error().detail),
              testing::StartsWith("cannot open none: "));
  EXPECT_EQ(without_root(read_source(path("d")).error().detail), "d is a directory");
  write("big");
  fs::resize_file(root_ / "big", kMaxFileBytes + 1);
  EXPECT_EQ(without_root(read_source(path("big")).error().detail),
            "big is larger than 16777216 bytes");
}

TEST_F(SourceFiles, a_pipe_without_writer_does_not_hold_up) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(read_source(path("pipe")).value_or("error"), "");
}

TEST_F(SourceFiles, links_in_a_circle_end) {
  write("d/a.conf");
  fs::create_directory_symlink("..", root_ / "d/up");
  const auto files = include_files(path("d"));
  ASSERT_FALSE(files);
  EXPECT_THAT(files.error().detail, HasSubstr("directories are nested more than 20 deep"));
}

TEST_F(SourceFiles, includes_are_read_in_their_place) {
  write("main.conf",
        "A\nInclude sub/*.conf\nB\nIncludeOptional none/*.conf\n<S>\nInclude sub/c.inc\n</S>\n");
  write("sub/1.conf", "One");
  write("sub/2.conf", "Two\nInclude sub/c.inc\n");
  write("sub/c.inc", "C\n");
  const Read got = read("main.conf");
  EXPECT_THAT(got.names, ElementsAre("A", "One", "Two", "C", "B", "S"));
  EXPECT_THAT(got.errors, IsEmpty());
}

TEST_F(SourceFiles, a_circle_of_includes_is_named) {
  write("a.conf", "Include b.conf\nA\n");
  write("b.conf", "Include a.conf\nB\n");
  const Read got = read("a.conf");
  EXPECT_THAT(got.names, ElementsAre("B", "A"));
  EXPECT_THAT(got.errors,
              ElementsAre("b.conf:1: Include: a file includes itself: a.conf -> b.conf -> a.conf"));
}

TEST_F(SourceFiles, includes_have_a_depth) {
  for (std::size_t i = 0; i < kMaxIncludeDepth + 2; ++i) {
    write(std::to_string(i), "Include " + std::to_string(i + 1) + "\n");
  }
  EXPECT_THAT(read("0").errors,
              ElementsAre("15:1: Include: includes are nested more than 16 deep: 16 is not read"));
}

TEST_F(SourceFiles, a_section_ends_in_its_own_file) {
  write("a.conf", "<A>\nInclude b.conf\n</A>\n");
  write("b.conf", "</A>\n<B>\n");
  const Read got = read("a.conf");
  EXPECT_THAT(got.names, ElementsAre("A"));
  EXPECT_THAT(got.errors,
              ElementsAre("b.conf:1: </A>: no section <A> is open here",
                          "b.conf:2: <B>: the section is not closed: no </B> before the end of the "
                          "file (line 2)"));
}

TEST_F(SourceFiles, server_root_moves_later_includes) {
  write("main.conf", "ServerRoot " + path("root") + "\nInclude x.conf\n");
  write("root/x.conf", "X\n");
  write("x.conf", "Wrong\n");
  EXPECT_THAT(read("main.conf").names, ElementsAre("X"));
}

TEST_F(SourceFiles, a_binary_file_among_others_is_one_error) {
  write("main.conf", "Include d\nA\n");
  write("d/1", "One\n");
  write("d/2.png", std::string("\x89PNG\r\n\x1a\n\0\0", 10));
  write("d/3", "Three\n");
  const Read got = read("main.conf");
  EXPECT_THAT(got.names, ElementsAre("One", "Three", "A"));
  EXPECT_THAT(got.errors,
              ElementsAre("d/2.png:2: not a text file: it contains control characters"));
}

}  // namespace
}  // namespace base::config
