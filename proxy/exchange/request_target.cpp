// SPDX-License-Identifier: Apache-2.0
#include "proxy/exchange/request_target.hpp"

#include "base/http/tokens.hpp"

#include <algorithm>

namespace proxy::exchange {

namespace {

bool is_host_char(char c) {
  constexpr std::string_view kOthers = "-._~%!$&'()*+;=";
  return base::http::is_alpha(c) || base::http::is_digit(c) ||
         kOthers.find(c) != std::string_view::npos;
}

bool is_port(std::string_view text) {
  return text.size() <= 5 && std::all_of(text.begin(), text.end(), base::http::is_digit);
}

TargetProblem from_absolute(base::http::RequestHead& head) {
  const std::string_view target = head.target;
  const std::size_t colon = target.find("://");
  if (colon == std::string_view::npos) return {400, "request target in none of the four forms"};
  const std::string_view scheme = target.substr(0, colon);
  if (!base::http::equals_ignore_case(scheme, "http") &&
      !base::http::equals_ignore_case(scheme, "https"))
    return {400, "scheme of the request target is neither http nor https"};
  const std::string_view rest = target.substr(colon + 3);
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view authority = rest.substr(0, end);
  if (authority.empty() || !is_authority(authority))
    return {400, "bad authority in the request target"};
  if (head.has_host && !base::http::equals_ignore_case(authority, head.host))
    return {400, "Host differs from the request target's authority"};
  head.host = authority;
  head.has_host = true;
  if (end == rest.size()) {
    head.target = head.method == base::http::Method::options ? "*" : "/";
  } else if (rest[end] == '?') {
    return {400, "request target without a path"};
  } else {
    head.target = rest.substr(end);
  }
  return {};
}

}  // namespace

bool is_authority(std::string_view text) noexcept {
  if (text.empty()) return false;
  if (text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return false;
    const std::string_view inner = text.substr(1, close - 1);
    const bool good = !inner.empty() && std::all_of(inner.begin(), inner.end(), [](char c) {
      return base::http::is_hex_digit(c) || c == ':' || c == '.';
    });
    const std::string_view rest = text.substr(close + 1);
    return good && (rest.empty() || (rest.front() == ':' && is_port(rest.substr(1))));
  }
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string_view host = text.substr(0, colon);
  return !host.empty() && std::all_of(host.begin(), host.end(), is_host_char) &&
         (colon == text.size() || is_port(text.substr(colon + 1)));
}

std::string_view host_of(std::string_view authority) noexcept {
  if (!authority.empty() && authority.front() == '[')
    return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

TargetProblem normalise_target(base::http::RequestHead& head) {
  if (head.method == base::http::Method::connect) return {405, "CONNECT: not a tunnel"};
  if (head.target.find('#') != std::string_view::npos)
    return {400, "fragment in the request target"};
  if (!head.host.empty() && !is_authority(head.host)) return {400, "bad host"};
  if (head.target == "*") {
    if (head.method == base::http::Method::options) return {};
    return {400, "request target `*` is for OPTIONS"};
  }
  if (head.target.empty()) return {400, "empty request target"};
  return head.target.front() == '/' ? TargetProblem{} : from_absolute(head);
}

}  // namespace proxy::exchange
