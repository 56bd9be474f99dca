// SPDX-License-Identifier: Apache-2.0
// Error log lines: one event is one line, whatever bytes come in, and nobody waits for the reader.
#include "base/observe/log.hpp"

#include "tests/unit/base/observe/temporary_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace base::observe {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

std::shared_ptr<ErrorLog> open_log(const TemporaryFile& file, LogLevel level = LogLevel::warn) {
  auto log = ErrorLog::open({file.path(), level});
  EXPECT_TRUE(log) << log.error().detail;
  return *log;
}

TEST(ErrorLog, line_has_utc_time_level_pid_and_text) {
  const TemporaryFile file;
  open_log(file)->write(LogLevel::error, "it broke", "client=192.0.2.7:5100");
  EXPECT_THAT(
      file.text(),
      MatchesRegex(
          "\\[20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\\.[0-9]+Z\\] "
          "\\[error\\] \\[pid [0-9]+\\] client=192\\.0\\.2\\.7:5100 it broke\n"));
}

TEST(ErrorLog, levels_above_the_configured_one_write_nothing) {
  const TemporaryFile file;
  const auto log = open_log(file, LogLevel::warn);
  log->write(LogLevel::debug, "quiet");
  LogLine(*log, LogLevel::info, "also.quiet").add("a", 1);
  log->write(LogLevel::warn, "loud");
  EXPECT_EQ(file.lines().size(), 1U);
  EXPECT_THAT(file.text(), EndsWith("loud\n"));
}

TEST(ErrorLog, control_bytes_of_text_never_make_a_second_line) {
  std::string every_byte;
  for (int c = 0; c < 256; ++c) every_byte += static_cast<char>(c);
  const TemporaryFile file;
  const auto log = open_log(file);
  log->write(LogLevel::error, every_byte, every_byte);
  LogLine(*log, LogLevel::error, "event.name").add("value", every_byte);
  const std::string text = file.text();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_THAT(text, HasSubstr("\\n\\x0b\\x0c\\r"));
  EXPECT_TRUE(std::none_of(text.begin(), text.end(), [](char raw) {
    const auto c = static_cast<unsigned char>(raw);
    return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
  }));
}

TEST(ErrorLog, long_text_is_cut_at_8_kib_and_the_line_still_ends) {
  const TemporaryFile file;
  const auto log = open_log(file);
  log->write(LogLevel::error, std::string(100'000, 'x'));
  log->write(LogLevel::error, std::string(100'000, '\x01'));
  log->write(LogLevel::error, "next");
  const auto lines = file.lines();
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_GE(lines[0].size(), 8180U);
  EXPECT_LE(lines[0].size(), 8191U);
  EXPECT_LE(lines[1].size(), 8191U);
  EXPECT_THAT(lines[2], EndsWith("next"));
}

TEST(ErrorLog, threads_do_not_mix_their_lines) {
  const TemporaryFile file;
  const auto log = open_log(file);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&log, t] {
      for (int i = 0; i < 200; ++i)
        log->write(LogLevel::error, std::string(300, static_cast<char>('a' + t)));
    });
  }
  for (auto& thread : threads) thread.join();
  const auto lines = file.lines();
  EXPECT_EQ(lines.size(), 800U);
  for (const auto& line : lines) {
    ASSERT_THAT(line, MatchesRegex("\\[[^ ]+\\] \\[error\\] \\[pid [0-9]+\\] [a-d]+"));
    ASSERT_GT(line.size(), 300U);
    const std::string text = line.substr(line.size() - 300);
    ASSERT_EQ(text, std::string(300, text[0]));
    ASSERT_EQ(line[line.size() - 301], ' ');
  }
}

TEST(ErrorLog, reopen_follows_a_rotated_file_under_the_same_number) {
  const TemporaryFile file;
  const auto log = open_log(file);
  log->write(LogLevel::error, "old");
  ASSERT_EQ(::rename(file.path().c_str(), (file.path() + ".1").c_str()), 0);
  ASSERT_TRUE(log->reopen());
  log->write(LogLevel::error, "new");
  EXPECT_THAT(file.text(), EndsWith("new\n"));
  EXPECT_EQ(file.lines().size(), 1U);
  ASSERT_EQ(::unlink((file.path() + ".1").c_str()), 0);
}

TEST(ErrorLog, new_files_are_not_for_everybody) {
  const TemporaryFile file;
  (void)::unlink(file.path().c_str());
  open_log(file)->write(LogLevel::error, "x");
  struct stat info = {};
  ASSERT_EQ(::stat(file.path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0007U, 0U);
}

TEST(ErrorLog, open_says_which_path_failed) {
  const auto log = ErrorLog::open({"/nonexistent/folder/error.log", LogLevel::warn});
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().code, ErrorCode::not_found);
  EXPECT_EQ(log.error().detail, "/nonexistent/folder/error.log: No such file or directory");
  const auto program = ErrorLog::open({"|/usr/bin/rotatelogs x", LogLevel::warn});
  ASSERT_FALSE(program);
  EXPECT_EQ(program.error().code, ErrorCode::unsupported);
}

TEST(ErrorLog, a_pipe_that_nobody_reads_loses_lines_but_no_time) {
  const TemporaryFile file;
  (void)::unlink(file.path().c_str());
  ASSERT_EQ(::mkfifo(file.path().c_str(), 0600), 0);
  const Fd reader(::open(file.path().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  ASSERT_TRUE(reader);
  const auto log = open_log(file);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) log->write(LogLevel::error, std::string(1000, 'y'));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
  char first[4096];
  ASSERT_EQ(::read(reader.get(), first, sizeof first), 4096);
  log->write(LogLevel::error, "after");  // room again: written, whole
  std::string rest;
  for (ssize_t n; (n = ::read(reader.get(), first, sizeof first)) > 0;)
    rest.append(first, static_cast<std::size_t>(n));
  EXPECT_THAT(rest, EndsWith("after\n"));
}

TEST(LogLine, values_are_escaped_and_quoted_where_needed) {
  const TemporaryFile file;
  const auto log = open_log(file);
  LogLine(*log, LogLevel::error, "daemon.exit")
      .add("group", "site")
      .add("signal", 9)
      .add("bytes", std::uint64_t{17})
      .add("text", "two words")
      .add("none", "")
      .add("quote", std::string("a\"b\\c\n\xc3\xa9"));
  EXPECT_THAT(file.text(),
              EndsWith("daemon.exit group=site signal=9 bytes=17 text=\"two words\" none=\"\" "
                       "quote=\"a\\\"b\\\\c\\x0a\\xc3\\xa9\"\n"));
}

TEST(Levels, words_are_case_blind_and_others_are_refused) {
  EXPECT_EQ(parse_level("Warn").value(), LogLevel::warn);
  EXPECT_EQ(parse_level("TRACE8").value(), LogLevel::trace8);
  for (const auto level : {LogLevel::emerg, LogLevel::error, LogLevel::trace3})
    EXPECT_EQ(parse_level(level_name(level)).value(), level);
  for (const char* wrong : {"", "warning", "trace", "trace0", "trace9"})
    EXPECT_FALSE(parse_level(wrong)) << wrong;
  EXPECT_EQ(parse_level("lo\"ud").error().detail,
            "unknown log level \"lo\\\"ud\": emerg, alert, crit, error, warn, notice, info, debug "
            "or trace1 to trace8");
}

}  // namespace
}  // namespace base::observe
