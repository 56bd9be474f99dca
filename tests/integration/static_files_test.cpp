// SPDX-License-Identifier: Apache-2.0
// Files as a browser and its cache ask for them.
#include "tests/integration/sites.hpp"
#include "tests/support/servers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tests::integration {
namespace {

using support::AppServer;
using support::HttpResponse;

class StaticFiles : public testing::Test {
 protected:
  StaticFiles() : server_(static_site() + "TypesConfig /etc/mime.types\n") {
    server_.dir().write("files/a.txt", "0123456789");
    server_.dir().write("files/page.html", "<p>");
  }
  AppServer server_;
};

TEST_F(StaticFiles, a_file_comes_with_type_length_and_validators) {
  const HttpResponse response = server_.get("/files/a.txt");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "0123456789");
  EXPECT_EQ(response.field("Content-Type"), "text/plain");
  EXPECT_EQ(response.field("Content-Length"), "10");
  EXPECT_TRUE(response.field("ETag"));
  EXPECT_TRUE(response.field("Last-Modified"));
  EXPECT_EQ(response.count("Date"), 1U);
  EXPECT_EQ(server_.get("/files/page.html").field("Content-Type"), "text/html");
}

TEST_F(StaticFiles, an_unchanged_file_is_not_sent_again) {
  const HttpResponse first = server_.get("/files/a.txt");
  const std::string tag = *first.field("ETag");
  const std::string date = *first.field("Last-Modified");
  EXPECT_EQ(server_.get("/files/a.txt", "If-None-Match: " + tag + "\r\n").status, 304);
  EXPECT_EQ(server_.get("/files/a.txt", "If-None-Match: \"other\", " + tag + "\r\n").status, 304);
  EXPECT_EQ(server_.get("/files/a.txt", "If-Modified-Since: " + date + "\r\n").status, 304);
  EXPECT_EQ(
      server_.get("/files/a.txt", "If-None-Match: \"other\"\r\nIf-Modified-Since: " + date + "\r\n")
          .status,
      200)
      << "the tag decides where there is one";
  EXPECT_EQ(server_.get("/files/a.txt", "If-Match: \"other\"\r\n").status, 412);
  EXPECT_EQ(server_.get("/files/a.txt", "If-None-Match: " + tag + "\r\n").field("ETag"), tag);
}

TEST_F(StaticFiles, one_range_is_cut_out) {
  struct {
    const char* range;
    int status;
    const char* body;
    const char* content_range;
  } const cases[] = {
      {"bytes=0-0", 206, "0", "bytes 0-0/10"},       {"bytes=2-4", 206, "234", "bytes 2-4/10"},
      {"bytes=7-", 206, "789", "bytes 7-9/10"},      {"bytes=-3", 206, "789", "bytes 7-9/10"},
      {"bytes=5-100", 206, "56789", "bytes 5-9/10"}, {"bytes=10-", 416, nullptr, "bytes */10"},
      {"lines=1-2", 200, "0123456789", nullptr},     {"bytes=4-2", 200, "0123456789", nullptr},
  };
  for (const auto& c : cases) {
    const HttpResponse response =
        server_.get("/files/a.txt", std::string("Range: ") + c.range + "\r\n");
    EXPECT_EQ(response.status, c.status) << c.range;
    EXPECT_EQ(response.body, c.body != nullptr ? c.body : response.body) << c.range;
    EXPECT_EQ(response.field("Content-Range"),
              c.content_range ? std::optional<std::string>(c.content_range) : std::nullopt)
        << c.range;
  }
  EXPECT_EQ(server_.get("/files/a.txt", "Range: bytes=0-1\r\nIf-Range: \"other\"\r\n").status, 200);
}

TEST_F(StaticFiles, a_large_file_arrives_whole_though_the_reader_is_slow) {
  std::string content(24 << 20, '\0');
  for (std::size_t i = 0; i < content.size(); ++i)
    content[i] = static_cast<char>(i * 2654435761U >> 13U);
  server_.dir().write("files/big.bin", content);
  support::RawClient client = server_.connect();
  client.shrink_receive_buffer(4096);
  ASSERT_TRUE(client.send("GET /files/big.bin HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  const HttpResponse response = client.read_response();
  EXPECT_TRUE(response.complete);
  EXPECT_TRUE(response.body == content);
}

TEST_F(StaticFiles, a_file_that_was_replaced_is_served_anew) {
  EXPECT_EQ(server_.get("/files/a.txt").body, "0123456789");
  server_.dir().write("files/new", "replaced, and longer");
  ASSERT_EQ(
      ::rename(server_.dir().path("files/new").c_str(), server_.dir().path("files/a.txt").c_str()),
      0);
  EXPECT_TRUE(support::eventually(
      [&] { return server_.get("/files/a.txt").body == "replaced, and longer"; },
      std::chrono::seconds(3)));
}

TEST_F(StaticFiles, what_cannot_be_served_is_refused) {
  EXPECT_EQ(server_.get("/files/none").status, 404);
  EXPECT_EQ(server_.get("/nowhere").status, 404);
  EXPECT_EQ(server_.get("/files/a.txt/more").status, 404);
  const HttpResponse put = support::fetch(server_.endpoint(), "PUT", "/files/a.txt", "", "x");
  EXPECT_EQ(put.status, 405);
  EXPECT_THAT(put.field("Allow").value_or(""), testing::HasSubstr("GET"));
  EXPECT_EQ(support::fetch(server_.endpoint(), "FOO", "/files/a.txt").status, 501);
}

TEST_F(StaticFiles, what_is_not_granted_is_denied) {
  const AppServer closed(
      "Alias /files/ ${DIR}/files/\n<Directory ${DIR}/files>\n  Require all granted\n"
      "  <Files secret.txt>\n    Require all denied\n  </Files>\n</Directory>\n"
      "Alias /other/ ${DIR}/other/\n");
  closed.dir().write("files/open.txt", "open");
  closed.dir().write("files/secret.txt", "secret");
  closed.dir().write("other/x.txt", "x");
  EXPECT_EQ(closed.get("/files/open.txt").status, 200);
  EXPECT_EQ(closed.get("/files/secret.txt").status, 403);
  EXPECT_EQ(closed.get("/other/x.txt").status, 403) << "nothing grants this folder";
}

}  // namespace
}  // namespace tests::integration
