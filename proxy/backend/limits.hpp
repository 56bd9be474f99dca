// SPDX-License-Identifier: Apache-2.0
// Every number that bounds the backend side.
#pragma once

#include <chrono>
#include <cstddef>

namespace proxy::backend {

inline constexpr std::chrono::milliseconds kConnectTimeout{5'000};
/// A resting connection is closed after this: before most servers would (5 s), so that a request
/// seldom meets a connection that is just being closed.
inline constexpr std::chrono::milliseconds kIdleTimeout{4'000};
/// Resting connections a thread keeps to one backend.
inline constexpr std::size_t kMaxIdle = 128;
/// What is read at first; a response that fills it is read in pieces of the whole pipe from then
/// on.
inline constexpr std::size_t kFirstReadBytes = 16'384;

}  // namespace proxy::backend
