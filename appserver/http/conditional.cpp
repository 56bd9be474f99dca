// SPDX-License-Identifier: Apache-2.0
#include "appserver/http/conditional.hpp"

#include "base/http/date.hpp"
#include "base/http/tokens.hpp"

#include <optional>

namespace appserver::http {

namespace {

using base::http::Field;
using base::http::FieldName;
using base::http::Method;
using base::http::RequestHead;

enum class Comparison : std::uint8_t { weak, strong };

bool is_weak(std::string_view tag) noexcept {
  return tag.substr(0, 2) == "W/";
}

bool tags_match(std::string_view a, std::string_view b, Comparison comparison) noexcept {
  if (a.empty() || b.empty()) return false;
  if (comparison == Comparison::strong) return !is_weak(a) && a == b;
  return a.substr(is_weak(a) ? 2 : 0) == b.substr(is_weak(b) ? 2 : 0);
}

/// Some field of this name holds `*` or the tag.
bool any_tag_matches(const RequestHead& head, FieldName id, std::string_view etag,
                     Comparison comparison) noexcept {
  for (const Field& field : head.fields) {
    if (field.id != id) continue;
    std::string_view list = field.value;
    std::string_view member;
    while (base::http::next_list_member(list, member))
      if (member == "*" || tags_match(member, etag, comparison)) return true;
  }
  return false;
}

std::optional<std::int64_t> date_of(const RequestHead& head, FieldName id,
                                    std::int64_t now) noexcept {
  const Field* field = head.find(id);
  if (field == nullptr) return std::nullopt;
  return base::http::parse_date(field->value, now);
}

}  // namespace

Verdict evaluate_conditions(const RequestHead& head, const Validators& validators,
                            std::int64_t now) noexcept {
  const bool safe = head.method == Method::get || head.method == Method::head;
  if (head.find(FieldName::if_match) != nullptr) {
    if (!any_tag_matches(head, FieldName::if_match, validators.etag, Comparison::strong))
      return Verdict::precondition_failed;
  } else if (const auto since = date_of(head, FieldName::if_unmodified_since, now);
             since && validators.last_modified > *since) {
    return Verdict::precondition_failed;
  }
  if (head.find(FieldName::if_none_match) != nullptr) {
    const bool weakly = safe && head.find(FieldName::range) == nullptr;
    if (any_tag_matches(head, FieldName::if_none_match, validators.etag,
                        weakly ? Comparison::weak : Comparison::strong))
      return safe ? Verdict::not_modified : Verdict::precondition_failed;
  } else if (const auto since = date_of(head, FieldName::if_modified_since, now);
             safe && since && validators.last_modified <= *since && *since <= now) {
    return Verdict::not_modified;
  }
  return Verdict::proceed;
}

bool if_range_holds(const RequestHead& head, const Validators& validators,
                    std::int64_t now) noexcept {
  const Field* field = head.find(FieldName::if_range);
  if (field == nullptr) return true;
  if (const auto date = base::http::parse_date(field->value, now))
    return *date == validators.last_modified && !is_weak(validators.etag);
  return tags_match(field->value, validators.etag, Comparison::strong);
}

}  // namespace appserver::http
