// SPDX-License-Identifier: Apache-2.0
// A value or an Error. The one place to change when std::expected is to be had.
#pragma once

#include "base/error.hpp"

#include <tl/expected.hpp>

#include <string>
#include <utility>

namespace base {

template <class T = void>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  // NOLINTNEXTLINE(google-explicit-constructor): results of the base class's own operations
  Result(tl::expected<T, Error> other) : tl::expected<T, Error>(std::move(other)) {}
};

inline tl::unexpected<Error> fail(ErrorCode code, std::string detail) {
  return tl::unexpected<Error>(Error{code, std::move(detail)});
}
inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace base

#define GH_CONCAT_INNER(a, b) a##b
#define GH_CONCAT(a, b) GH_CONCAT_INNER(a, b)
// NOLINTBEGIN(bugprone-macro-parentheses): a declaration cannot stand in parentheses
/// `GH_TRY(auto value, function())`: the value, or return the function's error from here.
#define GH_TRY(declaration, expression)                                                      \
  auto GH_CONCAT(gh_try_, __LINE__) = (expression);                                          \
  if (!GH_CONCAT(gh_try_, __LINE__))                                                         \
    return ::tl::unexpected<::base::Error>(std::move(GH_CONCAT(gh_try_, __LINE__).error())); \
  declaration = std::move(*GH_CONCAT(gh_try_, __LINE__))
// NOLINTEND(bugprone-macro-parentheses)
/// The same for a Result<> without a value.
#define GH_CHECK(expression)                                               \
  do {                                                                     \
    if (auto gh_check = (expression); !gh_check)                           \
      return ::tl::unexpected<::base::Error>(std::move(gh_check.error())); \
  } while (false)
