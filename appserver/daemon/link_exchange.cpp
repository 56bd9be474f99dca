// SPDX-License-Identifier: Apache-2.0
#include "appserver/daemon/link_exchange.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace appserver::daemon {

namespace {

constexpr int kStreamBufferBytes = 256
                                   << 10;  // of a private socket: fewer wake-ups for large bodies

/// Receives exactly `size` bytes; false: the other end is gone.
bool receive_whole(int fd, char* into, std::size_t size) {
  while (size > 0) {
    const ssize_t n = ::recv(fd, into, size, MSG_WAITALL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    into += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

base::Error client_gone() {
  return {base::ErrorCode::peer_closed, "the client is gone"};
}

}  // namespace

LinkExchange::LinkExchange(Crew& crew, Crew::Link& link, FrameHead head, base::Fd body,
                           std::uint32_t queue_us)
    : crew_(crew), link_(link), head_(head), body_(std::move(body)), queue_us_(queue_us) {}

LinkExchange::~LinkExchange() = default;

bool LinkExchange::aborted() const noexcept {
  return aborted_.load(std::memory_order_relaxed);
}

void LinkExchange::emit(FrameType type, std::uint8_t flags, std::string_view payload) {
  if (!link_.dead) link_.writer.frame(type, head_.slot, head_.generation, flags, payload);
}

void LinkExchange::emit_head(std::uint8_t flags, std::string_view body) {
  head_framed_ = true;
  if (link_.dead) return;
  const std::size_t place =
      link_.writer.begin_frame(FrameType::response, head_.slot, head_.generation, flags);
  link_.writer.buffer().append(head_bytes_);
  link_.writer.buffer().append(body);
  link_.writer.end_frame(place);
}

bool LinkExchange::emit_partial() {
  if (ended_ || !head_set_ || pending_.empty()) return false;
  if (!head_framed_) {
    emit_head(0, pending_);
  } else {
    emit(FrameType::data, 0, pending_);
  }
  pending_.clear();
  return true;
}

void LinkExchange::accepted() {
  const std::lock_guard lock(crew_.mutex_);
  if (!body_ || body_asked_) return;
  body_asked_ = true;
  emit(FrameType::accepted, 0, {});
  if (!link_.dead) (void)crew_.send(link_);
}

base::Result<std::size_t> LinkExchange::read_body(std::span<char> into) {
  if (!body_ || body_ended_) return std::size_t{0};
  if (!body_asked_) accepted();
  if (body_left_ == 0) {
    std::uint32_t length = 0;
    if (!receive_whole(body_.get(), reinterpret_cast<char*>(&length), sizeof length))
      return base::fail(client_gone());
    if (length == kBodyEnd) {
      body_ended_ = true;
      return std::size_t{0};
    }
    if (length == kBodyError) {
      char code = 0;
      if (!receive_whole(body_.get(), &code, 1)) return base::fail(client_gone());
      switch (static_cast<base::ErrorCode>(code)) {
        case base::ErrorCode::timeout:
          return base::fail(base::ErrorCode::timeout, "timeout reading the request body");
        case base::ErrorCode::too_large:
          return base::fail(base::ErrorCode::too_large, "LimitRequestBody was passed");
        default:
          return base::fail(client_gone());
      }
    }
    body_left_ = length;
  }
  for (;;) {
    const ssize_t n =
        ::recv(body_.get(), into.data(), std::min<std::size_t>(into.size(), body_left_), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return base::fail(client_gone());
    body_left_ -= static_cast<std::uint32_t>(n);
    return static_cast<std::size_t>(n);
  }
}

void LinkExchange::set_head(int status, std::string_view reason,
                            std::span<const wsgi::HeaderView> headers) {
  const std::lock_guard lock(crew_.mutex_);
  if (ended_) return;
  ResponseHeadFixed fixed;
  fixed.status = static_cast<std::uint16_t>(status);
  fixed.reason_bytes = static_cast<std::uint16_t>(std::min<std::size_t>(reason.size(), 1024));
  fixed.queue_us = queue_us_;
  std::size_t bytes = 0;
  for (const wsgi::HeaderView& header : headers)
    bytes += 6 + header.name.size() + header.value.size();
  if (bytes > kResponseHeadLimit || std::any_of(headers.begin(), headers.end(), [](const auto& h) {
        return h.name.size() > 0xFFFF;
      })) {
    base::observe::LogLine(crew_.log_, base::observe::LogLevel::error, "response.head_too_long")
        .add("bytes", bytes);
    fail_locked(500, 0);
    return;
  }
  fixed.field_bytes = static_cast<std::uint32_t>(bytes);
  head_bytes_.reserve(sizeof fixed + reason.size() + bytes);
  head_bytes_.assign(reinterpret_cast<const char*>(&fixed), sizeof fixed);
  head_bytes_.append(reason.substr(0, fixed.reason_bytes));
  for (const wsgi::HeaderView& header : headers) {
    const auto name_bytes = static_cast<std::uint16_t>(header.name.size());
    const auto value_bytes = static_cast<std::uint32_t>(header.value.size());
    head_bytes_.append(reinterpret_cast<const char*>(&name_bytes), sizeof name_bytes);
    head_bytes_.append(reinterpret_cast<const char*>(&value_bytes), sizeof value_bytes);
    head_bytes_.append(header.name);
    head_bytes_.append(header.value);
  }
  head_set_ = true;
}

base::Result<std::size_t> LinkExchange::write(std::string_view data) {
  if (aborted()) return base::fail(client_gone());
  if (stream_) {
    const ssize_t n = ::send(stream_.get(), data.data(), data.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return std::size_t{0};
      abort();
      return base::fail(client_gone());
    }
    stream_bytes_ += static_cast<std::uint64_t>(n);
    return static_cast<std::size_t>(n);
  }
  if (inline_bytes_ + data.size() > kInlineAnswerLimit) return std::size_t{0};
  const std::lock_guard lock(crew_.mutex_);
  if (ended_) return base::fail(client_gone());
  inline_bytes_ += data.size();
  pending_.append(data);
  return data.size();
}

base::Result<> LinkExchange::open_stream() {
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return base::fail(base::system_error("socketpair for a response body", errno));
  base::Fd ours(ends[0]);
  base::Fd theirs(ends[1]);
  const int size = kStreamBufferBytes;
  (void)::setsockopt(ours.get(), SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  std::unique_lock lock(crew_.mutex_);
  if (ended_ || link_.dead) return base::fail(client_gone());
  if (!head_framed_) {
    emit_head(0, pending_);
    pending_.clear();
  } else {
    emit_partial();
  }
  const std::size_t place =
      link_.writer.begin_frame(FrameType::stream, head_.slot, head_.generation, kHasFd);
  link_.writer.attach(std::move(theirs));
  link_.writer.end_frame(place);
  crew_.flush_link(lock, link_);
  stream_ = std::move(ours);
  return {};
}

base::Result<> LinkExchange::send_all(std::string_view data) {
  while (!data.empty()) {
    const ssize_t n = ::send(stream_.get(), data.data(), data.size(), MSG_NOSIGNAL);
    if (n < 0) {
      if (errno == EINTR) continue;
      abort();
      return base::fail(client_gone());
    }
    stream_bytes_ += static_cast<std::uint64_t>(n);
    data.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

base::Result<> LinkExchange::write_blocking(std::string_view data) {
  if (aborted()) return base::fail(client_gone());
  if (!stream_) GH_CHECK(open_stream());
  return send_all(data);
}

void LinkExchange::flush() {
  std::unique_lock lock(crew_.mutex_);
  if (emit_partial() || !link_.writer.empty()) crew_.flush_link(lock, link_);
}

base::Result<> LinkExchange::send_file(int fd, std::uint64_t offset, std::uint64_t length) {
  base::Fd copy(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!copy) return base::fail(base::system_error("dup of a file to send", errno));
  const std::lock_guard lock(crew_.mutex_);
  if (ended_ || link_.dead) return base::fail(client_gone());
  if (!head_framed_) emit_head(0, pending_);
  pending_.clear();
  const FileRange range{offset, length};
  const std::size_t place =
      link_.writer.begin_frame(FrameType::file, head_.slot, head_.generation, kHasFd);
  link_.writer.attach(std::move(copy));
  link_.writer.buffer().append(reinterpret_cast<const char*>(&range), sizeof range);
  link_.writer.end_frame(place);
  return {};
}

void LinkExchange::finish(wsgi::End end) {
  const std::lock_guard lock(crew_.mutex_);
  finish_locked(end);
}

void LinkExchange::finish_locked(wsgi::End end) {
  if (ended_) return;
  const std::uint8_t flags = end == wsgi::End::complete ? kComplete : std::uint8_t{0};
  if (end == wsgi::End::complete && !stream_) {
    if (head_set_ && !head_framed_) {
      ended_ = true;
      emit_head(kComplete, pending_);
      return;
    }
    if (!pending_.empty()) {
      ended_ = true;
      emit(FrameType::data, kComplete, pending_);
      return;
    }
  } else if (head_set_ && !head_framed_) {
    emit_head(0, pending_);
  } else {
    emit_partial();
  }
  ended_ = true;
  emit(FrameType::end, flags,
       {reinterpret_cast<const char*>(&stream_bytes_), sizeof stream_bytes_});
  stream_.reset();
}

void LinkExchange::fail_locked(int status, std::uint8_t flags) {
  if (ended_) return;
  if (head_framed_) return finish_locked(wsgi::End::truncated);
  ended_ = true;
  const auto code = static_cast<std::uint16_t>(status);
  emit(FrameType::fail, flags, {reinterpret_cast<const char*>(&code), sizeof code});
}

void LinkExchange::fail(int status) {
  const std::lock_guard lock(crew_.mutex_);
  fail_locked(status, 0);
}

void LinkExchange::reject() {
  const std::lock_guard lock(crew_.mutex_);
  if (ended_ || head_framed_) return;
  ended_ = true;
  emit(FrameType::reject, 0, {});
}

}  // namespace appserver::daemon
