// SPDX-License-Identifier: Apache-2.0
// Methods, validators, directories, links and denied names (wsgi-hosting 7.1, 7.2, 7.6
// to 7.8, 10.91 to 10.96).
#include "site.hpp"
#include <sys/socket.h>
#include <sys/un.h>

namespace appserver::handlers {
namespace {

TEST_F(Site, get_sends_file_and_validators) {
  write("a.css", "hello");
  const Reply reply = ask("GET", "/a.css");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "hello");
  EXPECT_EQ(reply.content_length, 5U);
  EXPECT_TRUE(reply.has_content_length);
  char expected[64];
  std::snprintf(expected, sizeof expected, "\"5-%llx\"", 784111777000000ULL);
  EXPECT_EQ(field(reply, "ETag"), expected);
  EXPECT_EQ(field(reply, "Last-Modified"), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(field(reply, "Accept-Ranges"), "bytes");
  EXPECT_EQ(field(reply, "Content-Type"), "text/css");
  for (const auto* name : {"Date", "Server", "Content-Length", "Connection"})
    EXPECT_EQ(field(reply, name), "-");
}

TEST_F(Site, a_warm_hit_owns_no_text) {
  write("a.css", "hello");
  (void)ask("GET", "/a.css");
  const Reply reply = ask("GET", "/a.css");
  EXPECT_TRUE(reply.answer.own_fields.empty());
  EXPECT_TRUE(reply.answer.text.empty());
  EXPECT_EQ(reply.answer.body, StaticAnswer::Body::memory);
  EXPECT_EQ(reply.answer.memory.data(), reply.answer.file->content.data());
}

TEST_F(Site, methods) {
  write("a.css", "hello");
  const std::tuple<const char*, const char*, int> rows[] = {
      {"HEAD", "/a.css", 200},   {"POST", "/a.css", 200},     {"OPTIONS", "/a.css", 200},
      {"PUT", "/a.css", 405},    {"DELETE", "/a.css", 405},   {"PATCH", "/a.css", 405},
      {"TRACE", "/a.css", 405},  {"PROPFIND", "/a.css", 405}, {"MKCOL", "/a.css", 405},
      {"FOO", "/a.css", 501},    {"get", "/a.css", 501},      {"GET", "/none", 404},
      {"HEAD", "/none", 404},    {"POST", "/none", 404},      {"PUT", "/none", 405},
      {"FOO", "/none", 501},     {"GET", "/a.css/x", 404},    {"GET", "/a.css/", 404},
      {"POST", "/a.css/x", 404},
  };
  for (const auto& [method, url, status] : rows) {
    const Reply reply = ask(method, url);
    EXPECT_EQ(reply.status, status) << method << ' ' << url;
    const bool allow = status == 405 || status == 501 || std::string(method) == "OPTIONS";
    EXPECT_EQ(field(reply, "Allow"), allow ? "GET, HEAD, OPTIONS" : "-") << method << ' ' << url;
  }
  const Reply head = ask("HEAD", "/a.css");
  EXPECT_EQ(head.answer.body, StaticAnswer::Body::none);
  EXPECT_EQ(head.content_length, 5U);
  EXPECT_EQ(head.fields, ask("GET", "/a.css").fields);
  EXPECT_EQ(ask("POST", "/a.css").body, "hello");
  const Reply options = ask("OPTIONS", "/a.css");
  EXPECT_EQ(options.content_length, 0U);
  EXPECT_EQ(options.body, "");
  EXPECT_EQ(field(options, "Content-Type"), "text/css");
  EXPECT_EQ(field(options, "ETag"), "-");
}

TEST_F(Site, error_pages_are_html_and_head_has_only_their_length) {
  const Reply get = ask("GET", "/none");
  EXPECT_EQ(field(get, "Content-Type"), "text/html; charset=iso-8859-1");
  EXPECT_EQ(get.content_length, get.body.size());
  EXPECT_NE(get.body.find("404 Not Found"), std::string::npos);
  const Reply head = ask("HEAD", "/none");
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(head.content_length, get.content_length);
}

TEST_F(Site, unknown_type_has_no_field) {
  write("a.zzz", "x");
  EXPECT_EQ(field(ask("GET", "/a.zzz"), "Content-Type"), "-");
}

TEST_F(Site, young_file_has_a_weak_tag_until_it_is_a_second_old) {
  write("a.css", "hello", kWallUs / 1'000'000);
  wall_us_ = kWallUs + 500'000;
  EXPECT_EQ(field(ask("GET", "/a.css"), "ETag").substr(0, 3), "W/\"");
  wall_us_ += 1'500'000;
  now_ += std::chrono::milliseconds(1500);
  const Reply later = ask("GET", "/a.css");
  EXPECT_EQ(field(later, "ETag")[0], '"');
}

TEST_F(Site, future_time_is_clamped_and_its_tag_is_weak) {
  write("a.css", "hello", kWallUs / 1'000'000 + 3600);
  const Reply reply = ask("GET", "/a.css");
  EXPECT_EQ(field(reply, "Last-Modified"), "Tue, 14 Nov 2023 22:13:20 GMT");
  char expected[64];
  std::snprintf(expected, sizeof expected, "W/\"5-%llx\"",
                static_cast<unsigned long long>(kWallUs + 3'600'000'000));
  EXPECT_EQ(field(reply, "ETag"), expected);
}

TEST_F(Site, conditions) {
  write("a.css", "hello");
  const std::string etag = field(ask("GET", "/a.css"), "ETag");
  const Reply not_modified = ask("GET", "/a.css", "If-None-Match: " + etag + "\r\n");
  EXPECT_EQ(not_modified.status, 304);
  EXPECT_EQ(not_modified.body, "");
  EXPECT_FALSE(not_modified.has_content_length);
  EXPECT_EQ(field(not_modified, "ETag"), etag);
  EXPECT_EQ(field(not_modified, "Content-Type"), "-");
  EXPECT_EQ(ask("GET", "/a.css", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n").status,
            304);
  EXPECT_EQ(ask("GET", "/a.css", "If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n").status,
            200);
  const Reply failed = ask("GET", "/a.css", "If-Match: \"x\"\r\n");
  EXPECT_EQ(failed.status, 412);
  EXPECT_TRUE(failed.has_content_length);
  EXPECT_EQ(failed.content_length, 0U);
  EXPECT_EQ(failed.body, "");
  EXPECT_EQ(field(failed, "ETag"), etag);
  EXPECT_EQ(ask("POST", "/a.css", "If-None-Match: *\r\n").status, 412);
  EXPECT_EQ(ask("GET", "/none", "If-None-Match: *\r\n").status, 404);
}

TEST_F(Site, directory_without_slash_is_redirected) {
  std::filesystem::create_directories(path("d"));
  for (const auto* method : {"GET", "POST", "OPTIONS", "PUT", "FOO"}) {
    const Reply reply = ask(method, "/d");
    EXPECT_EQ(reply.status, 301) << method;
    EXPECT_EQ(field(reply, "Location"), "https://example.org:8443/d/") << method;
  }
  EXPECT_EQ(field(ask("GET", "/d?a=b&c"), "Location"), "https://example.org:8443/d/?a=b&c");
  EXPECT_EQ(field(ask("GET", "/d?"), "Location"), "https://example.org:8443/d/?");
  std::filesystem::create_directories(path("a b;<\xc3\xa9%\n"));
  const Reply odd = ask("GET", "/a b;<\xc3\xa9%\n");
  EXPECT_EQ(field(odd, "Location"), "https://example.org:8443/a%20b%3b%3c%c3%a9%25%0a/");
  EXPECT_NE(odd.body.find("/a%20b%3b%3c"), std::string::npos);
  EXPECT_EQ(odd.content_length, odd.body.size());
  EXPECT_EQ(ask("HEAD", "/d").body, "");
}

TEST_F(Site, redirect_without_a_host_cannot_name_another) {
  authority_.clear();
  std::filesystem::create_directories(path("d"));
  EXPECT_EQ(field(ask("GET", "/d"), "Location"), "/d/");
  EXPECT_EQ(field(ask("GET", "//d"), "Location"), "/d/");
}

TEST_F(Site, index_is_served_for_a_directory) {
  write("d/index.html", "<p>");
  const Reply reply = ask("GET", "/d/");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "<p>");
  EXPECT_EQ(field(reply, "Content-Type"), "text/html");
  EXPECT_EQ(ask("GET", "/d/", "Range: bytes=1-1\r\n").body, "p");
}

TEST_F(Site, index_names_are_tried_in_order) {
  write("d/second.html", "2");
  write("d/third.html", "3");
  index_names_ = {"first.html", "/elsewhere", "second.html", "third.html"};
  EXPECT_EQ(ask("GET", "/d/").body, "2");
  write("d/first.html", "1");
  EXPECT_EQ(ask("GET", "/d/").body, "1");
  index_names_ = {".htaccess", "third.html"};
  write("d/.htaccess", "secret");
  EXPECT_EQ(ask("GET", "/d/").body, "3") << "a denied entry is skipped";
  std::filesystem::create_directories(path("d/sub"));
  index_names_ = {"sub"};
  EXPECT_EQ(field(ask("GET", "/d/?q"), "Location"), "https://example.org:8443/d/sub/?q");
}

TEST_F(Site, directory_without_index_is_forbidden) {
  write("d/x.css", "x");
  EXPECT_EQ(ask("GET", "/d/").status, 403);
  EXPECT_EQ(ask("POST", "/d/").status, 403);
  EXPECT_EQ(ask("PUT", "/d/").status, 405);
  EXPECT_EQ(ask("GET", "/none/").status, 404);
}

TEST_F(Site, parent_components_never_reach_the_disk) {
  write("d/x.css", "x");
  for (const auto* url : {"/d/../d/x.css", "/..", "/../etc/passwd", "/d/.."})
    EXPECT_EQ(ask("GET", url).status, 403) << url;
  write("d/..x", "x");
  EXPECT_EQ(ask("GET", "/d/..x").status, 200);
}

TEST_F(Site, ht_files_are_denied_whether_or_not_they_exist) {
  write(".htpasswd", "secret");
  write("d/x.css", "x");
  write(".hidden", "seen");
  write(".htdir/a.css", "x");
  EXPECT_EQ(ask("GET", "/.htpasswd").status, 403);
  EXPECT_EQ(ask("PUT", "/.htpasswd").status, 403);
  EXPECT_EQ(ask("GET", "/.htaccess").status, 403);
  EXPECT_EQ(ask("GET", "/d/.htaccess").status, 403);
  EXPECT_EQ(ask("GET", "/d/.ht").status, 403);
  EXPECT_EQ(ask("GET", "/.htpasswd/x").status, 403);
  EXPECT_EQ(ask("GET", "/none/.htaccess").status, 404);
  EXPECT_EQ(ask("GET", "/.htdir/a.css").status, 200);
  EXPECT_EQ(ask("GET", "/.hidden").status, 200);
  EXPECT_EQ(ask("GET", "/.hTpasswd").status, 404);
}

TEST_F(Site, special_files_are_forbidden_and_never_block) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0666), 0);
  EXPECT_EQ(ask("GET", "/fifo").status, 403);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path("sock").size(), sizeof address.sun_path);
  path("sock").copy(address.sun_path, sizeof address.sun_path - 1);
  const base::Fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(ask("GET", "/sock").status, 403);
}

TEST_F(Site, unreadable_is_forbidden_and_too_long_too) {
  EXPECT_EQ(ask("GET", "/" + std::string(300, 'x')).status, 403);
  EXPECT_EQ(ask("GET", std::string(5000, '/') + "x").status, 403);
  write("a.css", "x");
  ASSERT_EQ(::chmod(path("a.css").c_str(), 0), 0);
  ASSERT_EQ(::chmod(root_.c_str(), 0755), 0);
  // Root reads everything: be someone else for the question.
  const bool was_root = ::geteuid() == 0;
  if (was_root) {
    ASSERT_EQ(::seteuid(65534), 0);
  }
  const int status = ask("GET", "/a.css").status;
  if (was_root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  EXPECT_EQ(status, 403);
}

TEST_F(Site, links_are_followed_or_refused) {
  write("real/a.css", "hello");
  std::filesystem::create_symlink("real", path("dir_link"));
  std::filesystem::create_symlink("real/a.css", path("link.css"));
  std::filesystem::create_symlink("loop", path("loop"));
  EXPECT_EQ(ask("GET", "/link.css").body, "hello");
  EXPECT_EQ(ask("GET", "/dir_link/a.css").body, "hello");
  EXPECT_EQ(ask("GET", "/loop").status, 403);
  symlinks_ = Symlinks::refuse;
  EXPECT_EQ(ask("GET", "/link.css").status, 403);
  EXPECT_EQ(ask("GET", "/dir_link/a.css").status, 403);
  EXPECT_EQ(ask("GET", "/real/a.css").body, "hello");
  EXPECT_EQ(ask("GET", "/real").status, 301);
  EXPECT_EQ(ask("GET", "/real/none").status, 404);
  EXPECT_EQ(ask("GET", "/real/a.css/x").status, 404);
  EXPECT_EQ(ask("GET", "/real/a.css/").status, 404);
}

TEST_F(Site, a_link_in_the_configured_root_is_configurations_own) {
  write("real/a.css", "hello");
  std::filesystem::create_symlink("real", path("root_link"));
  root_ += "/root_link";
  symlinks_ = Symlinks::refuse;
  const Reply reply = ask("GET", "/a.css");
  root_ = root_.substr(0, root_.rfind('/'));
  EXPECT_EQ(reply.status, 200);
}

}  // namespace
}  // namespace appserver::handlers
