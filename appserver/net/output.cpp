// SPDX-License-Identifier: Apache-2.0
#include "appserver/net/output.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/sendfile.h>
#include <sys/socket.h>

namespace appserver::net {

namespace {

constexpr std::size_t kKeepBytes = 16U << 10U;  // an idle connection keeps no larger buffer
constexpr std::size_t kFilePiece =
    1U << 20U;  // then other connections get their turn: the kernel's buffer is full long before

Output::Sent failed() {
  return errno == EAGAIN || errno == EWOULDBLOCK ? Output::Sent::blocked : Output::Sent::broken;
}

}  // namespace

Output::Sent Output::send(int socket, std::string_view head, std::string_view body,
                          std::string_view tail) {
  std::array<std::string_view, 3> pieces{head, body, tail};
  if (empty()) {
    std::array<iovec, 3> vector{};
    std::size_t count = 0;
    for (const std::string_view piece : pieces)
      if (!piece.empty()) vector[count++] = {const_cast<char*>(piece.data()), piece.size()};
    msghdr message{};
    message.msg_iov = vector.data();
    message.msg_iovlen = count;
    ssize_t n = 0;
    do {
      n = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (n < 0 && errno == EINTR);
    if (n < 0 && failed() == Sent::broken) return Sent::broken;
    auto taken = static_cast<std::size_t>(std::max<ssize_t>(n, 0));
    sent_bytes_ += taken;
    for (std::string_view& piece : pieces) {
      const std::size_t part = std::min(taken, piece.size());
      piece.remove_prefix(part);
      taken -= part;
    }
  }
  for (const std::string_view piece : pieces) bytes_.append(piece);
  return empty() ? Sent::all : Sent::blocked;
}

Output::Sent Output::flush(int socket) {
  const Sent memory = flush_memory(socket);
  return memory == Sent::all && file_left_ > 0 ? flush_file(socket) : memory;
}

Output::Sent Output::flush_memory(int socket) {
  while (at_ < bytes_.size() || !content_.empty()) {
    std::array<iovec, 2> vector{iovec{bytes_.data() + at_, bytes_.size() - at_},
                                iovec{const_cast<char*>(content_.data()), content_.size()}};
    msghdr message{};
    const bool skip_bytes = at_ == bytes_.size();
    message.msg_iov = skip_bytes ? &vector[1] : vector.data();
    message.msg_iovlen = skip_bytes || content_.empty() ? 1 : 2;
    const int more = file_left_ > 0 ? MSG_MORE : 0;
    const ssize_t n = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT | more);
    if (n < 0) {
      if (errno == EINTR) continue;
      return failed();
    }
    sent_bytes_ += static_cast<std::uint64_t>(n);
    const std::size_t part = std::min(static_cast<std::size_t>(n), bytes_.size() - at_);
    at_ += part;
    content_.remove_prefix(static_cast<std::size_t>(n) - part);
  }
  at_ = 0;
  if (bytes_.capacity() > kKeepBytes) {
    std::string().swap(bytes_);
  } else {
    bytes_.clear();
  }
  if (file_left_ == 0) keep_.reset();
  return Sent::all;
}

Output::Sent Output::flush_file(int socket) {
  while (file_left_ > 0) {
    auto offset = static_cast<off_t>(file_offset_);
    const ssize_t n =
        ::sendfile(socket, file_, &offset, std::min<std::uint64_t>(file_left_, kFilePiece));
    if (n < 0) {
      if (errno == EINTR) continue;
      return failed();
    }
    if (n == 0) return Sent::broken;  // the file became shorter: what was promised cannot be kept
    file_offset_ += static_cast<std::uint64_t>(n);
    file_left_ -= static_cast<std::uint64_t>(n);
    sent_bytes_ += static_cast<std::uint64_t>(n);
  }
  keep_.reset();
  file_ = -1;
  return Sent::all;
}

}  // namespace appserver::net
