// SPDX-License-Identifier: Apache-2.0
// The Range field, row by row of wsgi-hosting 7.4.
#include "appserver/http/range.hpp"

#include <gtest/gtest.h>

#include <string>

namespace appserver::http {
namespace {

/// "200", "416", or slices "first-last first-last".
std::string text_of(const Ranges& ranges) {
  if (ranges.kind == Ranges::Kind::whole) return "200";
  if (ranges.kind == Ranges::Kind::unsatisfiable) return "416";
  std::string out;
  for (const Slice& slice : ranges.slices)
    out += (out.empty() ? "" : " ") + std::to_string(slice.offset) + '-' +
           std::to_string(slice.offset + slice.length - 1);
  return out;
}

TEST(Ranges, of_a_hundred_bytes) {
  const std::pair<std::string, std::string> rows[] = {
      {"bytes=0-0", "0-0"},
      {"bytes=0-9", "0-9"},
      {"bytes=10-", "10-99"},
      {"bytes=0-", "0-99"},
      {"bytes=0-99", "0-99"},
      {"bytes=-1", "99-99"},
      {"bytes=-500", "0-99"},
      {"bytes=90-1000", "90-99"},
      {"bytes=0-18446744073709551616", "0-99"},
      {"BYTES=0-1", "0-1"},
      {"bytes=0-0,-1", "0-0 99-99"},
      {"bytes=50-59,0-9", "50-59 0-9"},
      {"bytes=0-1, 5-6", "0-1 5-6"},
      {"bytes= 0-1", "0-1"},
      {"bytes=0-1,,5-6,", "0-1 5-6"},
      {"bytes=0-10,5-20", "0-20"},
      {"bytes=5-20,0-10", "0-20"},
      {"bytes=0-1,2-3", "0-3"},
      {"bytes=2-3,0-1", "0-3"},
      {"bytes=0-1,3-4", "0-1 3-4"},
      {"bytes=0-50,-60", "0-99"},
      {"bytes=999-,0-1", "0-1"},
      {"bytes=0-1,100-", "0-1"},
      {"bytes=100-", "416"},
      {"bytes=999999-", "416"},
      {"bytes=18446744073709551616-", "416"},
      {"bytes=100-200,300-", "416"},
      {"bytes=5-2", "200"},
      {"bytes=-0", "200"},
      {"bytes=", "200"},
      {"bytes=,", "200"},
      {"bytes", "200"},
      {"bytes=-", "200"},
      {"bytes=a-b", "200"},
      {"bytes=0x1-2", "200"},
      {"bytes=+0-1", "200"},
      {"bytes=0-1,x", "200"},
      {"bytes=0-1,5-2", "200"},
      {"bytes=0--1", "200"},
      {"bytes=1", "200"},
      {"bytes =0-1", "200"},
      {"items=0-1", "200"},
      {"0-1", "200"},
      {"", "200"},
  };
  for (const auto& [value, expected] : rows)
    EXPECT_EQ(text_of(parse_ranges(value, 100)), expected) << value;
}

TEST(Ranges, of_nothing_are_the_whole) {
  EXPECT_EQ(text_of(parse_ranges("bytes=0-", 0)), "200");
  EXPECT_EQ(text_of(parse_ranges("bytes=5-", 0)), "200");
}

TEST(Ranges, too_many_are_the_whole) {
  std::string zig_zag = "bytes=";
  for (int i = 0; i < 50; ++i) zig_zag += i % 2 == 0 ? "0-1," : "50-51,";
  EXPECT_EQ(parse_ranges(zig_zag, 100).slices.size(), 50U);
  std::string apart = "bytes=";
  for (int i = 0; i < 200; ++i)
    apart += std::to_string(i * 10) + '-' + std::to_string(i * 10) + ',';
  EXPECT_EQ(parse_ranges(apart, 10000).slices.size(), 200U);
  EXPECT_EQ(text_of(parse_ranges(apart + "5000-5000", 10000)), "200");
  std::string overlapping = "bytes=0-0";
  for (int i = 1; i <= 20; ++i) overlapping += "," + std::to_string(i) + "-" + std::to_string(i);
  EXPECT_EQ(text_of(parse_ranges(overlapping, 100)), "0-20");
  EXPECT_EQ(text_of(parse_ranges(overlapping + ",0-1", 100)), "200");
}

TEST(Ranges, two_fields_are_the_whole) {
  const auto ranges_of = [](const std::string& fields) {
    const std::string text = "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
    base::http::RequestParser parser;
    base::http::RequestHead head;
    EXPECT_EQ(parser.parse(text, {}, head), base::http::ParseStatus::complete);
    return text_of(requested_ranges(head, 100));
  };
  EXPECT_EQ(ranges_of("Range: bytes=0-1\r\n"), "0-1");
  EXPECT_EQ(ranges_of("Range: bytes=0-1\r\nRange: bytes=0-1\r\n"), "200");
  EXPECT_EQ(ranges_of("Request-Range: bytes=0-1\r\n"), "200");
  EXPECT_EQ(ranges_of(""), "200");
}

}  // namespace
}  // namespace appserver::http
