// SPDX-License-Identifier: Apache-2.0
// Attacks on the request head, and that the verdict does not depend on how the bytes arrive.
#include "base/http/head.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace base::http {
namespace {

struct Outcome {
  ParseStatus status = ParseStatus::incomplete;
  int code = 0;
  std::string reason;
  std::size_t consumed = 0;
  std::string text;  // everything the head says
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

std::ostream& operator<<(std::ostream& out, const Outcome& o) {
  return out << static_cast<int>(o.status) << ' ' << o.code << ' ' << o.reason << ' ' << o.consumed
             << ' ' << o.text;
}

std::string describe(const RequestHead& head) {
  std::string out =
      std::string(head.method_text) + '|' + std::string(head.target) + '|' +
      std::to_string(head.version_minor) + '|' + std::to_string(static_cast<int>(head.body)) + '|' +
      std::to_string(head.content_length) + '|' + (head.keep_alive ? 'k' : 'c') +
      (head.expect_continue ? 'e' : '-') + (head.bad_expectation ? 'b' : '-') +
      (head.upgrade ? 'u' : '-') + (head.has_host ? 'h' : '-') + std::string(head.host);
  for (const Field& field : head.fields)
    out += '|' + std::string(field.name) + '=' + std::string(field.value) + '#' +
           std::to_string(static_cast<int>(field.id));
  return out;
}

Outcome outcome_of(ParseStatus status, const RequestParser& parser, const RequestHead& head) {
  Outcome out;
  out.status = status;
  if (status == ParseStatus::error) {
    out.code = parser.error().status;
    out.reason = parser.error().reason;
  } else if (status == ParseStatus::complete) {
    out.consumed = parser.consumed();
    out.text = describe(head);
  }
  return out;
}

Outcome parse_whole(std::string_view input, const HeadLimits& limits = {}) {
  RequestParser parser;
  RequestHead head;
  const ParseStatus status = parser.parse(input, limits, head);
  return outcome_of(status, parser, head);
}

/// Gives `step` more bytes each time, in a buffer that moves each time.
Outcome parse_in_steps(std::string_view input, std::size_t step, const HeadLimits& limits = {}) {
  RequestParser parser;
  RequestHead head;
  std::unique_ptr<char[]> buffer;
  for (std::size_t size = step;; size += step) {
    size = std::min(size, input.size());
    auto moved = std::make_unique<char[]>(size + 1);
    input.copy(moved.get(), size);
    buffer = std::move(moved);
    const ParseStatus status = parser.parse({buffer.get(), size}, limits, head);
    if (status != ParseStatus::incomplete || size == input.size())
      return outcome_of(status, parser, head);
  }
}

void expect_same_in_steps(std::string_view input, const Outcome& whole,
                          const HeadLimits& limits = {}) {
  for (const std::size_t step : {1U, 2U, 3U, 7U, 16U, 33U}) {
    Outcome steps = parse_in_steps(input, step, limits);
    if (whole.status == ParseStatus::error && steps.status == ParseStatus::error)
      steps.reason = whole.reason;  // a limit may be seen earlier than the fault behind it
    EXPECT_EQ(whole, steps) << "step " << step << " of " << input;
  }
}

struct Attack {
  const char* name;
  std::string input;
  int code;
};

std::string get(std::string_view fields) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}
std::string post(std::string_view fields) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

TEST(RequestParser, refuses_attacks) {
  using namespace std::string_literals;
  const Attack attacks[] = {
      // Request line (wsgi-hosting 4.4).
      {"bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
      {"two blanks before the target", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"two blanks after the target", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"blank in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"tab for a blank", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"tab in the target", "GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"NUL in the target", "GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n"s, 400},
      {"DEL in the target", "GET /a\x7f HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"CR in the target", "GET /a\rb HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"no version", "GET /\r\nHost: a\r\n\r\n", 400},
      {"no version but a blank", "GET / \r\nHost: a\r\n\r\n", 400},
      {"no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"only a method", "GET\r\n\r\n", 400},
      {"blank first", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"method with a separator", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"method with a control byte", "G\x01T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"lower-case version", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
      {"letter in the version", "GET / HTTP/1.x\r\nHost: a\r\n\r\n", 400},
      {"two digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400},
      {"blank after the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
      {"HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"HTTP/0.9", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
      {"TLS on a plain port", "\x16\x03\x01\x02", 400},
      {"LF first", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"CR first", "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      // Field lines.
      {"bare LF after a field", get("A: b\n"), 400},
      {"bare LF at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
      {"CR CR LF", get("A: b\r\r\n"), 400},
      {"bare CR in a value", get("A: b\rc\r\n"), 400},
      {"NUL in a value", get("A: b\0c\r\n"s), 400},
      {"control byte in a value", get("A: b\x01\r\n"), 400},
      {"DEL in a value", get("A: b\x7f\r\n"), 400},
      {"folded line", get("A: b\r\n c\r\n"), 400},
      {"folded by a tab", get("A: b\r\n\tc\r\n"), 400},
      {"fold before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
      {"blank before the colon", get("A : b\r\n"), 400},
      {"tab before the colon", get("A\t: b\r\n"), 400},
      {"no colon", get("A\r\n"), 400},
      {"empty name", get(": b\r\n"), 400},
      {"NUL in a name", get("A\0B: c\r\n"s), 400},
      {"separator in a name", get("A(B: c\r\n"), 400},
      {"byte above 0x7f in a name", get("A\xc3\xa9: c\r\n"), 400},
      // Host (wsgi-hosting 1.6, 10.108).
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", 400},
      {"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"Host with an empty port", "GET / HTTP/1.1\r\nHost: a:\r\n\r\n", 400},
      {"Host with port 0", "GET / HTTP/1.1\r\nHost: a:0\r\n\r\n", 400},
      {"Host with an empty label", "GET / HTTP/1.1\r\nHost: a..b\r\n\r\n", 400},
      {"bad Host beside an absolute target", "GET http://a/ HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      // Framing (wsgi-hosting 4.2, 10.50, 10.51).
      {"length and chunked", post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"chunked and length", post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"), 400},
      {"length 0 and chunked", post("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"length twice, equal", post("Content-Length: 3\r\nContent-Length: 3\r\n"), 400},
      {"length twice, different", post("Content-Length: 3\r\ncontent-length: 4\r\n"), 400},
      {"length list", post("Content-Length: 3, 3\r\n"), 400},
      {"negative length", post("Content-Length: -1\r\n"), 400},
      {"signed length", post("Content-Length: +3\r\n"), 400},
      {"length abc", post("Content-Length: abc\r\n"), 400},
      {"empty length", post("Content-Length:\r\n"), 400},
      {"blank length", post("Content-Length: \t \r\n"), 400},
      {"length with a blank", post("Content-Length: 1 2\r\n"), 400},
      {"hexadecimal length", post("Content-Length: 0x10\r\n"), 400},
      {"length 2^63", post("Content-Length: 9223372036854775808\r\n"), 400},
      {"length 2^64", post("Content-Length: 18446744073709551616\r\n"), 400},
      {"length beyond 64 bits", post("Content-Length: 99999999999999999999999\r\n"), 400},
      {"gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n"), 501},
      {"gzip then chunked in two fields",
       post("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"), 501},
      {"chunked twice", post("Transfer-Encoding: chunked, chunked\r\n"), 501},
      {"chunked in two fields",
       post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 501},
      {"gzip", post("Transfer-Encoding: gzip\r\n"), 400},
      {"identity", post("Transfer-Encoding: identity\r\n"), 400},
      {"chunked, then identity", post("Transfer-Encoding: chunked, identity\r\n"), 400},
      {"chunked, then identity, in two fields",
       post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), 400},
      {"empty transfer encoding", post("Transfer-Encoding:\r\n"), 400},
      {"chunked with a parameter", post("Transfer-Encoding: chunked;q=1\r\n"), 400},
      {"quoted chunked", post("Transfer-Encoding: \"chunked\"\r\n"), 400},
      {"xchunked", post("Transfer-Encoding: xchunked\r\n"), 400},
      {"chunked behind a vertical tab",
       post("Transfer-Encoding: \x0b"
            "chunked\r\n"),
       400},
      {"chunked behind a no-break space",
       post("Transfer-Encoding: \xa0"
            "chunked\r\n"),
       400},
      {"blank before the colon of the coding", post("Transfer-Encoding : chunked\r\n"), 400},
      {"folded coding", post("Transfer-Encoding:\r\n chunked\r\n"), 400},
      {"coding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
  };
  for (const Attack& attack : attacks) {
    const Outcome whole = parse_whole(attack.input);
    EXPECT_EQ(whole.status, ParseStatus::error) << attack.name;
    EXPECT_EQ(whole.code, attack.code) << attack.name << ": " << whole.reason;
    EXPECT_FALSE(whole.reason.empty()) << attack.name;
    expect_same_in_steps(attack.input, whole);
  }
}

struct Good {
  const char* name;
  std::string input;
  std::string text;
};

TEST(RequestParser, reads_good_heads) {
  const int host = static_cast<int>(FieldName::host);
  const std::string h = "|Host=a#" + std::to_string(host);
  const auto id = [](FieldName name) { return "#" + std::to_string(static_cast<int>(name)); };
  const Good heads[] = {
      {"plain", get(""), "GET|/|1|0|0|k---ha" + h},
      {"empty lines before", "\r\n\r\n" + get(""), "GET|/|1|0|0|k---ha" + h},
      {"HTTP/1.0 without Host", "GET /x HTTP/1.0\r\n\r\n", "GET|/x|0|0|0|c----"},
      {"HTTP/1.0 that stays", "GET /x HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
       "GET|/x|0|0|0|k----|Connection=Keep-Alive" + id(FieldName::connection)},
      {"HTTP/1.1 that closes", get("Connection: x, Close\r\n"),
       "GET|/|1|0|0|c---ha" + h + "|Connection=x, Close" + id(FieldName::connection)},
      {"close wins over keep-alive",
       "GET / HTTP/1.0\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n",
       "GET|/|0|0|0|c----|Connection=keep-alive" + id(FieldName::connection) + "|Connection=close" +
           id(FieldName::connection)},
      {"method of its own", "get /? HTTP/1.1\r\nHost: a\r\n\r\n", "get|/?|1|0|0|k---ha" + h},
      {"odd bytes in the target", "GET /\xff\"<>|\\^{}` HTTP/1.1\r\nHost: a\r\n\r\n",
       "GET|/\xff\"<>|\\^{}`|1|0|0|k---ha" + h},
      {"blanks around a value", get("A:\t b \tc \t\r\n"), "GET|/|1|0|0|k---ha" + h + "|A=b \tc#0"},
      {"no blank before the value", get("A:b\r\n"), "GET|/|1|0|0|k---ha" + h + "|A=b#0"},
      {"empty value", get("A:\r\nB: \r\n"), "GET|/|1|0|0|k---ha" + h + "|A=#0|B=#0"},
      {"bytes above 0x7f in a value", get("A: \xe9\r\n"), "GET|/|1|0|0|k---ha" + h + "|A=\xe9#0"},
      {"repeated fields stay in order", get("X-A: 1\r\nX-A: 2\r\n"),
       "GET|/|1|0|0|k---ha" + h + "|X-A=1#0|X-A=2#0"},
      {"underscores are the later stages' matter", get("X_Forwarded_For: 1\r\n"),
       "GET|/|1|0|0|k---ha" + h + "|X_Forwarded_For=1#0"},
      {"length", post("Content-Length: 10\r\n"),
       "POST|/|1|1|10|k---ha" + h + "|Content-Length=10" + id(FieldName::content_length)},
      {"leading zeros", post("Content-Length: 003\r\n"),
       "POST|/|1|1|3|k---ha" + h + "|Content-Length=003" + id(FieldName::content_length)},
      {"length 0", post("Content-Length: 0\r\n"),
       "POST|/|1|1|0|k---ha" + h + "|Content-Length=0" + id(FieldName::content_length)},
      {"length 2^63-1", post("Content-Length: 9223372036854775807\r\n"),
       "POST|/|1|1|9223372036854775807|k---ha" + h + "|Content-Length=9223372036854775807" +
           id(FieldName::content_length)},
      {"chunked", post("Transfer-Encoding: chunked\r\n"),
       "POST|/|1|2|0|k---ha" + h + "|Transfer-Encoding=chunked" + id(FieldName::transfer_encoding)},
      {"chunked in another case", post("transfer-encoding: Chunked \r\n"),
       "POST|/|1|2|0|k---ha" + h + "|transfer-encoding=Chunked" + id(FieldName::transfer_encoding)},
      {"expectation", post("Expect: 100-Continue\r\nContent-Length: 1\r\n"),
       "POST|/|1|1|1|ke--ha" + h + "|Expect=100-Continue" + id(FieldName::expect) +
           "|Content-Length=1" + id(FieldName::content_length)},
      {"another expectation", post("Expect: tea\r\n"),
       "POST|/|1|0|0|k-b-ha" + h + "|Expect=tea" + id(FieldName::expect)},
      {"HTTP/1.0 expects nothing", "POST / HTTP/1.0\r\nExpect: tea\r\n\r\n",
       "POST|/|0|0|0|c----|Expect=tea" + id(FieldName::expect)},
      {"upgrade", get("Connection: Upgrade\r\nUpgrade: websocket\r\n"),
       "GET|/|1|0|0|k--uha" + h + "|Connection=Upgrade" + id(FieldName::connection) +
           "|Upgrade=websocket" + id(FieldName::upgrade)},
      {"upgrade that Connection does not name", get("Upgrade: websocket\r\n"),
       "GET|/|1|0|0|k---ha" + h + "|Upgrade=websocket" + id(FieldName::upgrade)},
  };
  for (const Good& good : heads) {
    const Outcome whole =
        parse_whole(good.input + "GET / HTTP");  // what follows is another request's
    EXPECT_EQ(whole.status, ParseStatus::complete) << good.name << ": " << whole.reason;
    EXPECT_EQ(whole.text, good.text) << good.name;
    EXPECT_EQ(whole.consumed, good.input.size()) << good.name;
    expect_same_in_steps(good.input, whole);
  }
}

TEST(RequestParser, every_prefix_of_a_good_head_is_incomplete) {
  const std::string input =
      "\r\n" + post("Content-Length: 3\r\nUser-Agent: some agent/1.0 (with words)\r\n");
  for (std::size_t size = 0; size < input.size(); ++size)
    EXPECT_EQ(parse_whole(std::string_view(input).substr(0, size)).status, ParseStatus::incomplete)
        << size;
}

TEST(RequestParser, holds_limits_to_the_byte) {
  HeadLimits limits;
  limits.line_bytes = 20;
  limits.field_bytes = 12;
  limits.fields = 3;
  const auto line_of = [](std::size_t size) {
    return "GET /" + std::string(size - 14, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n";
  };
  const auto field_of = [](std::size_t size) {
    return get("B: " + std::string(size - 3, 'x') + "\r\n");
  };
  const Attack rows[] = {
      {"line at the limit", line_of(20), 0},
      {"line over the limit", line_of(21), 414},
      {"line far over the limit, unfinished", "GET /" + std::string(40, 'x'), 414},
      {"field at the limit", field_of(12), 0},
      {"field over the limit", field_of(13), 400},
      {"field far over the limit, unfinished", "GET / HTTP/1.1\r\nB: " + std::string(40, 'x'), 400},
      {"fields at the limit", get("A: 1\r\nB: 2\r\n"), 0},
      {"fields over the limit", get("A: 1\r\nB: 2\r\nC: 3\r\n"), 400},
      // Repeated fields are merged before the size test (wsgi-hosting 1.4).
      {"merged at the limit", get("A: 12345\r\na: 12345\r\n"), 0},
      {"merged over the limit", get("A: 12345\r\na: 123456\r\n"), 400},
  };
  for (const Attack& row : rows) {
    const Outcome whole = parse_whole(row.input, limits);
    EXPECT_EQ(whole.code, row.code) << row.name << ": " << whole.reason;
    EXPECT_EQ(whole.status, row.code == 0 ? ParseStatus::complete : ParseStatus::error) << row.name;
    expect_same_in_steps(row.input, whole, limits);
  }
}

TEST(RequestParser, bounds_the_whole_head) {
  HeadLimits limits;
  const std::string head = get("A: 1\r\nB: 2\r\n");
  limits.head_bytes = head.size();
  EXPECT_EQ(parse_whole(head, limits).status, ParseStatus::complete);
  limits.head_bytes = head.size() - 1;
  EXPECT_EQ(parse_whole(head, limits).code, 400);
  expect_same_in_steps(head, parse_whole(head, limits), limits);
  limits.head_bytes = 100;
  std::string empty_lines;
  for (int i = 0; i < 60; ++i) empty_lines += "\r\n";
  EXPECT_EQ(parse_whole(empty_lines, limits).code, 400);
}

TEST(RequestParser, reads_one_head_after_the_other_with_one_object) {
  const std::string first = post("Content-Length: 0\r\n");
  const std::string both = first + "GET /second HTTP/1.0\r\n\r\n";
  RequestParser parser;
  RequestHead head;
  ASSERT_EQ(parser.parse(both, {}, head), ParseStatus::complete);
  EXPECT_EQ(parser.consumed(), first.size());
  ASSERT_EQ(parser.parse(std::string_view(both).substr(first.size()), {}, head),
            ParseStatus::complete);
  EXPECT_EQ(head.target, "/second");
  EXPECT_EQ(head.body, BodyKind::none);
  EXPECT_TRUE(head.fields.empty());
  EXPECT_FALSE(head.has_host);
}

TEST(RequestParser, keeps_the_room_for_fields) {
  RequestParser parser;
  RequestHead head;
  const std::string input = get("A: 1\r\n");
  ASSERT_EQ(parser.parse(input, {}, head), ParseStatus::complete);
  const Field* room = head.fields.data();
  ASSERT_EQ(parser.parse(input, {}, head), ParseStatus::complete);
  EXPECT_EQ(head.fields.data(), room);
}

TEST(RequestHead, finds_the_first_field_of_a_name) {
  RequestParser parser;
  RequestHead head;
  const std::string input = get("Cookie: a\r\ncookie: b\r\n");
  ASSERT_EQ(parser.parse(input, {}, head), ParseStatus::complete);
  ASSERT_NE(head.find(FieldName::cookie), nullptr);
  EXPECT_EQ(head.find(FieldName::cookie)->value, "a");
  EXPECT_EQ(head.find(FieldName::range), nullptr);
}

TEST(Method, names_are_case_sensitive) {
  EXPECT_EQ(method_of("GET"), Method::get);
  EXPECT_EQ(method_of("DELETE"), Method::delete_);
  EXPECT_EQ(method_of("get"), Method::other);
  EXPECT_EQ(method_of("PROPFIND"), Method::other);
  EXPECT_EQ(text_of(Method::options), "OPTIONS");
}

}  // namespace
}  // namespace base::http
