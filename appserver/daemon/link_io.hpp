// SPDX-License-Identifier: Apache-2.0
// Bytes and descriptors of a link, in order: what is written in one turn leaves with one call; what
// arrives is cut into frames without copying.
#pragma once

#include "appserver/daemon/frame.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace appserver::daemon {

/// Collects frames; `send` writes them without blocking.
class LinkWriter {
 public:
  /// Begins a frame whose payload is appended to `buffer()` until `end_frame`. Returns its place.
  std::size_t begin_frame(FrameType type, unsigned slot, std::uint32_t generation,
                          std::uint8_t flags);
  void end_frame(std::size_t place);
  /// A whole frame.
  void frame(FrameType type, unsigned slot, std::uint32_t generation, std::uint8_t flags,
             std::string_view payload);
  /// The descriptor travels with the frame begun last (which must say kHasFd).
  void attach(base::Fd fd);
  [[nodiscard]] std::string& buffer() noexcept { return buffer_; }
  [[nodiscard]] bool empty() const noexcept { return sent_ == buffer_.size(); }

  enum class Sent : std::uint8_t { all, blocked, broken };
  Sent send(int socket) noexcept;

 private:
  struct Attached {
    std::size_t at;  // offset in buffer_ of the frame it travels with
    base::Fd fd;
  };
  std::string buffer_;
  std::size_t sent_ = 0;
  std::size_t last_frame_ = 0;
  std::deque<Attached> attached_;
};

/// A block of received bytes; frames are views into it, and whoever keeps such a view keeps a
/// reference.
struct Block {
  static constexpr std::size_t kBytes = 128U << 10U;
  std::vector<char> bytes;
  std::size_t filled = 0;
};
using BlockPtr = std::shared_ptr<Block>;  // owners: the reader, and each request that is still
                                          // being served from it

struct FrameView {
  FrameHead head;
  std::string_view payload;
};

class LinkReader {
 public:
  explicit LinkReader(std::size_t payload_limit) : payload_limit_(payload_limit) {}

  enum class Received : std::uint8_t { some, drained, closed };
  /// One recvmsg. `some`: perhaps more is waiting; `drained`: nothing more for now; `closed`: the
  /// other end is gone or broke (frames received before can still be cut).
  Received receive(int socket);
  /// Next whole frame; false: none. Sets `broken` when a length passes the limit.
  bool next(FrameView& out);
  [[nodiscard]] bool broken() const noexcept { return broken_; }
  /// The block that the frame returned last stands in.
  [[nodiscard]] const BlockPtr& block() const noexcept { return block_; }
  /// Descriptor for a frame that said kHasFd; invalid when none came.
  base::Fd take_fd();

 private:
  void make_room();
  std::size_t payload_limit_;
  BlockPtr block_;
  std::size_t at_ = 0;      // first byte of block_ not cut yet
  std::size_t needed_ = 0;  // size of the incomplete frame at at_, when known
  std::deque<base::Fd> fds_;
  BlockPtr spare_;
  bool broken_ = false;
};

}  // namespace appserver::daemon
