// SPDX-License-Identifier: Apache-2.0
// LogFormat letters, modifiers and escapes (wsgi-hosting 1.14), and how lines reach the file.
#include "base/observe/access_log.hpp"

#include "tests/unit/base/observe/temporary_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fcntl.h>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace base::observe {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

net::SocketAddress address(const char* ip, std::uint16_t port) {
  net::SocketAddress out;
  out.ip = net::parse_ip(ip).value();
  out.port = port;
  return out;
}

// One exchange with something to tell for every letter.
class AccessLogTest : public ::testing::Test {
 protected:
  AccessLogTest() {
    request_.fields = {
        {"Host", "www.example.org", http::FieldName::host},
        {"User-Agent", "curl \"7\" \xff", http::FieldName::user_agent},
        {"X-Twice", "one", http::FieldName::other},
        {"x-twice", "two", http::FieldName::other},
        {"Cookie", "a=1; session = s3cret ;b=", http::FieldName::cookie},
    };
    exchange_.client = &client_;
    exchange_.peer = &peer_;
    exchange_.local = &local_;
    exchange_.request_line = "GET /a%20b?x=1 HTTP/1.1";
    exchange_.method = "GET";
    exchange_.path = "/a b";
    exchange_.query = "x=1";
    exchange_.protocol = "HTTP/1.1";
    exchange_.server_name = "www.example.org";
    exchange_.host = "alias.example.org";
    exchange_.canonical_port = 8443;
    exchange_.user = "alice";
    exchange_.file = "/srv/app.wsgi";
    exchange_.handler = "wsgi-script";
    exchange_.request_id = "abc";
    exchange_.status = 200;
    exchange_.body_bytes_out = 13;
    exchange_.bytes_in = 100;
    exchange_.bytes_out = 250;
    exchange_.start_us = 1'795'392'215'123'456;  // 2026-11-23 00:03:35 UTC
    exchange_.duration_us = 1'500'250;
    exchange_.keep_alive_count = 3;
    exchange_.connection_status = '+';
    exchange_.request = &request_;
    exchange_.response_fields = "Content-Type: text/html\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n";
    exchange_.environment = environment_;
  }

  std::string line(const std::string& format) {
    const TemporaryFile file;
    {
      auto log = AccessLog::open({file.path(), format});
      EXPECT_TRUE(log) << log.error().detail;
      if (!log) return {};
      (*log)->record(exchange_);
    }
    std::string text = file.text();
    EXPECT_TRUE(text.ends_with('\n'));
    text.pop_back();
    return text;
  }

  net::SocketAddress client_ = address("192.0.2.7", 51000);
  net::SocketAddress peer_ = address("2001:db8::9", 4000);
  net::SocketAddress local_ = address("10.0.0.1", 443);
  http::RequestHead request_;
  std::vector<std::pair<std::string, std::string>> environment_ = {
      {"TIER", "old"}, {"OTHER", "x"}, {"TIER", "gold"}};
  ExchangeRecord exchange_;
};

struct FormatCase {
  const char* format;
  const char* expected;
};

TEST_F(AccessLogTest, every_letter) {
  const FormatCase cases[] = {
      {"%h %a %{c}a %A", "192.0.2.7 192.0.2.7 2001:db8::9 10.0.0.1"},
      {"%l %u", "- alice"},
      {"%t", "[23/Nov/2026:00:03:35 +0000]"},
      {"%r|%m|%U|%q|%H", "GET /a%20b?x=1 HTTP/1.1|GET|/a b|?x=1|HTTP/1.1"},
      {"%s %>s %<s", "200 200 200"},
      {"%b %B %I %O %S", "13 13 100 250 350"},
      {"%D %T %{us}T %{ms}T %{s}T", "1500250 1 1500250 1500 1"},
      {"%f %R %L", "/srv/app.wsgi wsgi-script abc"},
      {"%v %V", "www.example.org alias.example.org"},
      {"%p %{canonical}p %{local}p %{remote}p", "8443 8443 443 51000"},
      {"%k %X", "3 +"},
      {"%{host}i %{X-Twice}i %{Missing}i", "www.example.org one, two -"},
      {"%{content-type}o %{Set-Cookie}o %{Missing}o", "text/html a=1, b=2 -"},
      {"%{TIER}e %{OTHER}e %{NONE}e", "gold x -"},
      {"%{a}C %{SESSION}C %{b}C %{c}C", "1 s3cret - -"},
      {"%{note}n %{X}^ti %{X}^to", "- - -"},
      {"100%% a\\tb \\\"q\\\" \\\\ \\z", "100% a\tb \"q\" \\ \\z"},
  };
  for (const auto& one : cases) EXPECT_EQ(line(one.format), one.expected) << one.format;
}

TEST_F(AccessLogTest, time_formats) {
  const FormatCase cases[] = {
      {"%{sec}t %{msec}t %{usec}t", "1795392215 1795392215123 1795392215123456"},
      {"%{msec_frac}t %{usec_frac}t", "123 123456"},
      {"%{begin:sec}t %{end:sec}t %{end:usec_frac}t", "1795392215 1795392216 623706"},
      {"%{%Y-%m-%dT%H:%M:%S%z}t", "2026-11-23T00:03:35+0000"},
      {"%{%d/%b/%Y %s %Z %%}t", "23/Nov/2026 1795392215 UTC %"},
      {"%{end:%H:%M:%S}t %{begin:%S}t", "00:03:36 35"},
      {"%{begin:}t", "[23/Nov/2026:00:03:35 +0000]"},
  };
  for (const auto& one : cases) EXPECT_EQ(line(one.format), one.expected) << one.format;
}

TEST_F(AccessLogTest, time_zone_of_the_process_changes_nothing) {
  ASSERT_EQ(::setenv("TZ", "Asia/Tokyo", 1), 0);
  ::tzset();
  const std::string seen = line("%t %{%H %s}t");
  ASSERT_EQ(::unsetenv("TZ"), 0);
  ::tzset();
  EXPECT_EQ(seen, "[23/Nov/2026:00:03:35 +0000] 00 1795392215");
}

TEST_F(AccessLogTest, process_and_thread_numbers) {
  EXPECT_EQ(line("%P %{pid}P"), std::to_string(::getpid()) + " " + std::to_string(::getpid()));
  EXPECT_EQ(line("%{tid}P"), std::to_string(::gettid()));
}

TEST_F(AccessLogTest, status_conditions) {
  EXPECT_EQ(line("%200,304{host}i"), "www.example.org");
  EXPECT_EQ(line("%!200,304{host}i"), "-");
  EXPECT_EQ(line("%404r"), "-");
  EXPECT_EQ(line("%!404>s"), "200");
  exchange_.status = 404;
  EXPECT_EQ(line("%404{x-twice}i %!404u %400,404>s"), "one, two - 404");
}

TEST_F(AccessLogTest, data_that_is_missing_prints_a_dash) {
  exchange_ = ExchangeRecord();
  EXPECT_EQ(line("%h %{c}a %A %{local}p %{remote}p %u %r %m %U %H %v %V %f %R %L %s %X %{a}i %{a}o "
                 "%{a}C %{a}e"),
            "- - - - - - - - - - - - - - - - - - - - -");
  EXPECT_EQ(line("%b %B[%q]%k"), "- 0[]0");
}

TEST_F(AccessLogTest, unix_peers_have_no_address) {
  client_.is_unix = true;
  EXPECT_EQ(line("%h %{remote}p"), "- -");
}

TEST_F(AccessLogTest, hostile_bytes_stay_on_their_line_and_within_their_quotes) {
  std::string every_byte;
  for (int c = 0; c < 256; ++c) every_byte += static_cast<char>(c);
  exchange_.request_line = exchange_.method = exchange_.path = exchange_.query = every_byte;
  exchange_.user = exchange_.host = exchange_.file = exchange_.protocol = every_byte;
  request_.fields.push_back({"Evil", every_byte, http::FieldName::other});
  const std::string text = line("\"%r\" %m %U %q %u %V %f %H \"%{evil}i\"");
  for (const char raw : text) {
    const auto c = static_cast<unsigned char>(raw);
    ASSERT_TRUE(c >= 0x20 && c < 0x7f) << int{c};
  }
  EXPECT_THAT(text, StartsWith("\"\\x00\\x01"));
  EXPECT_THAT(text, HasSubstr(" !\\\"#"));
  EXPECT_THAT(text, HasSubstr("[\\\\]"));
}

TEST(LogFormat, mistakes_name_the_letter) {
  const FormatCase cases[] = {
      {"%Z", "unknown letter \"%Z\" in the log format"},
      {"%h %200{x}Q", "unknown letter \"%200{x}Q\" in the log format"},
      {"%{x}p", "unknown argument of \"%{x}p\" in the log format"},
      {"%{m}T", "unknown argument of \"%{m}T\" in the log format"},
      {"%i", "no name in \"%i\" in the log format"},
      {"%{}e", "no name in \"%{}e\" in the log format"},
      {"%{Host", "no closing brace in \"%{\" in the log format"},
      {"abc %", "no letter after \"%\" in the log format"},
      {"%>", "no letter after \"%>\" in the log format"},
      {"%99s", "bad status in \"%99\" in the log format"},
      {"%20000s", "bad status in \"%2000\" in the log format"},
      {"%{a}%", "unknown letter \"%{a}%\" in the log format"},
  };
  for (const auto& one : cases) {
    const auto checked = check_log_format(one.format);
    ASSERT_FALSE(checked) << one.format;
    EXPECT_EQ(checked.error().detail, one.expected);
  }
  EXPECT_TRUE(
      check_log_format("%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\""));
}

TEST_F(AccessLogTest, lines_wait_for_flush_and_go_out_at_32_kib) {
  const TemporaryFile file;
  const auto log = AccessLog::open({file.path(), "%r"}).value();
  EXPECT_FALSE(log->pending());
  log->record(exchange_);
  EXPECT_TRUE(log->pending());
  EXPECT_EQ(file.text(), "");
  log->flush();
  EXPECT_FALSE(log->pending());
  EXPECT_EQ(file.text(), "GET /a%20b?x=1 HTTP/1.1\n");
  const std::string large(8000, 'x');
  exchange_.request_line = large;
  for (int i = 0; i < 4; ++i) log->record(exchange_);
  EXPECT_EQ(file.lines().size(), 1U);
  log->record(exchange_);
  EXPECT_EQ(file.lines().size(), 6U);
  EXPECT_FALSE(log->pending());
}

TEST_F(AccessLogTest, two_writers_of_one_file_keep_lines_whole) {
  const TemporaryFile file;
  const auto a = AccessLog::open({file.path(), "a %r"}).value();
  const auto b = AccessLog::open({file.path(), "b %r"}).value();
  for (int i = 0; i < 3000; ++i) (i % 2 == 0 ? a : b)->record(exchange_);
  a->flush();
  b->flush();
  const auto lines = file.lines();
  EXPECT_EQ(lines.size(), 3000U);
  for (const auto& one : lines) ASSERT_EQ(one.substr(1), " GET /a%20b?x=1 HTTP/1.1");
}

TEST_F(AccessLogTest, a_full_disk_costs_lines_and_is_counted) {
  const auto log = AccessLog::open({"/dev/full", "%r"}).value();
  for (int i = 0; i < 10; ++i) log->record(exchange_);
  ::testing::internal::CaptureStderr();
  log->flush();
  EXPECT_FALSE(log->pending());
  log->record(exchange_);
  log->flush();
  const std::string complaint = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(log->take_lines_lost(), 11U);
  EXPECT_EQ(log->take_lines_lost(), 0U);
  // Told once: the second loss is within the minute.
  EXPECT_EQ(complaint, "access log /dev/full: 10 lines lost: No space left on device\n");
}

TEST_F(AccessLogTest, a_line_cut_by_a_full_disk_does_not_spoil_the_next) {
  const TemporaryFile file;
  const auto log = AccessLog::open({file.path(), "%r"}).value();
  rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old_handler = ::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{30, before.rlim_max};
  ::testing::internal::CaptureStderr();
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  log->record(exchange_);
  log->record(exchange_);
  log->flush();  // 24 bytes of the first line and 6 of the second
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  (void)::testing::internal::GetCapturedStderr();
  (void)::signal(SIGXFSZ, old_handler);
  log->record(exchange_);
  log->flush();
  EXPECT_EQ(log->take_lines_lost(), 1U);
  EXPECT_EQ(file.text(), "GET /a%20b?x=1 HTTP/1.1\nGET /a\nGET /a%20b?x=1 HTTP/1.1\n");
}

TEST_F(AccessLogTest, a_slow_reader_of_a_pipe_gets_every_line_later_up_to_a_limit) {
  const TemporaryFile file;
  (void)::unlink(file.path().c_str());
  ASSERT_EQ(::mkfifo(file.path().c_str(), 0600), 0);
  const Fd reader(::open(file.path().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  ASSERT_TRUE(reader);
  const auto log = AccessLog::open({file.path(), "%r"}).value();
  const std::size_t line_bytes = exchange_.request_line.size() + 1;
  const std::size_t count = 500'000 / line_bytes;  // more than a pipe holds, less than we keep
  for (std::size_t i = 0; i < count; ++i) log->record(exchange_);
  EXPECT_TRUE(log->pending());
  std::string seen;
  char piece[65536];
  while (log->pending()) {
    log->flush();
    const ssize_t n = ::read(reader.get(), piece, sizeof piece);
    ASSERT_GT(n, 0);
    seen.append(piece, static_cast<std::size_t>(n));
  }
  for (ssize_t n; (n = ::read(reader.get(), piece, sizeof piece)) > 0;)
    seen.append(piece, static_cast<std::size_t>(n));
  EXPECT_EQ(seen.size(), count * line_bytes);
  EXPECT_EQ(log->take_lines_lost(), 0U);

  ::testing::internal::CaptureStderr();
  for (std::size_t i = 0; i < 2'000'000 / line_bytes; ++i) log->record(exchange_);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              HasSubstr("1 lines lost: Resource temporarily unavailable"));
  EXPECT_GT(log->take_lines_lost(), 30'000U);
}

TEST_F(AccessLogTest, reopen_follows_a_rotated_file) {
  const TemporaryFile file;
  const auto log = AccessLog::open({file.path(), "%r"}).value();
  log->record(exchange_);
  const std::string old_path = file.path() + ".1";
  ASSERT_EQ(::rename(file.path().c_str(), old_path.c_str()), 0);
  ASSERT_TRUE(log->reopen());  // what was pending belongs to the old file
  log->record(exchange_);
  log->flush();
  EXPECT_EQ(file.lines().size(), 1U);
  struct stat info = {};
  ASSERT_EQ(::stat(old_path.c_str(), &info), 0);
  EXPECT_EQ(info.st_size, 24);
  ASSERT_EQ(::unlink(old_path.c_str()), 0);
}

}  // namespace
}  // namespace base::observe
