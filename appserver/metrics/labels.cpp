// SPDX-License-Identifier: Apache-2.0
#include "appserver/metrics/labels.hpp"

namespace appserver::metrics {
namespace {

// The value may come from memory that a tenant can write: anything outside the set has a word too.
template <class Enum, std::size_t N>
std::string_view pick(const std::string_view (&words)[N], Enum value) noexcept {
  static_assert(N == static_cast<std::size_t>(Enum::count_));
  const auto index = static_cast<std::size_t>(value);
  return index < N ? words[index] : "unknown";
}

}  // namespace

std::string_view label(MethodClass method) noexcept {
  constexpr std::string_view kWords[] = {"GET",    "HEAD",  "POST",    "PUT",
                                         "DELETE", "PATCH", "OPTIONS", "OTHER"};
  return pick(kWords, method);
}

std::string_view label(CodeClass code) noexcept {
  constexpr std::string_view kWords[] = {"1xx", "2xx", "3xx", "4xx", "5xx"};
  return pick(kWords, code);
}

std::string_view label(BadRequest reason) noexcept {
  constexpr std::string_view kWords[] = {"malformed", "too_large", "timeout", "unsupported"};
  return pick(kWords, reason);
}

std::string_view label(ForwardedDropped reason) noexcept {
  constexpr std::string_view kWords[] = {"untrusted_peer", "not_declared", "hop"};
  return pick(kWords, reason);
}

std::string_view label(ExitReason reason) noexcept {
  constexpr std::string_view kWords[] = {"shutdown_signal", "graceful_signal", "maximum_requests",
                                         "script_reload",   "reload",          "crash",
                                         "killed",          "startup_failed"};
  return pick(kWords, reason);
}

std::string_view label(ProcessState state) noexcept {
  constexpr std::string_view kWords[] = {"stopped", "starting", "ready", "draining"};
  return pick(kWords, state);
}

}  // namespace appserver::metrics
