// SPDX-License-Identifier: Apache-2.0
#include "proxy/exchange/request_target.hpp"

#include "base/http/request_target.hpp"
#include "base/http/tokens.hpp"

namespace proxy::exchange {

using base::http::RequestTarget;

TargetProblem normalise_target(base::http::RequestHead& head) {
  if (head.has_host && !base::http::parse_host(head.host)) return {400, "bad Host"};
  if (head.method == base::http::Method::connect) return {405, "CONNECT: not a tunnel"};
  const auto target = base::http::split_target(head.method, head.target);
  if (!target) return {400, "bad request target"};
  switch (target->form) {
    case RequestTarget::Form::origin:
    case RequestTarget::Form::asterisk:
      return {};
    case RequestTarget::Form::authority:
      return {405, "CONNECT: not a tunnel"};
    case RequestTarget::Form::absolute:
      break;
  }
  if (!base::http::parse_host(target->authority))
    return {400, "bad authority in the request target"};
  if (head.has_host && !base::http::equals_ignore_case(target->authority, head.host))
    return {400, "Host differs from the request target's authority"};
  const std::string_view whole = head.target;
  const std::size_t authority_end =
      static_cast<std::size_t>(target->authority.data() - whole.data()) + target->authority.size();
  const std::string_view rest = whole.substr(authority_end);
  if (!rest.empty() && rest.front() != '/') return {400, "request target without a path"};
  head.host = target->authority;
  head.has_host = true;
  if (rest.empty()) {
    head.target = head.method == base::http::Method::options ? "*" : "/";
  } else {
    head.target = rest;
  }
  return {};
}

}  // namespace proxy::exchange
