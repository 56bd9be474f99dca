// SPDX-License-Identifier: Apache-2.0
#include "base/http/date.hpp"

#include "base/http/tokens.hpp"

#include <algorithm>
#include <chrono>

namespace base::http {

namespace {

constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::string_view kLongDays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                          "Thursday", "Friday", "Saturday"};
constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void put_number(char* out, int digits, unsigned value) noexcept {
  for (int i = digits - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

/// Takes what is expected off the front of a text; once something else stands there, stays false.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool word(std::string_view expected) noexcept {
    if (text_.substr(0, expected.size()) != expected) return false;
    text_.remove_prefix(expected.size());
    return true;
  }
  template <std::size_t N>
  bool one_of(const std::string_view (&words)[N], unsigned& index) noexcept {
    for (std::size_t i = 0; i < N; ++i) {
      if (!word(words[i])) continue;
      index = static_cast<unsigned>(i);
      return true;
    }
    return false;
  }
  bool number(std::size_t digits, unsigned& value) noexcept {
    if (text_.size() < digits) return false;
    value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!is_digit(text_[i])) return false;
      value = value * 10 + static_cast<unsigned>(text_[i] - '0');
    }
    text_.remove_prefix(digits);
    return true;
  }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

 private:
  std::string_view text_;
};

struct Parts {
  unsigned weekday = 0;  // read, not compared: a wrong one is the sender's mistake
  unsigned day = 0;
  unsigned month = 0;  // 0: January
  unsigned year = 0;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
};

bool read_time(Reader& in, Parts& out) noexcept {
  return in.number(2, out.hour) && in.word(":") && in.number(2, out.minute) && in.word(":") &&
         in.number(2, out.second);
}

bool read_fixdate(Reader in, Parts& out) noexcept {
  return in.one_of(kDays, out.weekday) && in.word(", ") && in.number(2, out.day) && in.word(" ") &&
         in.one_of(kMonths, out.month) && in.word(" ") && in.number(4, out.year) && in.word(" ") &&
         read_time(in, out) && in.word(" GMT") && in.empty();
}

bool read_rfc850(Reader in, Parts& out) noexcept {
  return in.one_of(kLongDays, out.weekday) && in.word(", ") && in.number(2, out.day) &&
         in.word("-") && in.one_of(kMonths, out.month) && in.word("-") && in.number(2, out.year) &&
         in.word(" ") && read_time(in, out) && in.word(" GMT") && in.empty();
}

bool read_asctime(Reader in, Parts& out) noexcept {
  if (!in.one_of(kDays, out.weekday) || !in.word(" ") || !in.one_of(kMonths, out.month) ||
      !in.word(" "))
    return false;
  const bool day = in.word(" ") ? in.number(1, out.day) : in.number(2, out.day);
  return day && in.word(" ") && read_time(in, out) && in.word(" ") && in.number(4, out.year) &&
         in.empty();
}

std::optional<std::int64_t> seconds_of(const Parts& parts) noexcept {
  using namespace std::chrono;
  const year_month_day date(year(static_cast<int>(parts.year)), month(parts.month + 1),
                            day(parts.day));
  if (!date.ok() || parts.hour > 23 || parts.minute > 59 || parts.second > 60) return std::nullopt;
  const std::int64_t days = sys_days(date).time_since_epoch().count();
  // A leap second is the next minute's first.
  return days * 86400 + std::int64_t{parts.hour} * 3600 + std::int64_t{parts.minute} * 60 +
         parts.second;
}

}  // namespace

void format_date(char* out, std::int64_t seconds) noexcept {
  using namespace std::chrono;
  std::int64_t days = seconds / 86400;
  std::int64_t rest = seconds % 86400;
  if (rest < 0) {
    rest += 86400;
    --days;
  }
  const sys_days date{std::chrono::days(days)};
  const year_month_day ymd(date);
  const auto of_day = static_cast<unsigned>(rest);
  kDays[weekday(date).c_encoding()].copy(out, 3);
  out[3] = ',';
  out[4] = ' ';
  put_number(out + 5, 2, static_cast<unsigned>(ymd.day()));
  out[7] = ' ';
  kMonths[static_cast<unsigned>(ymd.month()) - 1].copy(out + 8, 3);
  out[11] = ' ';
  put_number(out + 12, 4, static_cast<unsigned>(static_cast<int>(ymd.year())));
  out[16] = ' ';
  put_number(out + 17, 2, of_day / 3600);
  out[19] = ':';
  put_number(out + 20, 2, of_day / 60 % 60);
  out[22] = ':';
  put_number(out + 23, 2, of_day % 60);
  std::string_view(" GMT").copy(out + 25, 4);
}

std::optional<std::int64_t> parse_date(std::string_view text, std::int64_t now) noexcept {
  const Reader in(text);
  Parts parts;
  if (read_fixdate(in, parts) || read_asctime(in, parts)) return seconds_of(parts);
  if (!read_rfc850(in, parts)) return std::nullopt;
  // Take the century that brings the year nearest below 50 years from now.
  constexpr std::int64_t kFiftyYears = 50LL * 31'556'952;
  const std::chrono::year_month_day latest(std::chrono::sys_days(
      std::chrono::days(std::clamp<std::int64_t>((now + kFiftyYears) / 86400, 0, 2'900'000))));
  const auto latest_year = static_cast<unsigned>(static_cast<int>(latest.year()));
  parts.year += latest_year / 100 * 100;
  if (parts.year > latest_year) parts.year -= 100;
  return seconds_of(parts);
}

}  // namespace base::http
