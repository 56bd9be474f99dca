// SPDX-License-Identifier: Apache-2.0
// A body under way: a bounded buffer between a side that reads it from a socket and one that writes
// it to another. The bound is what makes back-pressure: who fills stops reading its socket when
// there is no room.
#pragma once

#include "proxy/memory/byte_buffer.hpp"

#include <cstddef>
#include <cstdint>

namespace proxy::exchange {

class BodyPipe {
 public:
  static constexpr std::size_t kLimitBytes = 65536;
  /// A filler that ran out of room is asked for more when this much is free again: not for every
  /// byte.
  static constexpr std::size_t kResumeBytes = kLimitBytes / 2;

  memory::ByteBuffer buffer;

  [[nodiscard]] std::size_t room() const noexcept {
    return buffer.size() < kLimitBytes ? kLimitBytes - buffer.size() : 0;
  }
  /// Nothing will enter any more and the body is whole.
  void end() noexcept { ended_ = true; }
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  /// Ended, and everything was taken.
  [[nodiscard]] bool finished() const noexcept { return ended_ && buffer.empty(); }

  /// Takes `bytes` off the front and counts them.
  void take(std::size_t bytes) noexcept {
    buffer.consume(bytes);
    taken_bytes_ += bytes;
  }
  [[nodiscard]] std::uint64_t taken_bytes() const noexcept { return taken_bytes_; }

  void reset() noexcept {
    if (buffer.capacity() > kKeptBytes) {
      buffer.release();
    } else {
      buffer.clear();
    }
    ended_ = false;
    taken_bytes_ = 0;
  }

 private:
  static constexpr std::size_t kKeptBytes = 4096;  // what a resting exchange may hold on to
  std::uint64_t taken_bytes_ = 0;
  bool ended_ = false;
};

}  // namespace proxy::exchange
