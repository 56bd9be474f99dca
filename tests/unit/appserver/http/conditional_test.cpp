// SPDX-License-Identifier: Apache-2.0
// Conditions in the order of wsgi-hosting 7.3.
#include "appserver/http/conditional.hpp"

#include <gtest/gtest.h>

#include <string>

namespace appserver::http {
namespace {

using base::http::RequestHead;

constexpr std::int64_t kModified = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT
constexpr std::int64_t kNow = kModified + 86400;
constexpr const char* kSame = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr const char* kBefore = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr const char* kAfter = "Sun, 06 Nov 1994 08:49:38 GMT";
constexpr const char* kFuture = "Tue, 08 Nov 1994 08:49:37 GMT";

/// A head with these fields; the text must outlive it.
RequestHead head_of(const std::string& text) {
  RequestHead head;
  base::http::RequestParser parser;
  EXPECT_EQ(parser.parse(text, {}, head), base::http::ParseStatus::complete) << text;
  return head;
}

struct Row {
  const char* name;
  const char* method;
  std::string fields;
  const char* etag;
  Verdict verdict;
};

TEST(Conditions, are_evaluated_in_order) {
  using enum Verdict;
  const auto field = [](const char* name, const std::string& value) {
    return std::string(name) + ": " + value + "\r\n";
  };
  const std::string match = field("If-Match", "\"a\"");
  const std::string mismatch = field("If-Match", "\"b\"");
  const std::string none_match = field("If-None-Match", "\"a\"");
  const std::string none_mismatch = field("If-None-Match", "\"b\"");
  const Row rows[] = {
      {"no condition", "GET", "", "\"a\"", proceed},
      {"If-Match", "GET", match, "\"a\"", proceed},
      {"If-Match of another tag", "GET", mismatch, "\"a\"", precondition_failed},
      {"If-Match list", "PUT", field("If-Match", "\"b\", \"a\""), "\"a\"", proceed},
      {"If-Match star", "GET", field("If-Match", "*"), "\"a\"", proceed},
      {"If-Match is strong: weak here", "GET", match, "W/\"a\"", precondition_failed},
      {"If-Match is strong: both weak", "GET", field("If-Match", "W/\"a\""), "W/\"a\"",
       precondition_failed},
      {"tag with a comma in it", "GET", field("If-Match", "\"a,b\""), "\"a,b\"", proceed},
      {"part of a tag", "GET", field("If-Match", "\"a,b\""), "\"a\"", precondition_failed},
      {"two If-Match fields", "GET", mismatch + match, "\"a\"", proceed},
      {"If-Unmodified-Since, same", "GET", field("If-Unmodified-Since", kSame), "\"a\"", proceed},
      {"If-Unmodified-Since, modified later", "GET", field("If-Unmodified-Since", kBefore), "\"a\"",
       precondition_failed},
      {"If-Unmodified-Since counts only without If-Match", "GET",
       match + field("If-Unmodified-Since", kBefore), "\"a\"", proceed},
      {"If-Unmodified-Since that is no date", "GET", field("If-Unmodified-Since", "yesterday"),
       "\"a\"", proceed},
      {"If-None-Match", "GET", none_match, "\"a\"", not_modified},
      {"If-None-Match for HEAD", "HEAD", none_match, "\"a\"", not_modified},
      {"If-None-Match for POST", "POST", none_match, "\"a\"", precondition_failed},
      {"If-None-Match of another tag", "GET", none_mismatch, "\"a\"", proceed},
      {"If-None-Match star", "GET", field("If-None-Match", "*"), "\"a\"", not_modified},
      {"If-None-Match compares weakly", "GET", none_match, "W/\"a\"", not_modified},
      {"If-None-Match, weak there", "GET", field("If-None-Match", "W/\"a\""), "\"a\"",
       not_modified},
      {"strongly with Range: weak does not match", "GET", none_match + "Range: bytes=0-1\r\n",
       "W/\"a\"", proceed},
      {"strongly with Range: strong does", "GET", none_match + "Range: bytes=0-1\r\n", "\"a\"",
       not_modified},
      {"If-None-Match list", "GET", field("If-None-Match", "\"x\", W/\"a\""), "\"a\"",
       not_modified},
      {"tag without quotes", "GET", field("If-None-Match", "a"), "\"a\"", proceed},
      {"no match silences If-Modified-Since", "GET",
       none_mismatch + field("If-Modified-Since", kSame), "\"a\"", proceed},
      {"If-Modified-Since, same", "GET", field("If-Modified-Since", kSame), "\"a\"", not_modified},
      {"If-Modified-Since, later", "GET", field("If-Modified-Since", kAfter), "\"a\"",
       not_modified},
      {"If-Modified-Since, earlier", "GET", field("If-Modified-Since", kBefore), "\"a\"", proceed},
      {"If-Modified-Since in the future", "GET", field("If-Modified-Since", kFuture), "\"a\"",
       proceed},
      {"If-Modified-Since, not a date", "GET", field("If-Modified-Since", "0"), "\"a\"", proceed},
      {"If-Modified-Since for POST", "POST", field("If-Modified-Since", kSame), "\"a\"", proceed},
      {"If-Match fails before If-None-Match matches", "GET", mismatch + none_match, "\"a\"",
       precondition_failed},
      {"If-Match holds, If-None-Match matches", "GET", match + none_match, "\"a\"", not_modified},
      {"no tag of ours", "GET", none_match, "", proceed},
  };
  for (const Row& row : rows) {
    const std::string text =
        std::string(row.method) + " / HTTP/1.1\r\nHost: a\r\n" + row.fields + "\r\n";
    EXPECT_EQ(evaluate_conditions(head_of(text), {row.etag, kModified}, kNow), row.verdict)
        << row.name;
  }
}

TEST(IfRange, holds_for_exactly_what_is_here) {
  const std::tuple<std::string, const char*, bool> rows[] = {
      {"", "\"a\"", true},           {"\"a\"", "\"a\"", true},    {"\"b\"", "\"a\"", false},
      {"W/\"a\"", "W/\"a\"", false}, {"\"a\"", "W/\"a\"", false}, {kSame, "\"a\"", true},
      {kBefore, "\"a\"", false},     {kAfter, "\"a\"", false},    {kSame, "W/\"a\"", false},
      {"garbage", "\"a\"", false},
  };
  for (const auto& [value, etag, expected] : rows) {
    const std::string field = value.empty() ? "" : "If-Range: " + value + "\r\n";
    const std::string text = "GET / HTTP/1.1\r\nHost: a\r\n" + field + "\r\n";
    EXPECT_EQ(if_range_holds(head_of(text), {etag, kModified}, kNow), expected)
        << value << ' ' << etag;
  }
}

}  // namespace
}  // namespace appserver::http
