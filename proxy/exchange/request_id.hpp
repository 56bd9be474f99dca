// SPDX-License-Identifier: Apache-2.0
// Names for requests: 128 bits as hex, unique across threads, processes and restarts, without a
// system call each.
#pragma once

#include <cstdint>
#include <string_view>

namespace proxy::exchange {

/// One a thread. 64 random bits drawn once, and a counter scrambled by a bijection, so no two are
/// equal.
class RequestIds {
 public:
  RequestIds();
  /// 32 lower-case hex digits, never all zero in either half; the view holds until the next call.
  std::string_view next() noexcept;

 private:
  std::uint64_t thread_;
  std::uint64_t counter_;
  char text_[32] = {};
};

}  // namespace proxy::exchange
