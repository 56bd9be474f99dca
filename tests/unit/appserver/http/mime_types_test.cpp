// SPDX-License-Identifier: Apache-2.0
// Media types by extension (wsgi-hosting 7.5).
#include "appserver/http/mime_types.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <string>

namespace appserver::http {
namespace {

constexpr std::string_view kFile =
    "# comment\n"
    "text/plain\t\t\ttxt asc\n"
    "text/html html HTM # and a comment\n"
    "application/gzip gz\r\n"
    "application/x-empty\n"
    "\n"
    "text/css css\n"
    "text/x-later css\n"
    "image/svg+xml svg svgz\n"
    "notatype bad1\n"
    "text/ bad2\n"
    "/plain bad3\n"
    "te\x01xt/plain bad4\n"
    "text/a:b bad5\n"
    "text/last last";

TEST(MimeTypes, by_extension) {
  const MimeTypes types = MimeTypes::parse(kFile);
  const std::pair<std::string, std::string> rows[] = {
      {"a.txt", "text/plain"},
      {"a.TXT", "text/plain"},
      {"a.asc", "text/plain"},
      {"a.htm", "text/html"},
      {"a.css", "text/x-later"},
      {"a.svg", "image/svg+xml"},
      {"a.last", "text/last"},
      {"a.txt.zzz", "text/plain"},
      {"x.html.gz", "application/gzip"},
      {"x.gz.html", "text/html"},
      {".a.txt", "text/plain"},
      {"a..txt", "text/plain"},
      {"a.txt.", "text/plain"},
      {"a", ""},
      {"txt", ""},
      {".txt", ""},
      {"a.", ""},
      {"a.zzz", ""},
      {"", ""},
      {"a.bad1", ""},
      {"a.bad2", ""},
      {"a.bad3", ""},
      {"a.bad4", ""},
      {"a.bad5", ""},
      {"a.comment", ""},
      {"a." + std::string(300, 'x'), ""},
  };
  for (const auto& [name, type] : rows) EXPECT_EQ(types.type_of(name), type) << name;
}

TEST(MimeTypes, are_read_from_a_file) {
  const std::string path = ::testing::TempDir() + "gh_mime_types_" + std::to_string(::getpid());
  std::ofstream(path) << kFile;
  const auto types = MimeTypes::read(path);
  std::remove(path.c_str());
  ASSERT_TRUE(types);
  EXPECT_EQ(types->type_of("a.html"), "text/html");
  const auto missing = MimeTypes::read(path);
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().detail.find(path), std::string::npos);
}

}  // namespace
}  // namespace appserver::http
