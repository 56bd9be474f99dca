// SPDX-License-Identifier: Apache-2.0
// Requests that mean harm: each gets the right 4xx or a closed connection, never a second answer,
// and the server serves the next client as if nothing had been.
#include "tests/integration/sites.hpp"
#include "tests/support/servers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tests::integration {
namespace {

using support::AppServer;
using support::HttpResponse;
using support::RawClient;

struct Attack {
  const char* name;
  std::string bytes;
  std::vector<int> statuses;  // any of them; the connection is closed afterwards unless `goes_on`
  bool goes_on = false;
};

// What a smuggled request would ask for: its answer would show.
const std::string kSmuggled = "GET /apps/hello.wsgi HTTP/1.1\r\nHost: localhost\r\n\r\n";
const std::string kPost = "POST /apps/echo.wsgi HTTP/1.1\r\nHost: localhost\r\n";

std::vector<Attack> attacks() {
  return {
      {"length_and_chunked",
       kPost + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + kSmuggled,
       {400}},
      {"chunked_and_length",
       kPost + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + kSmuggled,
       {400}},
      {"two_lengths", kPost + "Content-Length: 0\r\nContent-Length: 60\r\n\r\n" + kSmuggled, {400}},
      {"two_equal_lengths",
       kPost + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n" + kSmuggled,
       {400}},
      {"length_list", kPost + "Content-Length: 0, 0\r\n\r\n" + kSmuggled, {400}},
      {"length_signed", kPost + "Content-Length: +0\r\n\r\n" + kSmuggled, {400}},
      {"length_hexadecimal", kPost + "Content-Length: 0x10\r\n\r\n" + kSmuggled, {400}},
      {"length_beyond_64_bits",
       kPost + "Content-Length: 18446744073709551616\r\n\r\n" + kSmuggled,
       {400}},
      {"coding_not_chunked", kPost + "Transfer-Encoding: identity\r\n\r\n" + kSmuggled, {400, 501}},
      {"coding_chunked_twice",
       kPost + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" + kSmuggled,
       {400, 501}},
      {"coding_with_vertical_tab",
       kPost +
           "Transfer-Encoding: \x0b"
           "chunked\r\n\r\n0\r\n\r\n" +
           kSmuggled,
       {400, 501}},
      {"blank_before_colon",
       kPost + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + kSmuggled,
       {400}},
      {"folded_field", kPost + "X: a\r\n b\r\nContent-Length: 0\r\n\r\n" + kSmuggled, {400}},
      {"bare_line_feeds", "GET /apps/hello.wsgi HTTP/1.1\nHost: localhost\n\n" + kSmuggled, {400}},
      {"bare_carriage_return",
       "GET /apps/hello.wsgi HTTP/1.1\r\nHost: localhost\r\nX: a\rContent-Length: 3\r\n\r\n",
       {400}},
      {"null_in_field",
       std::string("GET /apps/hello.wsgi HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n", 65),
       {400}},
      {"chunk_size_not_hexadecimal",
       kPost + "Transfer-Encoding: chunked\r\n\r\nx\r\n" + kSmuggled,
       {400}},
      {"chunk_size_overflow",
       kPost + "Transfer-Encoding: chunked\r\n\r\n10000000000000001\r\na\r\n0\r\n\r\n" + kSmuggled,
       {400, 413}},
      {"chunk_size_signed", kPost + "Transfer-Encoding: chunked\r\n\r\n-1\r\n" + kSmuggled, {400}},
      {"chunk_longer_than_said",
       kPost + "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n" + kSmuggled,
       {400}},
      {"no_host", "GET /apps/hello.wsgi HTTP/1.1\r\n\r\n" + kSmuggled, {400}},
      {"two_hosts",
       "GET /apps/hello.wsgi HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + kSmuggled,
       {400}},
      {"two_equal_hosts",
       "GET /apps/hello.wsgi HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n" + kSmuggled,
       {400}},
      {"host_with_path", "GET /apps/hello.wsgi HTTP/1.1\r\nHost: a/b\r\n\r\n" + kSmuggled, {400}},
      {"not_http", "\x16\x03\x01\x02\x01\x01\x01\xfc\x03\x03", {400, 0}},
      {"version_2_in_a_start_line", "GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", {400, 505}},
      {"no_version", "GET /apps/hello.wsgi\r\n\r\n", {400}},
      {"blank_in_target", "GET /apps/hello.wsgi x HTTP/1.1\r\nHost: localhost\r\n\r\n", {400}},
      {"long_target",
       "GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
       {414, 400}},
      {"long_field",
       "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(200'000, 'a') + "\r\n\r\n",
       {400, 431}},
      {"many_fields",
       "GET / HTTP/1.1\r\nHost: localhost\r\n" +
           [] {
             std::string fields;
             for (int i = 0; i < 2000; ++i) fields += "X-" + std::to_string(i) + ": y\r\n";
             return fields;
           }() +
           "\r\n",
       {400, 431}},
      {"connect",
       "CONNECT example.test:443 HTTP/1.1\r\nHost: example.test:443\r\n\r\n",
       {405, 400},
       true},
      {"trace",
       "TRACE /apps/hello.wsgi HTTP/1.1\r\nHost: localhost\r\n\r\n",
       {405, 501, 403},
       true},
  };
}

class Attacks : public testing::TestWithParam<Attack> {};
INSTANTIATE_TEST_SUITE_P(All, Attacks, testing::ValuesIn(attacks()),
                         [](const auto& attack) { return std::string(attack.param.name); });

TEST_P(Attacks, gets_one_refusal_and_nothing_else) {
  const Attack& attack = GetParam();
  const AppServer server(daemon_site("processes=1 threads=2") + "WSGIChunkedRequest On\n");
  RawClient client = server.connect();
  (void)client.send(attack.bytes);
  if (attack.goes_on) client.half_close();
  const HttpResponse first = client.read_response();
  EXPECT_THAT(attack.statuses, testing::Contains(first.status)) << first.malformed;
  EXPECT_EQ(client.receive_all(), "") << "a second answer: the server took the rest for a request";
  EXPECT_EQ(server.get("/apps/hello.wsgi").status, 200);
}

struct Path {
  const char* name;
  std::string target;
};
const Path kEscapes[] = {
    {"dots", "/files/../secret"},
    {"dots_above_the_root", "/../../../../etc/passwd"},
    {"encoded_dots", "/files/%2e%2e/secret"},
    {"half_encoded_dots", "/files/.%2e/secret"},
    {"encoded_slash", "/files/..%2fsecret"},
    {"encoded_slash_upper", "/files/..%2Fsecret"},
    {"double_encoded", "/files/%252e%252e/secret"},
    {"backslash", "/files/..\\secret"},
    {"encoded_backslash", "/files/..%5csecret"},
    {"null", "/files/a.txt%00/../../secret"},
    {"alias_without_slash", "/files../secret"},
    {"double_slash", "//files//..//secret"},
    {"absolute_form", "http://localhost/files/../secret"},
    {"overlong_utf8", "/files/%c0%ae%c0%ae/secret"},
    {"dot_segments_in_a_row", "/files/a/../../secret"},
    {"path_as_file", "/files//etc/passwd"},
};

TEST(Attacks, no_spelling_leaves_the_served_folder) {
  const AppServer server(static_site());
  server.dir().write("files/a.txt", "public");
  server.dir().write("secret", "root: private");
  ASSERT_EQ(server.get("/files/a.txt").body, "public");
  for (const Path& path : kEscapes) {
    const HttpResponse response = server.get(path.target);
    EXPECT_THAT(response.status, testing::AnyOf(400, 403, 404)) << path.name;
    EXPECT_EQ(response.body.find("root:"), std::string::npos) << path.name;
  }
}

TEST(Attacks, a_client_that_sends_its_head_too_slowly_is_cut_off) {
  const AppServer server(daemon_site() + "RequestReadTimeout header=1\n");
  RawClient client = server.connect();
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: loc"));
  EXPECT_TRUE(client.closed_by_peer(std::chrono::seconds(10)));
}

}  // namespace
}  // namespace tests::integration
