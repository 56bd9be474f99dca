// SPDX-License-Identifier: Apache-2.0
#include "base/error.hpp"

#include <cerrno>
#include <system_error>

namespace base {

Error system_error(std::string what, int error_number) {
  ErrorCode code = ErrorCode::system;
  switch (error_number) {
    case ENOENT:
      code = ErrorCode::not_found;
      break;
    case EACCES:
    case EPERM:
      code = ErrorCode::denied;
      break;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      code = ErrorCode::exhausted;
      break;
    case ETIMEDOUT:
      code = ErrorCode::timeout;
      break;
    case ECONNRESET:
    case EPIPE:
      code = ErrorCode::peer_closed;
      break;
    default:
      break;
  }
  what += ": ";
  what += std::system_category().message(error_number);
  return Error{code, std::move(what)};
}

}  // namespace base
