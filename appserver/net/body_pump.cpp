// SPDX-License-Identifier: Apache-2.0
#include "appserver/net/body_pump.hpp"

#include "appserver/daemon/frame.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>

namespace appserver::net {

using base::http::BodyKind;
using base::http::ChunkedDecoder;

namespace {
constexpr int kSocketBufferBytes = 256 << 10;
}

BodyPump::~BodyPump() {
  close();
}

void BodyPump::begin(BodyKind kind, std::uint64_t length, std::uint64_t limit_bytes) {
  close();
  decoder_.reset();
  kind_ = kind;
  left_ = length;
  limit_ = limit_bytes;
  taken_ = 0;
  allowed_ = ended_ = refused_ = false;
}

base::Result<base::Fd> BodyPump::open() {
  close();
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return base::fail(base::system_error("socketpair for a request body", errno));
  socket_ = base::Fd(ends[0]);
  base::Fd theirs(ends[1]);  // blocking: a thread waits on it
  (void)::fcntl(socket_.get(), F_SETFL, O_NONBLOCK);
  const int size = kSocketBufferBytes;
  (void)::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  GH_CHECK(loop_.add(socket_.get(), *this, EPOLLOUT | EPOLLRDHUP));
  allowed_ = ended_ = refused_ = false;
  return theirs;
}

BodyPump::Fed BodyPump::feed(std::string_view bytes, std::size_t& used) {
  used = 0;
  if (kind_ == BodyKind::length) {
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    used = part;
    left_ -= part;
    send_piece(bytes.substr(0, part));
  } else {
    while (used < bytes.size()) {
      const ChunkedDecoder::Step step = decoder_.next(bytes.substr(used));
      used += step.consumed;
      if (step.status == ChunkedDecoder::Status::error) return Fed::bad_chunk;
      if (step.status == ChunkedDecoder::Status::end) {
        left_ = 0;
        kind_ = BodyKind::length;
        break;
      }
      if (step.status == ChunkedDecoder::Status::data) {
        if (limit_ > 0 && taken_ + step.data.size() > limit_) return Fed::too_large;
        send_piece(step.data);
      }
    }
  }
  if (kind_ == BodyKind::length && left_ == 0) {
    const std::uint32_t end = daemon::kBodyEnd;
    send({reinterpret_cast<const char*>(&end), sizeof end}, {});
    ended_ = true;
    return Fed::ended;
  }
  return pending_.empty() ? Fed::more : Fed::full;
}

void BodyPump::send_piece(std::string_view piece) {
  taken_ += piece.size();
  if (piece.empty()) return;
  const auto length = static_cast<std::uint32_t>(piece.size());  // a read of at most some 100 KiB
  send({reinterpret_cast<const char*>(&length), sizeof length}, piece);
}

void BodyPump::send(std::string_view head, std::string_view body) {
  if (refused_ || !socket_) return;
  if (pending_.empty()) {
    std::array<iovec, 2> pieces{iovec{const_cast<char*>(head.data()), head.size()},
                                iovec{const_cast<char*>(body.data()), body.size()}};
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = body.empty() ? 1 : 2;
    ssize_t n = 0;
    do {
      n = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (n < 0 && errno == EINTR);
    if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
      refused_ = true;
      return;
    }
    auto taken = static_cast<std::size_t>(std::max<ssize_t>(n, 0));
    const std::size_t of_head = std::min(taken, head.size());
    head.remove_prefix(of_head);
    body.remove_prefix(taken - of_head);
  }
  pending_.append(head);
  pending_.append(body);
}

void BodyPump::flush() {
  while (pending_at_ < pending_.size()) {
    const ssize_t n = ::send(socket_.get(), pending_.data() + pending_at_,
                             pending_.size() - pending_at_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) {
        refused_ = true;
        break;
      }
      return;
    }
    pending_at_ += static_cast<std::size_t>(n);
  }
  pending_.clear();
  pending_at_ = 0;
}

void BodyPump::break_off(base::ErrorCode why) {
  if (ended_) return;
  const std::uint32_t mark = daemon::kBodyError;
  const char code = static_cast<char>(why);
  send({reinterpret_cast<const char*>(&mark), sizeof mark}, {&code, 1});
  ended_ = true;
}

void BodyPump::close() {
  if (socket_) {
    loop_.remove(socket_.get(), *this);
    socket_.reset();
  }
  pending_.clear();
  pending_at_ = 0;
  refused_ = true;
}

void BodyPump::on_events(std::uint32_t events) {
  if ((events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)) != 0) {
    refused_ = true;
    pending_.clear();
    pending_at_ = 0;
  } else if (!pending_.empty()) {
    flush();
    if (!pending_.empty()) return;
  }
  if (wants_input()) owner_.on_body_room();
}

}  // namespace appserver::net
