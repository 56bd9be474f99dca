// SPDX-License-Identifier: Apache-2.0
#include "base/http/request_target.hpp"

#include "base/http/field_line.hpp"
#include "base/http/tokens.hpp"
#include "base/net/endpoint.hpp"

#include <cstddef>

namespace base::http {

namespace {

constexpr std::size_t kMaxHostBytes = 255;

bool is_host_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > kMaxHostBytes || name.front() == '.') return false;
  char previous = 0;
  for (const char c : name) {
    if (!is_alpha(c) && !is_digit(c) && c != '-' && c != '_' && c != '.') return false;
    if (c == '.' && previous == '.') return false;
    previous = c;
  }
  return true;
}

bool parse_port(std::string_view text, std::uint16_t& port) noexcept {
  if (text.empty() || text.size() > 5) return false;
  std::uint32_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return false;
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
  }
  port = static_cast<std::uint16_t>(value);
  return value != 0 && value <= 65535;
}

/// Splits the query off; `path` ends where it begins.
void split_query(RequestTarget& target) noexcept {
  const std::size_t mark = target.path.find('?');
  if (mark == std::string_view::npos) return;
  target.has_query = true;
  target.query = target.path.substr(mark + 1);
  target.path = target.path.substr(0, mark);
}

bool split_absolute(std::string_view text, RequestTarget& out) noexcept {
  constexpr std::string_view kHttp = "http://";
  constexpr std::string_view kHttps = "https://";
  out.form = RequestTarget::Form::absolute;
  if (equals_ignore_case(text.substr(0, kHttp.size()), kHttp)) {
    text.remove_prefix(kHttp.size());
  } else if (equals_ignore_case(text.substr(0, kHttps.size()), kHttps)) {
    text.remove_prefix(kHttps.size());
    out.https = true;
  } else {
    return false;
  }
  const std::size_t end = text.find_first_of("/?");
  out.authority = text.substr(0, end);
  if (!parse_host(out.authority)) return false;
  out.path = end == std::string_view::npos ? std::string_view() : text.substr(end);
  split_query(out);
  if (out.path.empty()) out.path = "/";
  return true;
}

/// The path being built, segment by segment.
class PathBuilder {
 public:
  PathBuilder(std::string& out, MergeSlashes merge) : out_(out), merge_(merge) { out_ = "/"; }

  void add(char c) { out_.push_back(c); }
  /// Ends the segment before a slash. False: it led above the root.
  bool slash() {
    if (merge_ == MergeSlashes::on && out_.size() == segment_) return true;
    if (!is_dots()) {
      out_.push_back('/');
      segment_ = out_.size();
      return true;
    }
    return apply_dots();
  }
  bool finish() { return !is_dots() || apply_dots(); }

 private:
  [[nodiscard]] bool is_dots() const noexcept {
    const std::size_t size = out_.size() - segment_;
    return (size == 1 || size == 2) && out_[segment_] == '.' && out_.back() == '.';
  }
  bool apply_dots() {
    const bool parent = out_.size() - segment_ == 2;
    out_.resize(segment_);
    if (!parent) return true;
    if (segment_ == 1) return false;
    segment_ = out_.rfind('/', segment_ - 2) + 1;
    out_.resize(segment_);
    return true;
  }

  std::string& out_;
  MergeSlashes merge_;
  std::size_t segment_ = 1;  // where the segment being read begins
};

}  // namespace

std::optional<HostPort> parse_host(std::string_view value) noexcept {
  value = trim_blanks(value);
  HostPort out;
  std::size_t colon = value.find(':');
  if (!value.empty() && value.front() == '[') {
    const std::size_t close = value.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    const std::string_view literal = value.substr(1, close - 1);
    if (literal.find(':') == std::string_view::npos || !net::parse_ip(literal)) return std::nullopt;
    out.name = value.substr(0, close + 1);
    colon = close + 1 == value.size() ? std::string_view::npos : close + 1;
    if (colon != std::string_view::npos && value[colon] != ':') return std::nullopt;
  } else {
    out.name = value.substr(0, colon);
    if (!is_host_name(out.name)) return std::nullopt;
  }
  if (colon != std::string_view::npos && !parse_port(value.substr(colon + 1), out.port))
    return std::nullopt;
  return out;
}

void append_host_key(std::string& out, std::string_view name) {
  if (!name.empty() && name.back() == '.') name.remove_suffix(1);
  for (const char c : name) out.push_back(to_lower(c));
}

std::optional<RequestTarget> split_target(Method method, std::string_view target) noexcept {
  RequestTarget out;
  const char* const end = target.data() + target.size();
  if (target.empty() || detail::find_blank_or_control(target.data(), end) != end ||
      target.find('#') != std::string_view::npos)
    return std::nullopt;
  if (method == Method::connect) {
    const auto host = parse_host(target);
    if (!host || host->port == 0) return std::nullopt;
    out.form = RequestTarget::Form::authority;
    out.authority = target;
    return out;
  }
  if (target.front() == '/') {
    out.path = target;
    split_query(out);
    return out;
  }
  if (target == "*") {
    if (method != Method::options) return std::nullopt;
    out.form = RequestTarget::Form::asterisk;
    return out;
  }
  if (!split_absolute(target, out)) return std::nullopt;
  return out;
}

int normalize_path(std::string_view path, EncodedSlashes slashes, MergeSlashes merge,
                   std::string& out) {
  if (path.empty() || path.front() != '/') return 400;
  PathBuilder builder(out, merge);
  bool encoded_slash = false;
  for (std::size_t i = 1; i < path.size(); ++i) {
    char c = path[i];
    bool literal = false;
    if (c == '%') {
      if (path.size() - i < 3 || !is_hex_digit(path[i + 1]) || !is_hex_digit(path[i + 2]))
        return 400;
      c = static_cast<char>(hex_value(path[i + 1]) << 4 | hex_value(path[i + 2]));
      if (c == '\0') return 400;
      if (c == '/') {
        encoded_slash = true;
        literal = slashes != EncodedSlashes::on;
      }
      if (literal) {
        builder.add(path[i]);
        builder.add(path[i + 1]);
        builder.add(path[i + 2]);
      }
      i += 2;
    } else if (!is_value_char(c) || c == '\t') {
      return 400;
    }
    if (literal) continue;
    if (c != '/') {
      builder.add(c);
    } else if (!builder.slash()) {
      return 400;
    }
  }
  if (!builder.finish()) return 400;
  return encoded_slash && slashes == EncodedSlashes::off ? 404 : 0;
}

}  // namespace base::http
