// SPDX-License-Identifier: Apache-2.0
// Bodies: from memory or by descriptor, ranges, multipart (wsgi-hosting 7.4, 10.92).
#include "site.hpp"

namespace appserver::handlers {
namespace {

std::string hundred() {
  std::string out;
  for (int i = 0; i < 100; ++i) out += static_cast<char>('A' + i % 26);
  return out;
}

TEST_F(Site, large_file_goes_by_descriptor) {
  const std::string content(limits_.in_memory_file_bytes + 1, 'x');
  write("big", content);
  const Reply reply = ask("GET", "/big");
  EXPECT_EQ(reply.answer.body, StaticAnswer::Body::file);
  EXPECT_EQ(reply.answer.offset, 0U);
  EXPECT_EQ(reply.answer.length, content.size());
  EXPECT_EQ(reply.body, content);
  const Reply part = ask("GET", "/big", "Range: bytes=-5\r\n");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.answer.body, StaticAnswer::Body::file);
  EXPECT_EQ(part.answer.offset, content.size() - 5);
  EXPECT_EQ(part.answer.length, 5U);
}

TEST_F(Site, file_at_the_limit_stays_in_memory) {
  write("small", std::string(limits_.in_memory_file_bytes, 'x'));
  EXPECT_EQ(ask("GET", "/small").answer.body, StaticAnswer::Body::memory);
}

TEST_F(Site, empty_file) {
  write("empty.txt", "");
  const Reply reply = ask("GET", "/empty.txt", "Range: bytes=0-\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.content_length, 0U);
  EXPECT_EQ(reply.answer.body, StaticAnswer::Body::none);
}

TEST_F(Site, single_ranges) {
  const std::string content = hundred();
  write("a.txt", content);
  const std::tuple<const char*, const char*, std::string> rows[] = {
      {"bytes=0-", "bytes 0-99/100", content},
      {"bytes=0-99", "bytes 0-99/100", content},
      {"bytes=-500", "bytes 0-99/100", content},
      {"bytes=0-0", "bytes 0-0/100", "A"},
      {"bytes=10-19", "bytes 10-19/100", content.substr(10, 10)},
      {"bytes=95-1000", "bytes 95-99/100", content.substr(95)},
      {"bytes=0-10,5-20", "bytes 0-20/100", content.substr(0, 21)},
  };
  for (const auto& [range, content_range, body] : rows) {
    for (const auto* method : {"GET", "POST", "HEAD"}) {
      const Reply reply = ask(method, "/a.txt", std::string("Range: ") + range + "\r\n");
      EXPECT_EQ(reply.status, 206) << range;
      EXPECT_EQ(field(reply, "Content-Range"), content_range) << range;
      EXPECT_EQ(field(reply, "Content-Type"), "text/plain");
      EXPECT_NE(field(reply, "ETag"), "-");
      EXPECT_EQ(reply.content_length, body.size()) << range;
      EXPECT_EQ(reply.body, std::string(method) == "HEAD" ? "" : body) << range;
    }
  }
}

TEST_F(Site, range_that_does_not_apply_gives_the_whole) {
  write("a.txt", hundred());
  for (const auto* range : {"bytes=5-2", "bytes=x", "items=0-1"}) {
    const Reply reply = ask("GET", "/a.txt", std::string("Range: ") + range + "\r\n");
    EXPECT_EQ(reply.status, 200) << range;
    EXPECT_EQ(reply.body, hundred()) << range;
    EXPECT_EQ(field(reply, "Content-Range"), "-") << range;
  }
}

TEST_F(Site, unsatisfiable_range) {
  write("a.txt", hundred());
  const Reply reply = ask("GET", "/a.txt", "Range: bytes=999999-\r\n");
  EXPECT_EQ(reply.status, 416);
  EXPECT_EQ(field(reply, "Content-Range"), "bytes */100");
  EXPECT_EQ(field(reply, "ETag"), "-");
  EXPECT_EQ(reply.content_length, reply.body.size());
}

TEST_F(Site, if_range) {
  write("a.txt", hundred());
  const std::string etag = field(ask("GET", "/a.txt"), "ETag");
  const auto status_with = [this](const std::string& value) {
    return ask("GET", "/a.txt", "Range: bytes=0-1\r\nIf-Range: " + value + "\r\n").status;
  };
  EXPECT_EQ(status_with(etag), 206);
  EXPECT_EQ(status_with("\"other\""), 200);
  EXPECT_EQ(status_with("Sun, 06 Nov 1994 08:49:37 GMT"), 206);
  EXPECT_EQ(status_with("Sun, 06 Nov 1994 08:49:38 GMT"), 200);
}

TEST_F(Site, several_ranges_are_multipart) {
  const std::string content = hundred();
  write("a.txt", content);
  const Reply reply = ask("GET", "/a.txt", "Range: bytes=50-51,0-0,-1\r\n");
  ASSERT_EQ(reply.status, 206);
  EXPECT_EQ(field(reply, "Content-Range"), "-");
  const std::string type = field(reply, "Content-Type");
  const std::string prefix = "multipart/byteranges; boundary=";
  ASSERT_EQ(type.substr(0, prefix.size()), prefix);
  const std::string boundary = type.substr(prefix.size());
  EXPECT_GE(boundary.size(), 10U);
  const auto part = [&](const std::string& range, const std::string& data) {
    return "\r\n--" + boundary + "\r\nContent-type: text/plain\r\nContent-range: bytes " + range +
           "/100\r\n\r\n" + data;
  };
  EXPECT_EQ(reply.body, part("50-51", content.substr(50, 2)) + part("0-0", "A") +
                            part("99-99", content.substr(99)) + "\r\n--" + boundary + "--\r\n");
  EXPECT_EQ(reply.content_length, reply.body.size());
  const Reply head = ask("HEAD", "/a.txt", "Range: bytes=50-51,0-0,-1\r\n");
  EXPECT_EQ(head.status, 206);
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(head.content_length, reply.content_length);
  EXPECT_NE(field(head, "Content-Type"), type) << "every boundary is new";
}

TEST_F(Site, multipart_of_a_file_by_descriptor) {
  write("big", std::string(100'000, 'x') + "abc" + std::string(100'000, 'y'));
  const Reply reply = ask("GET", "/big", "Range: bytes=100000-100002,0-0\r\n");
  EXPECT_EQ(reply.status, 206);
  EXPECT_NE(reply.body.find("bytes 100000-100002/200003\r\n\r\nabc\r\n--"), std::string::npos);
  EXPECT_EQ(reply.body.find("Content-type"), std::string::npos) << "unknown type";
}

TEST_F(Site, multipart_too_large_for_memory_is_the_whole) {
  write("big", std::string(3 * kMultipartLimitBytes, 'x'));
  const Reply reply = ask("GET", "/big", "Range: bytes=0-1000000,1500000-2600000\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.answer.body, StaticAnswer::Body::file);
  EXPECT_EQ(reply.content_length, 3 * kMultipartLimitBytes);
}

}  // namespace
}  // namespace appserver::handlers
