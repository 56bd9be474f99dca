// SPDX-License-Identifier: Apache-2.0
// Names to ids and back, and the rules that stand on the ids.
#include "base/http/field_name.hpp"

#include "base/http/field_rules.hpp"

#include <gtest/gtest.h>

#include <string>

namespace base::http {
namespace {

std::string upper(std::string_view text) {
  std::string out;
  for (const char c : text) out.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 0x20) : c);
  return out;
}

TEST(FieldName, every_name_is_found_in_any_case) {
  for (int i = 1; i < static_cast<int>(FieldName::count_); ++i) {
    const auto id = static_cast<FieldName>(i);
    const std::string text(text_of(id));
    ASSERT_FALSE(text.empty()) << i;
    EXPECT_EQ(field_name_of(text), id) << text;
    EXPECT_EQ(field_name_of(upper(text)), id) << text;
    EXPECT_EQ(field_name_of(lower_text_of(id)), id) << text;
    EXPECT_TRUE(equals_ignore_case(text, lower_text_of(id)));
  }
  EXPECT_EQ(text_of(FieldName::other), "");
}

TEST(FieldName, texts_stand_in_the_order_of_the_ids) {
  EXPECT_EQ(text_of(FieldName::accept), "Accept");
  EXPECT_EQ(text_of(FieldName::etag), "ETag");
  EXPECT_EQ(text_of(FieldName::host), "Host");
  EXPECT_EQ(text_of(FieldName::te), "TE");
  EXPECT_EQ(text_of(FieldName::www_authenticate), "WWW-Authenticate");
  EXPECT_EQ(text_of(FieldName::x_forwarded_https), "X-Forwarded-HTTPS");
  EXPECT_EQ(text_of(FieldName::x_script_name), "X-Script-Name");
}

TEST(FieldName, one_changed_byte_is_another_name) {
  for (int i = 1; i < static_cast<int>(FieldName::count_); ++i) {
    const std::string text(text_of(static_cast<FieldName>(i)));
    for (std::size_t at = 0; at < text.size(); ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string changed = text;
        changed[at] = static_cast<char>(byte);
        if (equals_ignore_case(changed, text)) continue;
        const FieldName id = field_name_of(changed);
        if (id == FieldName::other) continue;
        EXPECT_TRUE(equals_ignore_case(text_of(id), changed)) << changed;
      }
    }
    EXPECT_NE(field_name_of(text + "x"), static_cast<FieldName>(i));
    EXPECT_NE(field_name_of(text.substr(1)), static_cast<FieldName>(i));
  }
  EXPECT_EQ(field_name_of(""), FieldName::other);
  EXPECT_EQ(field_name_of("x"), FieldName::other);
  EXPECT_EQ(field_name_of(std::string(5000, 'a')), FieldName::other);
}

TEST(FieldRules, registry_is_that_of_5_2_and_forwarded) {
  const std::string_view registry[] = {"X-Forwarded-For",
                                       "X-Client-IP",
                                       "X-Real-IP",
                                       "X-Forwarded-Host",
                                       "X-Host",
                                       "X-Forwarded-Server",
                                       "X-Forwarded-Port",
                                       "X-Script-Name",
                                       "X-Forwarded-Script-Name",
                                       "X-Forwarded-Proto",
                                       "X-Forwarded-Scheme",
                                       "X-Scheme",
                                       "X-Forwarded-HTTPS",
                                       "X-Forwarded-SSL",
                                       "X-HTTPS",
                                       "Forwarded"};
  int count = 0;
  for (int i = 1; i < static_cast<int>(FieldName::count_); ++i)
    count += is_forwarded_registry(static_cast<FieldName>(i)) ? 1 : 0;
  for (const auto name : registry) EXPECT_TRUE(is_forwarded_registry(field_name_of(name))) << name;
  EXPECT_EQ(count, 16);
  EXPECT_FALSE(is_forwarded_registry(FieldName::other));
}

TEST(FieldRules, hop_by_hop) {
  for (const auto* name : {"Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer",
                           "Transfer-Encoding", "Upgrade", "HTTP2-Settings"})
    EXPECT_TRUE(is_hop_by_hop(field_name_of(name))) << name;
  for (const auto* name :
       {"Host", "Content-Length", "Proxy-Authorization", "X-Forwarded-For", "Anything"})
    EXPECT_FALSE(is_hop_by_hop(field_name_of(name))) << name;
}

TEST(FieldRules, names_that_may_become_variables) {
  const auto may = [](std::string_view name) {
    return may_reach_environ(field_name_of(name), name);
  };
  EXPECT_TRUE(may("X-Anything-2"));
  EXPECT_TRUE(may("Cookie"));
  for (const auto* name :
       {"X_Forwarded_For", "X.Y", "A~B", "A+B", "Proxy", "PROXY", "Gatehouse-Hop"})
    EXPECT_FALSE(may(name)) << name;
}

TEST(Tokens, list_members) {
  std::string_view list = " a , ,\"b,\\\"c\" ,, d;x=\"1,2\"";
  std::string_view member;
  ASSERT_TRUE(next_list_member(list, member));
  EXPECT_EQ(member, "a");
  ASSERT_TRUE(next_list_member(list, member));
  EXPECT_EQ(member, "\"b,\\\"c\"");
  ASSERT_TRUE(next_list_member(list, member));
  EXPECT_EQ(member, "d;x=\"1,2\"");
  EXPECT_FALSE(next_list_member(list, member));
  EXPECT_TRUE(list_has_token("keep-alive, X-Foo", "x-foo"));
  EXPECT_FALSE(list_has_token("x-foobar", "x-foo"));
}

}  // namespace
}  // namespace base::http
