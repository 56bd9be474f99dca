// SPDX-License-Identifier: Apache-2.0
// The parser refuses broken framing before this; what it lets through is judged here once more, so
// that the rules hold for any head, wherever it came from.
#include "appserver/mapping/body_policy.hpp"

#include "base/http/tokens.hpp"

#include <algorithm>

namespace appserver::mapping {
namespace {

using base::http::Field;
using base::http::FieldName;

std::optional<ErrorTarget> refuse(int status, std::string detail) {
  return ErrorTarget{status, std::move(detail), true};
}

}  // namespace

std::optional<ErrorTarget> check_body(const base::http::RequestHead& head, const BodyRules& rules) {
  if (head.body == base::http::BodyKind::none && !head.has_content_length) return std::nullopt;

  const Field* const coding = head.find(FieldName::transfer_encoding);
  if (coding != nullptr && !base::http::equals_ignore_case(coding->value, "chunked"))
    return refuse(501, "Unexpected value for Transfer-Encoding");
  if (head.body == base::http::BodyKind::chunked && !rules.chunked_request)
    return refuse(411, "Chunked request body without WSGIChunkedRequest On");

  const Field* const length = head.find(FieldName::content_length);
  if (length != nullptr) {
    if (coding != nullptr) return refuse(400, "Content-Length beside Transfer-Encoding");
    const std::string_view digits = length->value;
    if (digits.empty() || !std::all_of(digits.begin(), digits.end(), base::http::is_digit))
      return refuse(400, "Invalid Content-Length");
  }
  if (rules.body_limit_bytes != 0 && head.content_length > rules.body_limit_bytes)
    return refuse(413, "Content-Length " + std::to_string(head.content_length) +
                           " is larger than LimitRequestBody " +
                           std::to_string(rules.body_limit_bytes));
  return std::nullopt;
}

}  // namespace appserver::mapping
