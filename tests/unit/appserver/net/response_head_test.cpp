// SPDX-License-Identifier: Apache-2.0
// What an application's response fields may do to the wire (wsgi-hosting 4.11), however they were
// made.
#include "appserver/net/response_head.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace appserver::net {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string packed(const Fields& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    const auto name_bytes = static_cast<std::uint16_t>(name.size());
    const auto value_bytes = static_cast<std::uint32_t>(value.size());
    out.append(reinterpret_cast<const char*>(&name_bytes), sizeof name_bytes);
    out.append(reinterpret_cast<const char*>(&value_bytes), sizeof value_bytes);
    out += name;
    out += value;
  }
  return out;
}

struct Case {
  const char* name;
  Fields fields;
  int status;
  std::string expected;
};

class AnswerFieldsTest : public ::testing::TestWithParam<Case> {};

TEST_P(AnswerFieldsTest, pass_what_belongs_to_the_application) {
  std::string out;
  const AnswerFields result =
      append_answer_fields(out, packed(GetParam().fields), GetParam().status);
  EXPECT_TRUE(result.ok);
  EXPECT_EQ(out, GetParam().expected);
}

const Case kCases[] = {
    {"plain", {{"X-A", "1"}}, 200, "X-A: 1\r\n"},
    {"cookies_stay_apart",
     {{"Set-Cookie", "a"}, {"Set-Cookie", "b"}},
     200,
     "Set-Cookie: a\r\nSet-Cookie: b\r\n"},
    {"date_and_server_are_ours", {{"Date", "x"}, {"SERVER", "y"}, {"X", "z"}}, 200, "X: z\r\n"},
    {"status_field_does_not_change_the_status", {{"Status", "404 x"}}, 200, ""},
    {"hop_by_hop_fields_end_here",
     {{"Transfer-Encoding", "chunked"},
      {"Keep-Alive", "x"},
      {"Upgrade", "h2c"},
      {"Trailer", "T"},
      {"TE", "x"}},
     200,
     ""},
    {"no_type_on_304", {{"Content-Type", "text/html"}, {"ETag", "\"a\""}}, 304, "ETag: \"a\"\r\n"},
    {"type_stays_on_204", {{"Content-Type", "text/html"}}, 204, "Content-Type: text/html\r\n"},
    {"latin_1_and_tab_pass", {{"X", "\xe9\tb"}}, 200, "X: \xe9\tb\r\n"},
    {"empty_value", {{"X", ""}}, 200, "X: \r\n"},
};
INSTANTIATE_TEST_SUITE_P(, AnswerFieldsTest, ::testing::ValuesIn(kCases),
                         [](const auto& c) { return std::string(c.param.name); });

struct Attack {
  const char* name;
  std::string packed_fields;
};
class AnswerAttackTest : public ::testing::TestWithParam<Attack> {};

TEST_P(AnswerAttackTest, is_refused) {
  std::string out;
  EXPECT_FALSE(append_answer_fields(out, GetParam().packed_fields, 200).ok);
}

const Attack kAttacks[] = {
    {"response_splitting_in_a_value", packed({{"X", "a\r\nSet-Cookie: b"}})},
    {"bare_lf_in_a_value", packed({{"X", "a\nb"}})},
    {"nul_in_a_value", packed({{"X", std::string("a\0b", 3)}})},
    {"colon_in_a_name", packed({{"X:", "a"}})},
    {"blank_in_a_name", packed({{"X Y", "a"}})},
    {"crlf_in_a_name", packed({{"X\r\nY", "a"}})},
    {"empty_name", packed({{"", "a"}})},
    {"length_signed", packed({{"Content-Length", "-1"}})},
    {"length_plus", packed({{"Content-Length", "+1"}})},
    {"length_list", packed({{"Content-Length", "3, 3"}})},
    {"length_blank", packed({{"Content-Length", " 3"}})},
    {"length_empty", packed({{"Content-Length", ""}})},
    {"length_beyond_64_bits", packed({{"Content-Length", "18446744073709551616"}})},
    {"cut_in_the_lengths", std::string("\x01\x00\x01", 3)},
    {"value_length_leads_outside", packed({{"X", "abc"}}).substr(0, 8)},
};
INSTANTIATE_TEST_SUITE_P(, AnswerAttackTest, ::testing::ValuesIn(kAttacks),
                         [](const auto& c) { return std::string(c.param.name); });

TEST(AnswerFields, content_length_is_returned_and_the_last_one_wins) {
  std::string out;
  const AnswerFields result =
      append_answer_fields(out, packed({{"Content-Length", "3"}, {"content-length", "005"}}), 200);
  EXPECT_TRUE(result.ok);
  EXPECT_TRUE(result.has_content_length);
  EXPECT_EQ(result.content_length, 5U);
  EXPECT_EQ(out, "");
}

TEST(AnswerFields, connection_close_is_honoured) {
  std::string out;
  EXPECT_TRUE(append_answer_fields(out, packed({{"Connection", "Close"}}), 200).wants_close);
  EXPECT_FALSE(append_answer_fields(out, packed({{"Connection", "keep-alive"}}), 200).wants_close);
  EXPECT_EQ(out, "");
}

TEST(ResponseHead, ends_tell_each_version_what_it_needs) {
  const auto end = [](std::uint8_t minor, bool keep) {
    std::string out;
    append_head_end(out, minor, keep);
    return out;
  };
  EXPECT_EQ(end(1, true), "\r\n");
  EXPECT_EQ(end(1, false), "Connection: close\r\n\r\n");
  EXPECT_EQ(end(0, true), "Connection: keep-alive\r\n\r\n");
  EXPECT_EQ(end(0, false), "Connection: close\r\n\r\n");
}

}  // namespace
}  // namespace appserver::net
