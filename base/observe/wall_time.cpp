// SPDX-License-Identifier: Apache-2.0
#include "base/observe/wall_time.hpp"

#include <chrono>
#include <cstring>
#include <string_view>

namespace base::observe {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";

std::int64_t floor_seconds(std::int64_t us) noexcept {
  return us >= 0 ? us / kSecond : -((-us + kSecond - 1) / kSecond);
}

char* put(char* out, std::string_view text) noexcept {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

char* put_digits(char* out, std::int64_t value, int width) noexcept {
  for (int i = width - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return out + width;
}

}  // namespace

std::int64_t wall_clock_us() noexcept {
  timespec now = {};
  (void)::clock_gettime(CLOCK_REALTIME, &now);  // cannot fail for this clock
  return std::int64_t{now.tv_sec} * kSecond + now.tv_nsec / 1000;
}

void break_down(std::int64_t seconds, tm& out) noexcept {
  using std::chrono::days;
  const std::chrono::sys_seconds at{std::chrono::seconds(seconds)};
  const std::chrono::sys_days day = std::chrono::floor<days>(at);
  const std::chrono::year_month_day date(day);
  const auto in_day = static_cast<int>((at - day).count());
  const std::chrono::sys_days new_year = date.year() / std::chrono::January / 1;
  out = tm{};
  out.tm_year = static_cast<int>(date.year()) - 1900;
  out.tm_mon = static_cast<int>(static_cast<unsigned>(date.month())) - 1;
  out.tm_mday = static_cast<int>(static_cast<unsigned>(date.day()));
  out.tm_hour = in_day / 3600;
  out.tm_min = in_day / 60 % 60;
  out.tm_sec = in_day % 60;
  out.tm_wday = static_cast<int>(std::chrono::weekday(day).c_encoding());
  out.tm_yday = static_cast<int>((day - new_year).count());
  out.tm_zone = "UTC";
}

std::size_t write_iso_time(char* out, std::int64_t wall_us) noexcept {
  const std::int64_t seconds = floor_seconds(wall_us);
  tm t = {};
  break_down(seconds, t);
  char* at = put_digits(out, t.tm_year + 1900, 4);
  at = put_digits(put(at, "-"), t.tm_mon + 1, 2);
  at = put_digits(put(at, "-"), t.tm_mday, 2);
  at = put_digits(put(at, "T"), t.tm_hour, 2);
  at = put_digits(put(at, ":"), t.tm_min, 2);
  at = put_digits(put(at, ":"), t.tm_sec, 2);
  at = put_digits(put(at, "."), wall_us - seconds * kSecond, 6);
  at = put(at, "Z");
  return static_cast<std::size_t>(at - out);
}

std::size_t write_clf_time(char* out, std::int64_t wall_us) noexcept {
  tm t = {};
  break_down(floor_seconds(wall_us), t);
  char* at = put_digits(put(out, "["), t.tm_mday, 2);
  at = put(put(at, "/"), kMonths.substr(static_cast<std::size_t>(t.tm_mon) * 3, 3));
  at = put_digits(put(at, "/"), t.tm_year + 1900, 4);
  at = put_digits(put(at, ":"), t.tm_hour, 2);
  at = put_digits(put(at, ":"), t.tm_min, 2);
  at = put_digits(put(at, ":"), t.tm_sec, 2);
  at = put(at, " +0000]");
  return static_cast<std::size_t>(at - out);
}

}  // namespace base::observe
