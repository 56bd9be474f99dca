// SPDX-License-Identifier: Apache-2.0
// Which fields may pass from one connection to the next, and which may reach an application.
// Sources: RFC 9110 section 7.6.1; wsgi-hosting 4.4, 5.2.
#pragma once

#include "base/http/head.hpp"
#include "base/http/tokens.hpp"

#include <string_view>

namespace base::http {

/// Belongs to one connection: a proxy never passes it on. (Fields that `Connection` names go too.)
/// Proxy-Authorization is not among them: wsgi-hosting 4.5 decides about it.
constexpr bool is_hop_by_hop(FieldName id) noexcept {
  switch (id) {
    case FieldName::connection:
    case FieldName::http2_settings:
    case FieldName::keep_alive:
    case FieldName::proxy_connection:
    case FieldName::te:
    case FieldName::trailer:
    case FieldName::transfer_encoding:
    case FieldName::upgrade:
      return true;
    default:
      return false;
  }
}

/// Says something about the client that only a trusted proxy may say: the registry of
/// wsgi-hosting 5.2 and Forwarded.
constexpr bool is_forwarded_registry(FieldName id) noexcept {
  switch (id) {
    case FieldName::forwarded:
    case FieldName::x_client_ip:
    case FieldName::x_forwarded_for:
    case FieldName::x_forwarded_host:
    case FieldName::x_forwarded_https:
    case FieldName::x_forwarded_port:
    case FieldName::x_forwarded_proto:
    case FieldName::x_forwarded_scheme:
    case FieldName::x_forwarded_script_name:
    case FieldName::x_forwarded_server:
    case FieldName::x_forwarded_ssl:
    case FieldName::x_host:
    case FieldName::x_https:
    case FieldName::x_real_ip:
    case FieldName::x_scheme:
    case FieldName::x_script_name:
      return true;
    default:
      return false;
  }
}

/// May become an HTTP_ variable: letters, digits and `-` only, so that `X_Real_IP` never poses as
/// `X-Real-IP` (wsgi-hosting 4.4). `Proxy` is refused too (httpoxy).
constexpr bool may_reach_environ(FieldName id, std::string_view name) noexcept {
  if (id == FieldName::proxy || id == FieldName::gatehouse_hop) return false;
  if (id != FieldName::other) return true;
  for (const char c : name)
    if (!is_alpha(c) && !is_digit(c) && c != '-') return false;
  return !name.empty();
}

/// `Connection: close, X-Foo` names `x-foo`. `value` is one Connection field's.
constexpr bool list_has_token(std::string_view value, std::string_view token) noexcept {
  std::string_view member;
  while (next_list_member(value, member))
    if (equals_ignore_case(member, token)) return true;
  return false;
}

}  // namespace base::http
