// SPDX-License-Identifier: Apache-2.0
#include "proxy/frontend/response_fields.hpp"

#include "base/http/field_rules.hpp"
#include "base/http/tokens.hpp"

#include <algorithm>
#include <string_view>

namespace proxy::frontend {

using base::http::Field;
using base::http::FieldName;

bool connection_names_fields(const base::http::ResponseHead& head) noexcept {
  for (const Field& field : head.fields) {
    if (field.id != FieldName::connection) continue;
    std::string_view list = field.value;
    std::string_view member;
    while (base::http::next_list_member(list, member)) {
      if (!base::http::equals_ignore_case(member, "close") &&
          !base::http::equals_ignore_case(member, "keep-alive"))
        return true;
    }
  }
  return false;
}

bool passes_to_client(const base::http::ResponseHead& head, const Field& field,
                      bool names_fields) noexcept {
  if (base::http::is_hop_by_hop(field.id) || field.id == FieldName::gatehouse_hop) return false;
  // A length beside no body means nothing with 204 and is forbidden there (RFC 9110 section 8.6).
  if (field.id == FieldName::content_length && (head.status == 204 || head.status < 200))
    return false;
  if (!names_fields) return true;
  return std::none_of(head.fields.begin(), head.fields.end(), [&field](const Field& other) {
    return other.id == FieldName::connection && base::http::list_has_token(other.value, field.name);
  });
}

}  // namespace proxy::frontend
