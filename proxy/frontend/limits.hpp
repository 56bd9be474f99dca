// SPDX-License-Identifier: Apache-2.0
// Every number that bounds the client's side. Times that a directive sets stand in
// config::Settings.
#pragma once

#include "base/http/head.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace proxy::frontend {

/// Heads from clients: LimitRequestLine and its kin at their defaults.
inline constexpr base::http::HeadLimits kHeadLimits{};

/// A transport takes no more output when this much waits for the socket: one full body pipe as TLS
/// records.
inline constexpr std::size_t kPendingOutputBytes = 65'536;
/// Most that one TLS record holds (RFC 8446 section 5.1).
inline constexpr std::size_t kRecordBytes = 16'384;
/// Read from a socket at once.
inline constexpr std::size_t kReadBytes = 65'536;
/// Read into a session's own buffer at once: a record's worth.
inline constexpr std::size_t kInputBytes = 16'384;

/// After an answer that ends a connection whose request was not read whole: time for the client to
/// take it before its own bytes provoke a reset.
inline constexpr std::chrono::milliseconds kLingerTimeout{2'000};
inline constexpr std::size_t kLingerBytes = 1U << 20U;  ///< and bytes thrown away meanwhile

/// A listener that ran out of descriptors looks again after this.
inline constexpr std::chrono::milliseconds kAcceptPause{100};

// HTTP/2.
inline constexpr std::uint32_t kMaxStreams = 128;
inline constexpr std::size_t kMaxHeaderListBytes =
    65'536;  ///< SETTINGS_MAX_HEADER_LIST_SIZE; over it: 431
inline constexpr std::size_t kHeaderBombBytes = 4 * 65'536;  ///< over it: the connection ends
inline constexpr std::size_t kMaxHeaderFields = 200;         ///< over it: 431
inline constexpr std::int32_t kStreamWindowBytes = 65'535;   ///< a body pipe's worth
inline constexpr std::int32_t kConnectionWindowBytes =
    1 << 20;  ///< all uploads of a connection together
inline constexpr std::size_t kMaxOutboundFrames =
    2'000;  ///< queued for a client that does not read

}  // namespace proxy::frontend
