// SPDX-License-Identifier: Apache-2.0
// The hand-over from HTTP/2 to HTTP/1: RFC 9113 section 8, rule by rule.
#include "proxy/frontend/http2_request.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace {

using proxy::frontend::Http2FieldList;
using proxy::frontend::Http2Problem;
using Kind = Http2Problem::Kind;
using Fields = std::vector<std::pair<std::string, std::string>>;

Http2FieldList list_of(const Fields& fields) {
  Http2FieldList out;
  for (const auto& [name, value] : fields) out.add(name, value);
  return out;
}

Fields with(const Fields& more, const std::string& method = "POST", const std::string& path = "/") {
  Fields out{{":method", method}, {":scheme", "https"}, {":authority", "a.test"}, {":path", path}};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

struct Case {
  const char* rule;
  Fields fields;
  Kind kind;
  int status = 400;
  bool end_stream = true;
};

TEST(Http2Request, rules_of_rfc_9113_section_8) {
  const std::string nul("a\0b", 3);
  const Case kCases[] = {
      {"plain", with({{"accept", "x"}}), Kind::none},
      {"8.2.1 upper-case name", with({{"Accept", "x"}}), Kind::malformed},
      {"8.2.1 name with a blank", with({{"a b", "x"}}), Kind::malformed},
      {"8.2.1 name with a colon inside", with({{"a:b", "x"}}), Kind::malformed},
      {"8.2.1 name with a line end", with({{"a\r\nb", "x"}}), Kind::malformed},
      {"8.2.1 empty name", with({{"", "x"}}), Kind::malformed},
      {"8.2.1 value with CR LF", with({{"a", "x\r\nHost: evil"}}), Kind::malformed},
      {"8.2.1 value with LF", with({{"a", "x\nb"}}), Kind::malformed},
      {"8.2.1 value with NUL", with({{"a", nul}}), Kind::malformed},
      {"8.2.1 value begins with a blank", with({{"a", " x"}}), Kind::malformed},
      {"8.2.1 value ends with a tab", with({{"a", "x\t"}}), Kind::malformed},
      {"8.2.2 connection", with({{"connection", "close"}}), Kind::malformed},
      {"8.2.2 proxy-connection", with({{"proxy-connection", "x"}}), Kind::malformed},
      {"8.2.2 keep-alive", with({{"keep-alive", "x"}}), Kind::malformed},
      {"8.2.2 transfer-encoding", with({{"transfer-encoding", "chunked"}}), Kind::malformed},
      {"8.2.2 upgrade", with({{"upgrade", "h2c"}}), Kind::malformed},
      {"8.2.2 te trailers", with({{"te", "trailers"}}), Kind::none},
      {"8.2.2 te gzip", with({{"te", "gzip"}}), Kind::malformed},
      {"8.3 pseudo-field behind a field",
       {{":method", "GET"}, {":scheme", "https"}, {"a", "b"}, {":path", "/"}, {":authority", "a"}},
       Kind::malformed},
      {"8.3 unknown pseudo-field",
       {{":method", "GET"}, {":evil", "x"}, {":scheme", "https"}, {":path", "/"}},
       Kind::malformed},
      {"8.3 response pseudo-field", {{":status", "200"}, {":method", "GET"}}, Kind::malformed},
      {"8.5 extended CONNECT was not offered", with({{"x", "y"}}, "CONNECT"), Kind::malformed},
      {"8.5 CONNECT", {{":method", "CONNECT"}, {":authority", "a.test:443"}}, Kind::refused, 405},
      {"8.3.1 method twice",
       {{":method", "GET"},
        {":method", "POST"},
        {":scheme", "https"},
        {":path", "/"},
        {":authority", "a"}},
       Kind::malformed},
      {"8.3.1 path twice",
       {{":method", "GET"},
        {":path", "/a"},
        {":path", "/b"},
        {":scheme", "https"},
        {":authority", "a"}},
       Kind::malformed},
      {"8.3.1 no method",
       {{":scheme", "https"}, {":path", "/"}, {":authority", "a"}},
       Kind::malformed},
      {"8.3.1 no scheme",
       {{":method", "GET"}, {":path", "/"}, {":authority", "a"}},
       Kind::malformed},
      {"8.3.1 no path",
       {{":method", "GET"}, {":scheme", "https"}, {":authority", "a"}},
       Kind::malformed},
      {"8.3.1 empty path", with({}, "GET", ""), Kind::malformed},
      {"8.3.1 path without a slash", with({}, "GET", "a"), Kind::malformed},
      {"8.3.1 asterisk for OPTIONS", with({}, "OPTIONS", "*"), Kind::none},
      {"8.3.1 asterisk for GET", with({}, "GET", "*"), Kind::malformed},
      {"path with a blank: a second request line", with({}, "GET", "/ HTTP/1.1\r\nX: y"),
       Kind::malformed},
      {"path with a line end", with({}, "GET", "/\r\n\r\nGET /evil HTTP/1.1"), Kind::malformed},
      {"path with a fragment", with({}, "GET", "/a#b"), Kind::malformed},
      {"method with a blank", with({}, "GET /x", "/"), Kind::malformed},
      {"method with a line end", with({}, "GET\r\nX: y", "/"), Kind::malformed},
      {"authority with user information",
       {{":method", "GET"}, {":scheme", "https"}, {":authority", "u@a.test"}, {":path", "/"}},
       Kind::malformed},
      {"authority with a path",
       {{":method", "GET"}, {":scheme", "https"}, {":authority", "a/b"}, {":path", "/"}},
       Kind::malformed},
      {"8.3.1 host alone",
       {{":method", "GET"}, {":scheme", "https"}, {":path", "/"}, {"host", "a.test"}},
       Kind::none},
      {"8.3.1 neither host nor authority",
       {{":method", "GET"}, {":scheme", "https"}, {":path", "/"}},
       Kind::malformed},
      {"8.3.1 host equal", with({{"host", "A.test"}}), Kind::none},
      {"8.3.1 host differs", with({{"host", "b.test"}}), Kind::refused},
      {"host twice", with({{"host", "a.test"}, {"host", "a.test"}}), Kind::malformed},
      {"other scheme",
       {{":method", "GET"}, {":scheme", "ftp"}, {":authority", "a"}, {":path", "/"}},
       Kind::refused},
      {"8.1.1 content-length beside no body", with({{"content-length", "5"}}), Kind::malformed},
      {"8.1.1 content-length 0 beside no body", with({{"content-length", "0"}}), Kind::none},
      {"content-length twice", with({{"content-length", "5"}, {"content-length", "5"}}),
       Kind::malformed, 400, false},
      {"content-length list", with({{"content-length", "5, 5"}}), Kind::malformed, 400, false},
      {"content-length with a sign", with({{"content-length", "+5"}}), Kind::malformed, 400, false},
      {"content-length negative", with({{"content-length", "-5"}}), Kind::malformed, 400, false},
      {"content-length hexadecimal", with({{"content-length", "0x5"}}), Kind::malformed, 400,
       false},
      {"content-length empty", with({{"content-length", ""}}), Kind::malformed, 400, false},
      {"content-length over 64 bits", with({{"content-length", "18446744073709551616"}}),
       Kind::malformed, 400, false},
      {"unknown expectation", with({{"expect", "200-ok"}}), Kind::refused, 417},
  };
  for (const Case& wanted : kCases) {
    base::http::RequestHead head;
    const Http2FieldList list = list_of(wanted.fields);
    const Http2Problem problem = proxy::frontend::read_http2_request(list, wanted.end_stream, head);
    EXPECT_EQ(problem.kind, wanted.kind) << wanted.rule << ": " << problem.reason;
    if (wanted.kind == Kind::refused) {
      EXPECT_EQ(problem.status, wanted.status) << wanted.rule;
    }
  }
}

TEST(Http2Request, framing_comes_from_length_and_end_of_stream) {
  using base::http::BodyKind;
  const auto body_of = [](const Fields& more, bool end_stream) {
    base::http::RequestHead head;
    const Http2FieldList list = list_of(with(more));
    EXPECT_EQ(proxy::frontend::read_http2_request(list, end_stream, head).kind, Kind::none);
    return head.body;
  };
  EXPECT_EQ(body_of({}, true), BodyKind::none);
  EXPECT_EQ(body_of({}, false), BodyKind::chunked);
  EXPECT_EQ(body_of({{"content-length", "5"}}, false), BodyKind::length);
  EXPECT_EQ(body_of({{"content-length", "0"}}, true), BodyKind::length);
}

TEST(Http2Request, method_target_and_host_are_views_into_the_list) {
  base::http::RequestHead head;
  const Http2FieldList list =
      list_of(with({{"cookie", "a=1"}, {"cookie", "b=2"}}, "PURGE", "/x?y"));
  ASSERT_EQ(proxy::frontend::read_http2_request(list, true, head).kind, Kind::none);
  EXPECT_EQ(head.method, base::http::Method::other);
  EXPECT_EQ(head.method_text, "PURGE");
  EXPECT_EQ(head.target, "/x?y");
  EXPECT_EQ(head.host, "a.test");
  EXPECT_EQ(head.fields.size(), 2U);
  EXPECT_EQ(head.fields[0].id, base::http::FieldName::cookie);
}

}  // namespace
