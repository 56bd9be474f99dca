// SPDX-License-Identifier: Apache-2.0
// Do both ends of the channel read the same thing out of a request message, and is a broken one
// refused?
#include "appserver/daemon/request_message.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace appserver::daemon {
namespace {

constexpr int kFirst = static_cast<int>(Key::first_environ);
constexpr int kCount = static_cast<int>(Key::count_);

std::string message(const RequestFixed& fixed, std::string_view rest) {
  std::string out(sizeof fixed, '\0');
  std::memcpy(out.data(), &fixed, sizeof fixed);
  return out.append(rest);
}

TEST(KeyTable, every_environ_key_has_its_own_text_and_is_found_by_it) {
  std::set<std::string_view> seen;
  for (int i = kFirst; i < kCount; ++i) {
    const Key key = static_cast<Key>(i);
    EXPECT_FALSE(key_text(key).empty()) << i;
    EXPECT_TRUE(seen.insert(key_text(key)).second) << key_text(key);
    EXPECT_EQ(find_key(key_text(key)), key) << key_text(key);
  }
}

TEST(KeyTable, texts_stand_at_the_number_of_their_name) {
  const struct {
    Key key;
    std::string_view text;
  } cases[] = {{Key::auth_type, "AUTH_TYPE"},
               {Key::https, "HTTPS"},
               {Key::path_info, "PATH_INFO"},
               {Key::remote_user, "REMOTE_USER"},
               {Key::request_uri, "REQUEST_URI"},
               {Key::script_filename, "SCRIPT_FILENAME"},
               {Key::server_software, "SERVER_SOFTWARE"},
               {Key::http_accept, "HTTP_ACCEPT"},
               {Key::http_host, "HTTP_HOST"},
               {Key::http_te, "HTTP_TE"},
               {Key::http_upgrade_insecure_requests, "HTTP_UPGRADE_INSECURE_REQUESTS"},
               {Key::http_x_real_ip, "HTTP_X_REAL_IP"},
               {Key::mod_wsgi_connection_id, "mod_wsgi.connection_id"},
               {Key::mod_wsgi_mount_point, "mod_wsgi.mount_point"},
               {Key::mod_wsgi_server_pid, "mod_wsgi.server_pid"}};
  for (const auto& c : cases) EXPECT_EQ(key_text(c.key), c.text);
}

TEST(KeyTable, control_entries_have_no_text_and_strangers_no_number) {
  for (int i = 0; i < kFirst; ++i) EXPECT_EQ(key_text(static_cast<Key>(i)), "");
  EXPECT_EQ(key_text(Key::count_), "");
  for (const auto* text : {"", "H", "HTTP_HOSTS", "http_host", "HTTP_X_CUSTOM", "PATH", "LANG",
                           "SSL_PROTOCOL", "mod_wsgi.x-token"}) {
    EXPECT_EQ(find_key(text), Key::custom) << text;
  }
}

TEST(Variables, come_back_as_written) {
  std::string block;
  VariableWriter writer(block);
  writer.add(Key::path_info, "/a");
  writer.add("HTTP_HOST", "example.com");
  writer.add("HTTP_X_ODD", std::string_view("v\0w", 3));
  writer.add_custom("EMPTY", "");
  VariableReader reader(block);
  Variable v;
  ASSERT_TRUE(reader.next(v));
  EXPECT_EQ(v.key, Key::path_info);
  EXPECT_EQ(v.value, "/a");
  ASSERT_TRUE(reader.next(v));
  EXPECT_EQ(v.key, Key::http_host);
  EXPECT_EQ(v.name, "");
  EXPECT_EQ(v.value, "example.com");
  ASSERT_TRUE(reader.next(v));
  EXPECT_EQ(v.key, Key::custom);
  EXPECT_EQ(v.name, "HTTP_X_ODD");
  EXPECT_EQ(v.value, std::string_view("v\0w", 3));
  ASSERT_TRUE(reader.next(v));
  EXPECT_EQ(v.name, "EMPTY");
  EXPECT_EQ(v.value, "");
  EXPECT_FALSE(reader.next(v));
}

TEST(Variables, a_name_too_long_for_the_wire_is_left_out) {
  std::string block;
  VariableWriter(block).add_custom(std::string(65536, 'N'), "v");
  EXPECT_EQ(block, "");
}

TEST(Variables, a_cut_block_ends_early_and_never_reads_beyond) {
  std::string whole;
  VariableWriter writer(whole);
  writer.add(Key::path_info, "/a");
  const std::size_t first = whole.size();
  writer.add_custom("NAME", "value");
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const std::vector<char> exact(whole.begin(), whole.begin() + static_cast<long>(n));
    VariableReader reader(std::string_view(exact.data(), exact.size()));
    Variable v;
    int read = 0;
    while (reader.next(v)) ++read;
    EXPECT_EQ(read, n >= first ? 1 : 0) << n;
    EXPECT_FALSE(reader.next(v));
  }
}

TEST(Variables, an_unknown_number_ends_the_block) {
  std::string block;
  VariableWriter writer(block);
  writer.add(Key::count_, "x");
  writer.add(Key::path_info, "/a");
  VariableReader reader(block);
  Variable v;
  EXPECT_FALSE(reader.next(v));
  EXPECT_FALSE(reader.next(v));
}

TEST(Message, parts_are_split_by_their_lengths) {
  RequestFixed fixed;
  fixed.site_id = 7;
  fixed.site_bytes = 4;
  fixed.variables_bytes = 3;
  fixed.application_group_bytes = 2;
  fixed.inline_body_bytes = 1;
  fixed.body = BodyMode::inline_;
  const std::string bytes = message(fixed, "sitevarapb");
  RequestMessage out;
  ASSERT_TRUE(split_message(bytes, out));
  EXPECT_EQ(out.fixed.site_id, 7U);
  EXPECT_EQ(out.site, "site");
  EXPECT_EQ(out.variables, "var");
  EXPECT_EQ(out.application_group, "ap");
  EXPECT_EQ(out.inline_body, "b");
}

TEST(Message, lengths_that_do_not_add_up_are_refused) {
  RequestFixed fixed;
  fixed.site_bytes = 4;
  fixed.inline_body_bytes = 1;
  const std::string bytes = message(fixed, "siteb");
  RequestMessage out;
  ASSERT_TRUE(split_message(bytes, out));
  EXPECT_FALSE(split_message(bytes + "x", out));
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    EXPECT_FALSE(split_message(std::string_view(bytes).substr(0, n), out)) << n;
  }
  fixed.site_bytes = 0xffffffff;
  EXPECT_FALSE(split_message(message(fixed, "siteb"), out));
}

TEST(Message, an_unknown_body_mode_is_refused) {
  RequestFixed fixed;
  fixed.body = static_cast<BodyMode>(3);
  RequestMessage out;
  EXPECT_FALSE(split_message(message(fixed, ""), out));
}

}  // namespace
}  // namespace appserver::daemon
