// SPDX-License-Identifier: Apache-2.0
// Dates written, and the three forms read.
#include "base/http/date.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <string>

namespace base::http {
namespace {

constexpr std::int64_t kNow = 1'795'000'000;  // 2026-11-18

std::string formatted(std::int64_t seconds) {
  char buffer[kDateSize];
  format_date(buffer, seconds);
  return {buffer, kDateSize};
}

TEST(Date, is_written_as_the_c_library_does) {
  for (std::int64_t at = 0; at < 4'200'000'000; at += 40'009'997) {
    const std::time_t time = at;
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    char expected[64];
    const std::size_t size =
        std::strftime(expected, sizeof expected, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    EXPECT_EQ(formatted(at), std::string(expected, size));
    EXPECT_EQ(parse_date(formatted(at), kNow), at);
  }
  EXPECT_EQ(formatted(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(formatted(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
}

TEST(Date, reads_three_forms) {
  const std::pair<const char*, std::int64_t> rows[] = {
      {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
      {"Sunday, 06-Nov-94 08:49:37 GMT", 784111777},
      {"Sun Nov  6 08:49:37 1994", 784111777},
      {"Wed Nov 16 08:49:37 1994", 784975777},
      {"Mon, 29 Feb 2016 00:00:00 GMT", 1456704000},
      {"Sat, 31 Dec 2016 23:59:60 GMT", 1483228800},
      {"Saturday, 01-Jan-77 00:00:00 GMT", 220924800},    // 2077 is more than 50 years ahead
      {"Wednesday, 01-Jan-76 00:00:00 GMT", 3345062400},  // 2076 is not
      {"Friday, 01-Jan-00 00:00:00 GMT", 946684800},
  };
  for (const auto& [text, seconds] : rows) EXPECT_EQ(parse_date(text, kNow), seconds) << text;
}

TEST(Date, refuses_everything_else) {
  for (const auto* text : {"",
                           "0",
                           "now",
                           "Sun, 06 Nov 1994 08:49:37",
                           "Sun, 06 Nov 1994 08:49:37 UTC",
                           "Sun, 06 Nov 1994 08:49:37 GMT ",
                           " Sun, 06 Nov 1994 08:49:37 GMT",
                           "sun, 06 Nov 1994 08:49:37 GMT",
                           "Sun, 6 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 94 08:49:37 GMT",
                           "Sun, 31 Nov 1994 08:49:37 GMT",
                           "Sun, 29 Feb 2015 08:49:37 GMT",
                           "Sun, 00 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 24:00:00 GMT",
                           "Sun, 06 Nov 1994 08:60:00 GMT",
                           "Sun, 06 Nov 1994 08:49:61 GMT",
                           "Sun, 06 Nov 1994 08:49:-1 GMT",
                           "Sun, 06 Nov 1994 8:49:37 GMT",
                           "Sun, 06-Nov-94 08:49:37 GMT",
                           "Sunday, 06 Nov 1994 08:49:37 GMT",
                           "Sun Nov 6 08:49:37 1994",
                           "1994-11-06T08:49:37Z"})
    EXPECT_FALSE(parse_date(text, kNow)) << text;
}

TEST(CachedDate, changes_with_the_second) {
  CachedDate date;
  EXPECT_EQ(date.at(784111777'000000), "Sun, 06 Nov 1994 08:49:37 GMT");
  const char* place = date.at(784111777'999999).data();
  EXPECT_EQ(std::string_view(place, kDateSize), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(date.at(784111778'000000), "Sun, 06 Nov 1994 08:49:38 GMT");
}

}  // namespace
}  // namespace base::http
