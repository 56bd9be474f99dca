// SPDX-License-Identifier: Apache-2.0
#include "appserver/server/control.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>

namespace appserver::server {

namespace {

constexpr std::size_t kFdsPerMessage = 4;
constexpr int kLinkBufferBytes =
    512 << 10;  // a whole window of small requests or answers without blocking

base::Result<std::array<base::Fd, 2>> pair_of(int type) {
  std::array<int, 2> fds{-1, -1};
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds.data()) != 0)
    return base::fail(base::system_error("socketpair", errno));
  return std::array<base::Fd, 2>{base::Fd(fds[0]), base::Fd(fds[1])};
}

}  // namespace

void ControlMessage::set_text(std::string_view words) noexcept {
  const std::size_t n = std::min(words.size(), text.size() - 1);
  std::memcpy(text.data(), words.data(), n);
  text[n] = '\0';
}

std::string_view ControlMessage::text_view() const noexcept {
  return {text.data(), ::strnlen(text.data(), text.size())};
}

base::Result<std::array<base::Fd, 2>> control_pair() {
  return pair_of(SOCK_SEQPACKET);
}

base::Result<std::array<base::Fd, 2>> link_pair() {
  auto pair = pair_of(SOCK_STREAM);
  if (!pair) return pair;
  for (const base::Fd& fd : *pair) {
    const int size = kLinkBufferBytes;
    if (::setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) != 0)
      (void)::setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUF, &size,
                         sizeof size);  // without privilege: up to wmem_max
  }
  return pair;
}

base::Result<> send_control(int socket, const ControlMessage& message,
                            const std::vector<int>& fds) {
  iovec piece{const_cast<ControlMessage*>(&message), sizeof message};
  msghdr head{};
  head.msg_iov = &piece;
  head.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kFdsPerMessage)> control{};
  if (!fds.empty()) {
    head.msg_control = control.data();
    head.msg_controllen = CMSG_SPACE(sizeof(int) * fds.size());
    cmsghdr* rights = CMSG_FIRSTHDR(&head);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int) * fds.size());
    std::memcpy(CMSG_DATA(rights), fds.data(), sizeof(int) * fds.size());
  }
  for (;;) {
    if (::sendmsg(socket, &head, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) return {};
    if (errno != EINTR) return base::fail(base::system_error("control message", errno));
  }
}

Received receive_control(int socket, ControlMessage& message, std::vector<base::Fd>& fds) {
  fds.clear();
  iovec piece{&message, sizeof message};
  msghdr head{};
  head.msg_iov = &piece;
  head.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kFdsPerMessage)> control{};
  head.msg_control = control.data();
  head.msg_controllen = control.size();
  ssize_t n = 0;
  do {
    n = ::recvmsg(socket, &head, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (n < 0 && errno == EINTR);
  for (cmsghdr* c = CMSG_FIRSTHDR(&head); n >= 0 && c != nullptr; c = CMSG_NXTHDR(&head, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof fd);
      fds.emplace_back(fd);
    }
  }
  if (n < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? Received::nothing : Received::closed;
  if (n != static_cast<ssize_t>(sizeof message))
    return Received::closed;  // our own program speaks whole messages
  return Received::message;
}

}  // namespace appserver::server
