// SPDX-License-Identifier: Apache-2.0
#include "proxy/frontend/transport.hpp"

#include "base/assert.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace proxy::frontend {

namespace {
// In the clear a piece from this size on goes to the socket from where it stands; smaller ones are
// gathered.
constexpr std::size_t kWorthNoCopy = 8'192;
}  // namespace

void Transport::use_tls(const tls::Context& context, tls::Chooser& chooser) {
  ssl_ = tls::make_ssl(context, chooser);
  tls::attach_streams(ssl_.get(), *streams_);
}

void Transport::note_events(std::uint32_t events) noexcept {
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) hung_up_ = true;
  if (hung_up_ || (events & EPOLLIN) != 0) socket_readable_ = true;
  if ((events & EPOLLOUT) != 0) blocked_ = false;
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) blocked_ = false;  // the next send tells
}

ssize_t Transport::receive(char* into, std::size_t size) {
  for (;;) {
    const ssize_t got = ::recv(fd_.get(), into, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got > 0) {
      bytes_in_ += static_cast<std::uint64_t>(got);
      if (static_cast<std::size_t>(got) < size && !hung_up_) socket_readable_ = false;
    } else {
      socket_readable_ = false;
      if (got < 0 && errno != EAGAIN) reset_ = true;
    }
    return got;
  }
}

// Gives OpenSSL what the socket has. False: nothing until the next event.
bool Transport::feed() {
  if (!streams().in.empty()) return true;
  if (streams().in_ended) return false;
  if (!socket_readable_) return false;
  const ssize_t got = receive(scratch_.received, sizeof scratch_.received);
  if (got > 0) {
    streams().in = {scratch_.received, static_cast<std::size_t>(got)};
    return true;
  }
  if (got == 0 || reset_) {
    streams().in_ended = true;
    return true;
  }
  return false;
}

// What OpenSSL has not read yet leaves the scratch, which the next transport will use.
void Transport::keep_rest() {
  const std::string_view in = streams().in;
  if (in.empty()) {
    rest_.release();
    return;
  }
  const bool in_scratch =
      in.data() >= scratch_.received && in.data() < scratch_.received + sizeof scratch_.received;
  if (in_scratch) {
    rest_.clear();
    rest_.append(in);
  } else {
    rest_.consume(rest_.size() - in.size());
  }
  streams().in = rest_.view();
}

Transport::Handshake Transport::handshake() {
  for (;;) {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_.get());
    if (done == 1) {
      keep_rest();
      return Handshake::done;
    }
    if (SSL_get_error(ssl_.get(), done) == SSL_ERROR_WANT_READ && feed()) continue;
    keep_rest();
    if (SSL_get_error(ssl_.get(), done) == SSL_ERROR_WANT_READ) return Handshake::wait;
    error_text_ = tls::take_error_text();
    return Handshake::failed;
  }
}

Transport::ReadStatus Transport::read(memory::ByteBuffer& into, std::size_t limit) {
  return ssl_ ? read_tls(into, limit) : read_plain(into, limit);
}

Transport::ReadStatus Transport::read_plain(memory::ByteBuffer& into, std::size_t limit) {
  if (!socket_readable_) return ReadStatus::empty;
  const auto space = into.reserve(limit).first(limit);
  const ssize_t got = receive(space.data(), space.size());
  if (got > 0) {
    into.commit(static_cast<std::size_t>(got));
    return socket_readable_ ? ReadStatus::more : ReadStatus::empty;
  }
  if (got == 0) return ReadStatus::closed;
  return reset_ ? ReadStatus::truncated : ReadStatus::empty;
}

Transport::ReadStatus Transport::read_tls(memory::ByteBuffer& into, std::size_t limit) {
  ReadStatus status = ReadStatus::more;
  while (limit > 0) {
    // Nothing left anywhere: spare OpenSSL the look.
    if (streams().in.empty() && !socket_readable_ && !streams().in_ended &&
        SSL_has_pending(ssl_.get()) == 0) {
      status = ReadStatus::empty;
      break;
    }
    const auto space = into.reserve(std::min<std::size_t>(limit, 4096));
    ERR_clear_error();
    std::size_t got = 0;
    const int done = SSL_read_ex(ssl_.get(), space.data(), std::min(space.size(), limit), &got);
    if (done == 1) {
      into.commit(got);
      limit -= got;
      continue;
    }
    const int why = SSL_get_error(ssl_.get(), done);
    if (why == SSL_ERROR_WANT_READ) {
      if (feed()) continue;
      status = ReadStatus::empty;
    } else if (why == SSL_ERROR_ZERO_RETURN) {
      close_seen_ = true;
      status = ReadStatus::closed;
    } else {
      error_text_ = tls::take_error_text();
      status = ReadStatus::truncated;
    }
    break;
  }
  keep_rest();
  return status;
}

bool Transport::readable() const noexcept {
  return socket_readable_ || !streams().in.empty() || (ssl_ && SSL_has_pending(ssl_.get()) != 0);
}

void Transport::encrypt(std::string_view bytes) {
  while (!bytes.empty() && !failed_) {
    ERR_clear_error();
    std::size_t written = 0;
    if (SSL_write_ex(ssl_.get(), bytes.data(), std::min(bytes.size(), kRecordBytes), &written) !=
        1) {
      error_text_ = tls::take_error_text();
      failed_ = true;
      return;
    }
    bytes.remove_prefix(written);
  }
}

void Transport::put(std::string_view bytes) {
  if (failed_) return;
  if (!ssl_) {
    auto& out = streams().out;
    if (bytes.size() < kWorthNoCopy || blocked_) return out.append(bytes);
    const std::string_view waiting = out.view();
    std::array<iovec, 2> pieces{{{const_cast<char*>(waiting.data()), waiting.size()},
                                 {const_cast<char*>(bytes.data()), bytes.size()}}};
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    const ssize_t sent = ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
      failed_ = true;
      return;
    }
    std::size_t left = sent < 0 ? 0 : static_cast<std::size_t>(sent);
    bytes_out_ += left;
    blocked_ = left < waiting.size() + bytes.size();
    const std::size_t first = std::min(left, waiting.size());
    out.consume(first);
    out.append(bytes.substr(left - first));
    return;
  }
  while (!bytes.empty()) {
    if (record_bytes_ == 0 && bytes.size() >= kRecordBytes) {
      encrypt(bytes.substr(0, kRecordBytes));
      bytes.remove_prefix(kRecordBytes);
      continue;
    }
    const std::size_t part = std::min(bytes.size(), kRecordBytes - record_bytes_);
    std::memcpy(scratch_.record + record_bytes_, bytes.data(), part);
    record_bytes_ += part;
    bytes.remove_prefix(part);
    if (record_bytes_ == kRecordBytes) {
      encrypt({scratch_.record, kRecordBytes});
      record_bytes_ = 0;
    }
  }
}

void Transport::flush() {
  if (record_bytes_ > 0) {
    encrypt({scratch_.record, record_bytes_});
    record_bytes_ = 0;
  }
  auto& out = streams().out;
  if (!out.empty() && !blocked_ && !failed_) {
    const std::string_view waiting = out.view();
    ssize_t sent = -1;
    do {
      sent = ::send(fd_.get(), waiting.data(), waiting.size(), MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0 && errno != EAGAIN) {
      failed_ = true;
    } else {
      const std::size_t bytes = sent < 0 ? 0 : static_cast<std::size_t>(sent);
      bytes_out_ += bytes;
      blocked_ = bytes < waiting.size();
      out.consume(bytes);
    }
  }
  if (failed_) out.clear();
  out.release_if_empty();
}

void Transport::end_output() {
  if (!ssl_ || failed_) return;
  if (record_bytes_ > 0) {
    encrypt({scratch_.record, record_bytes_});
    record_bytes_ = 0;
  }
  if (failed_) return;
  ERR_clear_error();
  (void)SSL_shutdown(ssl_.get());
}

void Transport::shut_down() noexcept {
  (void)::shutdown(fd_.get(), SHUT_WR);
}

std::size_t Transport::discard_input(bool& ended) {
  streams().in = {};
  rest_.release();
  std::size_t total = 0;
  while (socket_readable_) {
    const ssize_t got = receive(scratch_.received, sizeof scratch_.received);
    if (got == 0 || reset_) ended = true;
    if (got <= 0) break;
    total += static_cast<std::size_t>(got);
  }
  return total;
}

}  // namespace proxy::frontend
