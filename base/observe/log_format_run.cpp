// SPDX-License-Identifier: Apache-2.0
// Runs the steps of a compiled LogFormat over one exchange. Nothing is allocated once the buffer
// has grown.
#include "base/observe/log.hpp"
#include "base/observe/log_format.hpp"
#include "base/observe/wall_time.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>
#include <locale.h>
#include <time.h>
#include <unistd.h>

namespace base::observe {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

template <class T>
void append_number(std::string& out, T value, int base = 10) {
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value, base);
  if (error == std::errc()) out.append(digits, end);
}

void append_padded(std::string& out, std::int64_t value, std::size_t width) {
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  if (error != std::errc()) return;
  const auto n = static_cast<std::size_t>(end - digits);
  out.append(width - std::min(width, n), '0').append(digits, n);
}

void append_text(std::string& out, std::string_view value) {
  if (value.empty()) {
    out += '-';
  } else {
    append_escaped(out, value);
  }
}

void append_address(std::string& out, const net::SocketAddress* address) {
  if (address == nullptr || address->is_unix) {
    out += '-';
    return;
  }
  const std::uint8_t* bytes = address->ip.bytes;
  if (address->ip.is_v4()) {  // by hand: inet_ntop goes through printf
    for (int i = 12; i < 16; ++i) {
      if (i > 12) out += '.';
      append_number(out, unsigned{bytes[i]});
    }
    return;
  }
  char text[INET6_ADDRSTRLEN] = {};
  out += ::inet_ntop(AF_INET6, bytes, text, sizeof text);
}

void append_port(std::string& out, const net::SocketAddress* address) {
  if (address == nullptr || address->is_unix) {
    out += '-';
  } else {
    append_number(out, address->port);
  }
}

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool same_name(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Values of fields that came more than once are joined, as one list field would be.
class Joined {
 public:
  explicit Joined(std::string& out) : out_(out), start_(out.size()) {}
  void add(std::string_view value) {
    if (out_.size() > start_) out_ += ", ";
    append_escaped(out_, value);
  }
  void finish() {
    if (out_.size() == start_) out_ += '-';
  }

 private:
  std::string& out_;
  std::size_t start_;
};

void append_request_field(std::string& out, const ExchangeRecord& exchange, std::string_view name) {
  Joined joined(out);
  if (exchange.request != nullptr) {
    for (const http::Field& field : exchange.request->fields)
      if (same_name(field.name, name)) joined.add(field.value);
  }
  joined.finish();
}

void append_response_field(std::string& out, std::string_view lines, std::string_view name) {
  Joined joined(out);
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && same_name(line.substr(0, colon), name))
      joined.add(trim(line.substr(colon + 1)));
  }
  joined.finish();
}

void append_cookie(std::string& out, const ExchangeRecord& exchange, std::string_view name) {
  if (exchange.request != nullptr) {
    for (const http::Field& field : exchange.request->fields) {
      if (!same_name(field.name, "cookie")) continue;
      for (std::string_view rest = field.value; !rest.empty();) {
        const std::size_t end = std::min(rest.find(';'), rest.size());
        const std::string_view pair = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos) continue;
        if (same_name(trim(pair.substr(0, equals)), name))
          return append_text(out, trim(pair.substr(equals + 1)));
      }
    }
  }
  out += '-';
}

void append_environment(std::string& out, const ExchangeRecord& exchange, std::string_view name) {
  const auto& set = exchange.environment;
  const auto found =
      std::find_if(set.rbegin(), set.rend(), [&](const auto& one) { return one.first == name; });
  append_text(out, found == set.rend() ? std::string_view() : std::string_view(found->second));
}

// strftime without %s, which would read the process's time zone: it is put in by hand.
void append_strftime(std::string& out, const std::string& format, std::int64_t second) {
  // Lives as long as the process: the locale of an embedded application must not reach our logs.
  static const locale_t c_locale = ::newlocale(LC_ALL_MASK, "C", nullptr);
  std::string expanded;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      expanded += format[i];
    } else if (format[++i] == 's') {
      append_number(expanded, second);
    } else {
      (expanded += '%') += format[i];
    }
  }
  tm parts = {};
  break_down(second, parts);
  char text[256];
  const std::size_t n = ::strftime_l(text, sizeof text, expanded.c_str(), &parts, c_locale);
  append_escaped(out, {text, n});
}

}  // namespace

bool LogFormat::wanted(const Step& step, int status) noexcept {
  if (step.statuses.empty()) return true;
  const bool listed =
      std::find(step.statuses.begin(), step.statuses.end(), status) != step.statuses.end();
  return listed != step.unless;
}

void LogFormat::append(std::string& out, const ExchangeRecord& exchange) {
  for (Step& step : steps_) {
    if (step.what == What::literal) {
      out += step.text;
    } else if (wanted(step, exchange.status)) {
      append_step(out, step, exchange);
    } else {
      out += '-';
    }
  }
}

void LogFormat::append_time(std::string& out, Step& step, const ExchangeRecord& exchange) {
  const std::int64_t us = exchange.start_us + (step.when == When::end ? exchange.duration_us : 0);
  const std::int64_t second = us / kSecond;
  switch (step.what) {
    case What::time_seconds:
      append_number(out, second);
      return;
    case What::time_millis:
      append_number(out, us / 1000);
      return;
    case What::time_micros:
      append_number(out, us);
      return;
    case What::time_millis_part:
      append_padded(out, us % kSecond / 1000, 3);
      return;
    case What::time_micros_part:
      append_padded(out, us % kSecond, 6);
      return;
    default:
      break;
  }
  if (second != step.second) {
    step.second = second;
    step.formatted.clear();
    if (step.what == What::time) {
      char text[kClfTimeBytes];
      step.formatted.append(text, write_clf_time(text, us));
    } else {
      append_strftime(step.formatted, step.text, second);
    }
  }
  out += step.formatted;
}

void LogFormat::append_step(std::string& out, Step& step, const ExchangeRecord& x) {
  switch (step.what) {
    case What::literal:
      out += step.text;
      break;
    case What::client_address:
      append_address(out, x.client);
      break;
    case What::peer_address:
      append_address(out, x.peer);
      break;
    case What::local_address:
      append_address(out, x.local);
      break;
    case What::nothing:
      out += '-';
      break;
    case What::user:
      append_text(out, x.user);
      break;
    case What::time:
    case What::time_text:
    case What::time_seconds:
    case What::time_millis:
    case What::time_micros:
    case What::time_millis_part:
    case What::time_micros_part:
      append_time(out, step, x);
      break;
    case What::request_line:
      append_text(out, x.request_line);
      break;
    case What::status:
      x.status == 0 ? void(out += '-') : append_number(out, x.status);
      break;
    case What::body_bytes:
      append_number(out, x.body_bytes_out);
      break;
    case What::body_bytes_clf:
      x.body_bytes_out == 0 ? void(out += '-') : append_number(out, x.body_bytes_out);
      break;
    case What::duration_us:
      append_number(out, x.duration_us);
      break;
    case What::duration_ms:
      append_number(out, x.duration_us / 1000);
      break;
    case What::duration_s:
      append_number(out, x.duration_us / kSecond);
      break;
    case What::file:
      append_text(out, x.file);
      break;
    case What::path:
      append_text(out, x.path);
      break;
    case What::query:
      if (!x.query.empty()) append_escaped(out += '?', x.query);
      break;
    case What::method:
      append_text(out, x.method);
      break;
    case What::protocol:
      append_text(out, x.protocol);
      break;
    case What::server_name:
      append_text(out, x.server_name);
      break;
    case What::host:
      append_text(out, x.host);
      break;
    case What::canonical_port:
      append_number(out, x.canonical_port);
      break;
    case What::local_port:
      append_port(out, x.local);
      break;
    case What::client_port:
      append_port(out, x.client);
      break;
    case What::process_id:
      append_number(out, ::getpid());
      break;
    case What::thread_id:
      append_number(out, ::gettid());
      break;
    case What::thread_id_hex:
      append_number(out, ::gettid(), 16);
      break;
    case What::bytes_in:
      append_number(out, x.bytes_in);
      break;
    case What::bytes_out:
      append_number(out, x.bytes_out);
      break;
    case What::bytes_both:
      append_number(out, x.bytes_in + x.bytes_out);
      break;
    case What::keep_alive:
      append_number(out, x.keep_alive_count);
      break;
    case What::connection:
      out += x.connection_status;
      break;
    case What::request_id:
      append_text(out, x.request_id);
      break;
    case What::handler:
      append_text(out, x.handler);
      break;
    case What::request_field:
      append_request_field(out, x, step.text);
      break;
    case What::response_field:
      append_response_field(out, x.response_fields, step.text);
      break;
    case What::environment:
      append_environment(out, x, step.text);
      break;
    case What::cookie:
      append_cookie(out, x, step.text);
      break;
  }
}

}  // namespace base::observe
