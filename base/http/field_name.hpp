// SPDX-License-Identifier: Apache-2.0
// Field names <-> FieldName: case-blind, one look into a table that the compiler made, no
// allocation.
#pragma once

#include "base/http/head.hpp"

#include <string_view>

namespace base::http {

/// The name's id, or FieldName::other.
FieldName field_name_of(std::string_view name) noexcept;
/// The name as it is customarily written ("WWW-Authenticate"); empty for `other`.
std::string_view text_of(FieldName id) noexcept;
/// The same in lower case: HTTP/2's form.
std::string_view lower_text_of(FieldName id) noexcept;

}  // namespace base::http
