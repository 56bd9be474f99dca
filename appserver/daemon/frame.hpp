// SPDX-License-Identifier: Apache-2.0
// The messages of the channel between a front and a daemon process: a fixed head and a payload, on
// an AF_UNIX stream. A front believes nothing of what a daemon sends: every length and number is
// checked where it is read.
#pragma once

#include <cstddef>
#include <cstdint>

namespace appserver::daemon {

enum class FrameType : std::uint8_t {
  // front -> daemon
  request = 1,  ///< payload: request message; kHasFd: the body's private socket comes with it
  cancel,       ///< the client is gone: drop the request if it was not started, else let it notice
  // daemon -> front
  response = 16,  ///< payload: ResponseHeadFixed, reason, fields, first body bytes
  data,           ///< payload: body bytes
  stream,         ///< kHasFd: the rest of the body comes through a private socket
  file,           ///< kHasFd; payload: FileRange: the whole body is this part of a regular file
  end,       ///< payload: u64 bytes that went through the private socket; kComplete or truncated
  accepted,  ///< the application wants the request body now
  fail,      ///< payload: u16 status: the front makes the error page
  reject,    ///< this process will not run the request; give it to another
  goaway,    ///< slot unused: this process starts nothing more
};

// FrameHead::flags
inline constexpr std::uint8_t kComplete = 1;  ///< this frame ends the response
inline constexpr std::uint8_t kHasFd =
    2;  ///< the next descriptor received on this link belongs to this frame
inline constexpr std::uint8_t kQueueTimeout = 4;  ///< of fail: the request was too old at pick-up

/// `slot` and `generation` number a request on its link: an answer counts only for the request that
/// is outstanding in that slot with that generation.
struct FrameHead {
  std::uint32_t payload_bytes = 0;
  std::uint32_t generation = 0;
  FrameType type = FrameType::request;
  std::uint8_t slot = 0;
  std::uint8_t flags = 0;
  std::uint8_t reserved = 0;
};
static_assert(sizeof(FrameHead) == 12);

/// Head of a response: followed by the reason, then `field_bytes` of fields {u16 name length, u32
/// value length, name, value}, then body bytes up to the payload's end.
struct ResponseHeadFixed {
  std::uint16_t status = 0;
  std::uint16_t reason_bytes = 0;
  std::uint32_t field_bytes = 0;
  std::uint32_t queue_us = 0;  ///< given to the channel until picked up; for the metrics
};

struct FileRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// Outstanding requests a link carries at most; what exceeds it waits in the front's queue for the
/// group.
inline constexpr unsigned kWindow = 64;
/// Largest environment block plus inline body (wsgi-hosting 4.8: 16 MiB).
inline constexpr std::size_t kRequestPayloadLimit = 16U << 20U;
/// Largest frame a front takes from a daemon. Heads above it are refused by the daemon's side
/// (500).
inline constexpr std::size_t kAnswerPayloadLimit = 512U << 10U;
/// A request body up to this size travels inside the request message; a larger one gets a private
/// socket.
inline constexpr std::size_t kInlineBodyLimit = 64U << 10U;
/// A response body up to this size travels on the link; the rest goes through a private socket.
inline constexpr std::size_t kInlineAnswerLimit = 64U << 10U;
/// Response heads above this are an application error (500).
inline constexpr std::size_t kResponseHeadLimit = 256U << 10U;

/// A body on its private socket is cut into pieces: {u32 length, bytes}; this length ends a
/// complete body,
inline constexpr std::uint32_t kBodyEnd = 0;
/// and this one tells that the client failed (aborted, bad chunk, timeout, too large): one
/// ErrorCode byte follows.
inline constexpr std::uint32_t kBodyError = 0xFFFFFFFFU;

}  // namespace appserver::daemon
