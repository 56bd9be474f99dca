// SPDX-License-Identifier: Apache-2.0
// What a connection still has to send: bytes, then at most one body that is not copied (cached
// content or a file).
#pragma once

#include "base/fd.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace appserver::net {

class Output {
 public:
  enum class Sent : std::uint8_t { all, blocked, broken };

  /// Sends the pieces now when nothing waits before them; what the socket does not take is kept.
  Sent send(int socket, std::string_view head, std::string_view body = {},
            std::string_view tail = {});
  /// Adds bytes without sending.
  void append(std::string_view bytes) { bytes_.append(bytes); }
  /// The body after what was appended; `keep` owns its memory.
  void set_content(std::shared_ptr<const void> keep, std::string_view content) {
    keep_ = std::move(keep);
    content_ = content;
  }
  /// The same from a regular file, by sendfile(2). `keep` owns the descriptor.
  void set_file(std::shared_ptr<const void> keep, int fd, std::uint64_t offset,
                std::uint64_t length) {
    keep_ = std::move(keep);
    file_ = fd;
    file_offset_ = offset;
    file_left_ = length;
  }
  Sent flush(int socket);
  [[nodiscard]] bool empty() const noexcept {
    return at_ == bytes_.size() && content_.empty() && file_left_ == 0;
  }
  /// Bytes that the socket has taken since `reset_count`.
  [[nodiscard]] std::uint64_t sent_bytes() const noexcept { return sent_bytes_; }
  void reset_count() noexcept { sent_bytes_ = 0; }

 private:
  Sent flush_memory(int socket);
  Sent flush_file(int socket);

  std::string bytes_;
  std::size_t at_ = 0;
  std::shared_ptr<const void> keep_;  // owners: a cache and this, or this alone
  std::string_view content_;
  int file_ = -1;
  std::uint64_t file_offset_ = 0;
  std::uint64_t file_left_ = 0;
  std::uint64_t sent_bytes_ = 0;
};

}  // namespace appserver::net
