// SPDX-License-Identifier: Apache-2.0
#include "proxy/memory/byte_buffer.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace proxy::memory {

namespace {

// Sizes of blocks. A small request lives in the first, a TLS record in the second, a body pipe in
// the third; the fourth takes what a full pipe becomes under TLS.
constexpr std::array<std::size_t, 4> kBlockBytes{4096, 16384 + 512, 65536 + 512, 131072};
// Free blocks a thread keeps of each size: 256 KiB of each.
constexpr std::array<std::size_t, 4> kKept{64, 16, 4, 2};

class BlockStore {
 public:
  ~BlockStore() {
    for (auto& list : free_) {
      for (char* block : list) ::operator delete(block);
    }
  }
  char* take(std::size_t bytes) {
    for (std::size_t i = 0; i < kBlockBytes.size(); ++i) {
      if (kBlockBytes[i] == bytes && !free_[i].empty()) {
        char* block = free_[i].back();
        free_[i].pop_back();
        return block;
      }
    }
    return static_cast<char*>(::operator new(bytes));
  }
  void give(char* block, std::size_t bytes) noexcept {
    for (std::size_t i = 0; i < kBlockBytes.size(); ++i) {
      if (kBlockBytes[i] == bytes && free_[i].size() < kKept[i]) {
        if (free_[i].capacity() == 0) free_[i].reserve(kKept[i]);
        free_[i].push_back(block);
        return;
      }
    }
    ::operator delete(block);
  }

 private:
  std::array<std::vector<char*>, kBlockBytes.size()> free_;
};

BlockStore& store() {
  thread_local BlockStore blocks;
  return blocks;
}

std::size_t block_for(std::size_t bytes) {
  for (const std::size_t size : kBlockBytes) {
    if (bytes <= size) return size;
  }
  return (bytes + kBlockBytes.back() - 1) / kBlockBytes.back() * kBlockBytes.back();
}

}  // namespace

ByteBuffer::ByteBuffer(ByteBuffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      capacity_(std::exchange(other.capacity_, 0)),
      begin_(std::exchange(other.begin_, 0)),
      end_(std::exchange(other.end_, 0)) {}

ByteBuffer& ByteBuffer::operator=(ByteBuffer&& other) noexcept {
  if (this != &other) {
    release();
    data_ = std::exchange(other.data_, nullptr);
    capacity_ = std::exchange(other.capacity_, 0);
    begin_ = std::exchange(other.begin_, 0);
    end_ = std::exchange(other.end_, 0);
  }
  return *this;
}

void ByteBuffer::move_to(std::size_t capacity) {
  char* data = store().take(capacity);
  const std::size_t held = size();
  if (held > 0) std::memcpy(data, data_ + begin_, held);
  if (data_ != nullptr) store().give(data_, capacity_);
  data_ = data;
  capacity_ = capacity;
  begin_ = 0;
  end_ = held;
}

std::span<char> ByteBuffer::reserve(std::size_t bytes) {
  if (empty()) begin_ = end_ = 0;
  if (capacity_ - end_ < bytes) {
    const std::size_t held = size();
    if (held + bytes > capacity_) {
      move_to(block_for(held + bytes));
    } else {
      std::memmove(data_, data_ + begin_, held);
      begin_ = 0;
      end_ = held;
    }
  }
  return {data_ + end_, capacity_ - end_};
}

void ByteBuffer::commit(std::size_t bytes) noexcept {
  GH_ASSERT(bytes <= capacity_ - end_);
  end_ += bytes;
}

void ByteBuffer::drop_tail(std::size_t bytes) noexcept {
  GH_ASSERT(bytes <= size());
  end_ -= bytes;
}

void ByteBuffer::append(std::string_view bytes) {
  if (bytes.empty()) return;
  const std::span<char> room = reserve(bytes.size());
  std::memcpy(room.data(), bytes.data(), bytes.size());
  commit(bytes.size());
}

void ByteBuffer::consume(std::size_t bytes) noexcept {
  GH_ASSERT(bytes <= size());
  begin_ += bytes;
  if (begin_ == end_) begin_ = end_ = 0;
}

void ByteBuffer::release() noexcept {
  if (data_ != nullptr) store().give(data_, capacity_);
  data_ = nullptr;
  capacity_ = begin_ = end_ = 0;
}

}  // namespace proxy::memory
