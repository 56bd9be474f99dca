// SPDX-License-Identifier: Apache-2.0
// What went wrong, as a value: a code to decide by and a sentence to show.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace base {

/// Kinds of trouble that callers decide by. The sentence that goes with one says who, what and
/// where.
enum class ErrorCode : std::uint8_t {
  invalid,      ///< input that breaks a rule of its format
  too_large,    ///< a limit was passed
  not_found,    ///< a file, name or address does not exist
  denied,       ///< the system refused permission
  timeout,      ///< a deadline passed
  peer_closed,  ///< the other end went away
  exhausted,    ///< no descriptor, memory or slot is left
  unsupported,  ///< known, and not offered
  system,       ///< any other failed system call; the detail carries errno's text
};

struct Error {
  ErrorCode code = ErrorCode::invalid;
  std::string detail;  ///< built only on failure; for people
};

/// Error of a failed system call: `what: strerror(errno)`.
Error system_error(std::string what, int error_number);

}  // namespace base
