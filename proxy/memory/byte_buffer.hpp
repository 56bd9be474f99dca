// SPDX-License-Identifier: Apache-2.0
// A queue of bytes in one piece of memory, with a bound, whose blocks come from the thread's own
// store. The lowest layer of the proxy: transports, sessions and body pipes are built of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace proxy::memory {

/// Bytes enter at the tail and leave at the front. An empty buffer that was released holds no
/// memory, so an idle connection costs none. Not for sharing between threads.
class ByteBuffer {
 public:
  ByteBuffer() noexcept = default;
  ByteBuffer(ByteBuffer&& other) noexcept;
  ByteBuffer& operator=(ByteBuffer&& other) noexcept;
  ByteBuffer(const ByteBuffer&) = delete;
  ByteBuffer& operator=(const ByteBuffer&) = delete;
  ~ByteBuffer() { release(); }

  [[nodiscard]] std::string_view view() const noexcept { return {data_ + begin_, end_ - begin_}; }
  [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

  /// Room of at least `bytes` behind the tail (all that the block has). May move what is held:
  /// views become invalid.
  std::span<char> reserve(std::size_t bytes);
  /// The first `bytes` of what `reserve` gave now hold data.
  void commit(std::size_t bytes) noexcept;
  /// Takes back the last `bytes`: for decoding in place.
  void drop_tail(std::size_t bytes) noexcept;
  void append(std::string_view bytes);
  void consume(std::size_t bytes) noexcept;
  /// The bytes held, for changing them in place.
  [[nodiscard]] std::span<char> mutable_view() noexcept { return {data_ + begin_, size()}; }
  /// Forgets the content; keeps the block.
  void clear() noexcept { begin_ = end_ = 0; }
  /// Forgets the content and gives the block back.
  void release() noexcept;
  /// Gives the block back when nothing is held.
  void release_if_empty() noexcept {
    if (empty()) release();
  }

 private:
  void move_to(std::size_t capacity);

  char* data_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace proxy::memory
