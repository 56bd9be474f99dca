// SPDX-License-Identifier: Apache-2.0
// A backend is not believed either: framing of its answers, and what is refused.
#include "base/http/head.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace base::http {
namespace {

struct Row {
  const char* name;
  std::string input;
  Method method;
  std::string expected;  // "status body length keep", or "error"
};

std::string describe(ParseStatus status, const ResponseParser& parser, const ResponseHead& head) {
  if (status == ParseStatus::incomplete) return "incomplete";
  if (status == ParseStatus::error) {
    EXPECT_EQ(parser.error().status, 502);
    EXPECT_STRNE(parser.error().reason, "");
    return "error";
  }
  constexpr const char* kBodies[] = {"none", "length", "chunked", "close"};
  return std::to_string(head.status) + ' ' + kBodies[static_cast<int>(head.body)] + ' ' +
         (head.has_content_length ? std::to_string(head.content_length) : "-") +
         (head.keep_alive ? " k" : " c");
}

std::string parse_whole(const std::string& input, Method method) {
  ResponseParser parser;
  ResponseHead head;
  return describe(parser.parse(input, {}, method, head), parser, head);
}

std::string parse_by_byte(const std::string& input, Method method) {
  ResponseParser parser;
  ResponseHead head;
  std::unique_ptr<char[]> buffer;
  ParseStatus status = ParseStatus::incomplete;
  for (std::size_t size = 0; size <= input.size() && status == ParseStatus::incomplete; ++size) {
    auto moved = std::make_unique<char[]>(size + 1);
    input.copy(moved.get(), size);
    buffer = std::move(moved);
    status = parser.parse({buffer.get(), size}, {}, method, head);
  }
  return describe(status, parser, head);
}

TEST(ResponseParser, decides_framing) {
  using namespace std::string_literals;
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const Row rows[] = {
      {"length", ok + "Content-Length: 5\r\n\r\n", Method::get, "200 length 5 k"},
      {"length 0", ok + "Content-Length: 0\r\n\r\n", Method::get, "200 length 0 k"},
      {"chunked", ok + "Transfer-Encoding: chunked\r\n\r\n", Method::get, "200 chunked - k"},
      {"neither", ok + "\r\n", Method::get, "200 close - c"},
      {"closing", ok + "Connection: close\r\nContent-Length: 5\r\n\r\n", Method::get,
       "200 length 5 c"},
      {"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", Method::get, "200 length 5 c"},
      {"HTTP/1.0 that stays",
       "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\n", Method::get,
       "200 length 5 k"},
      {"HEAD with length", ok + "Content-Length: 5\r\n\r\n", Method::head, "200 none 5 k"},
      {"HEAD with chunked", ok + "Transfer-Encoding: chunked\r\n\r\n", Method::head,
       "200 none - k"},
      {"HEAD with neither", ok + "\r\n", Method::head, "200 none - k"},
      {"204", "HTTP/1.1 204 No Content\r\n\r\n", Method::get, "204 none - k"},
      {"204 that announces a body", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
       Method::get, "204 none 5 c"},
      {"204 with chunks", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
       Method::get, "204 none - c"},
      {"304 with the length of its 200", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
       Method::get, "304 none 5 k"},
      {"100", "HTTP/1.1 100 Continue\r\n\r\n", Method::post, "100 none - k"},
      {"no reason", "HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\n", Method::get, "200 length 1 k"},
      {"no blank before no reason", "HTTP/1.1 200\r\nContent-Length: 1\r\n\r\n", Method::get,
       "200 length 1 k"},
      {"reason above 0x7f", "HTTP/1.1 200 \xc3\xa9\r\nContent-Length: 1\r\n\r\n", Method::get,
       "200 length 1 k"},
      {"unfinished", ok + "Content-Length: 5\r\n", Method::get, "incomplete"},
      {"nothing yet", "", Method::get, "incomplete"},
      // Refused.
      {"both framings", ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", Method::get,
       "error"},
      {"both framings of a HEAD", ok + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
       Method::head, "error"},
      {"two lengths", ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", Method::get, "error"},
      {"two equal lengths", ok + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", Method::get,
       "error"},
      {"list of lengths", ok + "Content-Length: 5, 5\r\n\r\n", Method::get, "error"},
      {"negative length", ok + "Content-Length: -5\r\n\r\n", Method::get, "error"},
      {"other coding", ok + "Transfer-Encoding: gzip, chunked\r\n\r\n", Method::get, "error"},
      {"unknown coding", ok + "Transfer-Encoding: gzip\r\n\r\n", Method::get, "error"},
      {"coding in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Method::get,
       "error"},
      {"bare LF", "HTTP/1.1 200 OK\nContent-Length: 5\r\n\r\n", Method::get, "error"},
      {"bare LF in fields", ok + "A: b\nContent-Length: 5\r\n\r\n", Method::get, "error"},
      {"folded field", ok + "A: b\r\n c\r\nContent-Length: 5\r\n\r\n", Method::get, "error"},
      {"blank before the colon", ok + "Content-Length : 5\r\n\r\n", Method::get, "error"},
      {"NUL in the reason", "HTTP/1.1 200 a\0b\r\n\r\n"s, Method::get, "error"},
      {"four digits", "HTTP/1.1 2000 OK\r\n\r\n", Method::get, "error"},
      {"two digits", "HTTP/1.1 20 OK\r\n\r\n", Method::get, "error"},
      {"status 099", "HTTP/1.1 099 OK\r\n\r\n", Method::get, "error"},
      {"status 600", "HTTP/1.1 600 OK\r\n\r\n", Method::get, "error"},
      {"HTTP/2", "HTTP/2.0 200 OK\r\n\r\n", Method::get, "error"},
      {"another protocol", "SSH-2.0", Method::get, "error"},
      {"another protocol, begun alike", "HTTX/1.1", Method::get, "error"},
      {"empty line first", "\r\nHTTP/1.1 200 OK\r\n\r\n", Method::get, "error"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(parse_whole(row.input, row.method), row.expected) << row.name;
    EXPECT_EQ(parse_by_byte(row.input, row.method), row.expected) << row.name << ", byte by byte";
  }
}

TEST(ResponseParser, reads_interim_and_final_head_in_turn) {
  const std::string interim = "HTTP/1.1 100 Continue\r\n\r\n";
  const std::string both =
      interim + "HTTP/1.1 404 Not There\r\nContent-Length: 3\r\nServer: x\r\n\r\nabc";
  ResponseParser parser;
  ResponseHead head;
  ASSERT_EQ(parser.parse(both, {}, Method::post, head), ParseStatus::complete);
  EXPECT_EQ(parser.consumed(), interim.size());
  ASSERT_EQ(parser.parse(std::string_view(both).substr(interim.size()), {}, Method::post, head),
            ParseStatus::complete);
  EXPECT_EQ(parser.consumed() + interim.size(), both.size() - 3);
  EXPECT_EQ(head.status, 404);
  EXPECT_EQ(head.reason, "Not There");
  ASSERT_NE(head.find(FieldName::server), nullptr);
  EXPECT_EQ(head.find(FieldName::server)->value, "x");
}

}  // namespace
}  // namespace base::http
