// SPDX-License-Identifier: Apache-2.0
// Bytes received and not yet used. A connection that has none owns no memory: buffers go round in
// the front.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace appserver::net {

class BufferPool {
 public:
  static constexpr std::size_t kBytes = 16U << 10U;
  std::unique_ptr<char[]> take() {
    if (spare_.empty()) return std::unique_ptr<char[]>(new char[kBytes]);
    auto out = std::move(spare_.back());
    spare_.pop_back();
    return out;
  }
  void give(std::unique_ptr<char[]> buffer) {
    if (spare_.size() < kKeep) spare_.push_back(std::move(buffer));
  }

 private:
  static constexpr std::size_t kKeep = 256;
  std::vector<std::unique_ptr<char[]>> spare_;
};

class InputBuffer {
 public:
  [[nodiscard]] std::string_view view() const noexcept {
    return {data_.get() + begin_, end_ - begin_};
  }
  [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }

  /// Room for at least one byte and, if `whole` is larger than what is there, for that many bytes
  /// in all. May move the bytes: views into it are void then; true says that it did.
  bool make_room(BufferPool& pool, std::size_t whole = 0) {
    if (!data_) {
      data_ = pool.take();
      capacity_ = BufferPool::kBytes;
      begin_ = end_ = 0;
    }
    if (end_ < capacity_ && begin_ + whole <= capacity_) return false;
    const std::size_t have = size();
    const std::size_t wanted = whole > have ? whole : have * 2;
    if (wanted <= capacity_ && begin_ > 0) {
      std::memmove(data_.get(), data_.get() + begin_, have);
    } else {
      std::unique_ptr<char[]> larger(new char[wanted]);
      std::memcpy(larger.get(), data_.get() + begin_, have);
      if (capacity_ == BufferPool::kBytes) pool.give(std::move(data_));
      data_ = std::move(larger);
      capacity_ = wanted;
    }
    begin_ = 0;
    end_ = have;
    return true;
  }
  [[nodiscard]] char* room() noexcept { return data_.get() + end_; }
  [[nodiscard]] std::size_t room_bytes() const noexcept { return data_ ? capacity_ - end_ : 0; }
  void filled(std::size_t n) noexcept { end_ += n; }
  void used(std::size_t n) noexcept { begin_ += n; }
  /// Forgets the last `n` bytes; they stay readable until the next change.
  void drop_tail(std::size_t n) noexcept { end_ -= n; }
  /// Gives the memory back when nothing is left in it.
  void release(BufferPool& pool) {
    if (!data_ || !empty()) return;
    if (capacity_ == BufferPool::kBytes) pool.give(std::move(data_));
    data_.reset();
    begin_ = end_ = capacity_ = 0;
  }
  /// Replaces the contents.
  void assign(BufferPool& pool, std::string_view bytes) {
    begin_ = end_ = 0;
    if (bytes.empty()) return;
    make_room(pool, bytes.size());
    std::memcpy(data_.get(), bytes.data(), bytes.size());
    end_ = bytes.size();
  }

 private:
  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace appserver::net
