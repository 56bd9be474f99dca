// SPDX-License-Identifier: Apache-2.0
#include "appserver/daemon/link_io.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>

namespace appserver::daemon {

namespace {
constexpr std::size_t kKeepBytes = 256U << 10U;  // a larger buffer is given back after a burst
constexpr std::size_t kFdsPerMessage = 4;
constexpr std::size_t kFdsWaiting =
    2 * kWindow;  // more unclaimed descriptors than requests: a broken peer
}  // namespace

std::size_t LinkWriter::begin_frame(FrameType type, unsigned slot, std::uint32_t generation,
                                    std::uint8_t flags) {
  FrameHead head;
  head.type = type;
  head.slot = static_cast<std::uint8_t>(slot);
  head.generation = generation;
  head.flags = flags;
  last_frame_ = buffer_.size();
  buffer_.append(reinterpret_cast<const char*>(&head), sizeof head);
  return last_frame_;
}

void LinkWriter::end_frame(std::size_t place) {
  const auto payload = static_cast<std::uint32_t>(buffer_.size() - place - sizeof(FrameHead));
  std::memcpy(buffer_.data() + place, &payload, sizeof payload);
}

void LinkWriter::frame(FrameType type, unsigned slot, std::uint32_t generation, std::uint8_t flags,
                       std::string_view payload) {
  const std::size_t place = begin_frame(type, slot, generation, flags);
  buffer_.append(payload);
  end_frame(place);
}

void LinkWriter::attach(base::Fd fd) {
  attached_.push_back({last_frame_, std::move(fd)});
}

LinkWriter::Sent LinkWriter::send(int socket) noexcept {
  while (sent_ < buffer_.size()) {
    // A descriptor leaves with the first byte of its frame; one a call keeps their order plain.
    std::size_t until = buffer_.size();
    const bool with_fd = !attached_.empty() && attached_.front().at == sent_;
    if (!attached_.empty() && !with_fd) until = attached_.front().at;
    if (with_fd && attached_.size() > 1) until = attached_[1].at;
    iovec piece{buffer_.data() + sent_, until - sent_};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    if (with_fd) {
      message.msg_control = control.data();
      message.msg_controllen = control.size();
      cmsghdr* rights = CMSG_FIRSTHDR(&message);
      rights->cmsg_level = SOL_SOCKET;
      rights->cmsg_type = SCM_RIGHTS;
      rights->cmsg_len = CMSG_LEN(sizeof(int));
      const int fd = attached_.front().fd.get();
      std::memcpy(CMSG_DATA(rights), &fd, sizeof fd);
    }
    const ssize_t n = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN || errno == EWOULDBLOCK ? Sent::blocked : Sent::broken;
    }
    if (with_fd) attached_.pop_front();
    sent_ += static_cast<std::size_t>(n);
  }
  if (buffer_.capacity() > kKeepBytes) {
    std::string().swap(buffer_);
  } else {
    buffer_.clear();
  }
  sent_ = 0;
  return Sent::all;
}

void LinkReader::make_room() {
  const std::size_t rest = block_ ? block_->filled - at_ : 0;
  const std::size_t wanted = std::max(Block::kBytes, needed_ + sizeof(FrameHead));
  if (block_ && block_.use_count() == 1 && block_->bytes.size() >= wanted) {
    if (rest > 0 && at_ > 0) std::memmove(block_->bytes.data(), block_->bytes.data() + at_, rest);
    block_->filled = rest;
    at_ = 0;
    if (block_->bytes.size() - rest >= Block::kBytes / 4 || needed_ > 0) return;
  }
  // Requests are still being served from the old block, or it is too small: go on in another.
  BlockPtr next;
  if (spare_ && spare_.use_count() == 1 && spare_->bytes.size() >= wanted) {
    next = std::move(spare_);
  } else {
    next = std::make_shared<Block>();
    next->bytes.resize(wanted);
  }
  if (rest > 0) std::memcpy(next->bytes.data(), block_->bytes.data() + at_, rest);
  next->filled = rest;
  at_ = 0;
  if (block_ && block_->bytes.size() == Block::kBytes) spare_ = std::move(block_);
  block_ = std::move(next);
}

LinkReader::Received LinkReader::receive(int socket) {
  if (!block_ || at_ == block_->filled ||
      block_->bytes.size() - block_->filled < Block::kBytes / 4 ||
      at_ + needed_ > block_->bytes.size())
    make_room();
  iovec room{block_->bytes.data() + block_->filled, block_->bytes.size() - block_->filled};
  msghdr message{};
  message.msg_iov = &room;
  message.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kFdsPerMessage)> control{};
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t n = 0;
  do {
    n = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (n < 0 && errno == EINTR);
  if (n < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? Received::drained : Received::closed;
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof fd);
      fds_.emplace_back(fd);
    }
    if (fds_.size() > kFdsWaiting) broken_ = true;
  }
  if (n == 0) return Received::closed;
  block_->filled += static_cast<std::size_t>(n);
  // A message with descriptors ends a read early: only a short read without any says that nothing
  // is left.
  const bool short_read = static_cast<std::size_t>(n) < room.iov_len && message.msg_controllen == 0;
  return short_read ? Received::drained : Received::some;
}

bool LinkReader::next(FrameView& out) {
  if (broken_ || !block_) return false;
  const std::size_t have = block_->filled - at_;
  if (have < sizeof(FrameHead)) return false;
  std::memcpy(&out.head, block_->bytes.data() + at_, sizeof(FrameHead));
  if (out.head.payload_bytes > payload_limit_) {
    broken_ = true;
    return false;
  }
  const std::size_t whole = sizeof(FrameHead) + out.head.payload_bytes;
  if (have < whole) {
    needed_ = whole;
    return false;
  }
  out.payload =
      std::string_view(block_->bytes.data() + at_ + sizeof(FrameHead), out.head.payload_bytes);
  at_ += whole;
  needed_ = 0;
  return true;
}

base::Fd LinkReader::take_fd() {
  if (fds_.empty()) return {};
  base::Fd fd = std::move(fds_.front());
  fds_.pop_front();
  return fd;
}

}  // namespace appserver::daemon
