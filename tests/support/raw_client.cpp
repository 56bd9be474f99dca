// SPDX-License-Identifier: Apache-2.0
// The raw client.
#include "tests/support/raw_client.hpp"

#include <algorithm>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace tests::support {
namespace {

using Clock = std::chrono::steady_clock;

/// Polls for `events`; false at the deadline.
bool wait_for_events(int fd, short events, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd ready{fd, events, 0};
    const int count = ::poll(&ready, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
    if (count > 0) return true;
    if (count == 0) return false;
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
  }
}

[[noreturn]] void late(std::string_view what, const std::string& so_far) {
  throw std::runtime_error("deadline passed while waiting for " + std::string(what) + "; so far " +
                           std::to_string(so_far.size()) + " bytes: " + so_far.substr(0, 500));
}

}  // namespace

RawClient::RawClient(const base::net::Endpoint& endpoint) {
  auto connecting = base::net::start_connect(endpoint);
  if (!connecting) throw std::runtime_error(connecting.error().detail);
  fd_ = std::move(*connecting);
  if (!wait_for_events(fd_.get(), POLLOUT, Clock::now() + kPatience)) late("connection", "");
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0)
    throw std::system_error(error, std::generic_category(), "connect " + endpoint.text());
  const int one = 1;  // fails on a Unix socket, which has no Nagle delay either
  (void)::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

std::size_t RawClient::send_available(std::string_view bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t count =
        ::send(fd_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    sent += static_cast<std::size_t>(count);
  }
  return sent;
}

bool RawClient::send(std::string_view bytes, std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  for (;;) {
    bytes.remove_prefix(send_available(bytes));
    if (bytes.empty()) return true;
    if (errno != EAGAIN) return false;
    if (!wait_for_events(fd_.get(), POLLOUT, deadline)) late("the other end to read", "");
  }
}

bool RawClient::send_bytewise(std::string_view bytes) {
  for (const char& byte : bytes)
    if (!send(std::string_view(&byte, 1))) return false;
  return true;
}

void RawClient::half_close() {
  (void)::shutdown(fd_.get(), SHUT_WR);
}

void RawClient::reset() {
  const linger now{1, 0};
  (void)::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  fd_.reset();
}

void RawClient::shrink_receive_buffer(int bytes) {
  (void)::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

bool RawClient::wait_readable(Clock::time_point deadline) const {
  return wait_for_events(fd_.get(), POLLIN, deadline);
}

bool RawClient::fill(Clock::time_point deadline) {
  if (end_of_stream_) return false;
  if (!wait_readable(deadline)) late("input", buffer_);
  char chunk[65536];
  ssize_t count = 0;
  do count = ::recv(fd_.get(), chunk, sizeof chunk, MSG_DONTWAIT);
  while (count < 0 && errno == EINTR);
  if (count < 0 && errno == EAGAIN) return true;
  if (count <= 0) {  // a reset counts as an end: what the caller asks is whether more will come
    end_of_stream_ = true;
    return false;
  }
  buffer_.append(chunk, static_cast<std::size_t>(count));
  return true;
}

std::string RawClient::receive(std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  while (buffer_.empty() && fill(deadline)) {
  }
  return std::exchange(buffer_, {});
}

std::string RawClient::receive_until(std::string_view text, std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  for (;;) {
    if (const auto at = buffer_.find(text); at != std::string::npos) {
      std::string out = buffer_.substr(0, at + text.size());
      buffer_.erase(0, out.size());
      return out;
    }
    if (!fill(deadline))
      throw std::runtime_error("stream ended before \"" + std::string(text) + "\": " + buffer_);
  }
}

std::string RawClient::receive_all(std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  while (fill(deadline)) {
  }
  return std::exchange(buffer_, {});
}

HttpResponse RawClient::read_response(bool head_request, std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  ResponseReader reader(head_request);
  while (!reader.take(buffer_, end_of_stream_)) {
    if (!fill(deadline) && !reader.take(buffer_, true)) break;
  }
  return std::move(reader.response());
}

bool RawClient::closed_by_peer(std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  while (!end_of_stream_) {
    if (!wait_readable(deadline)) return false;
    (void)fill(deadline);
  }
  return true;
}

bool RawClient::silent_for(std::chrono::milliseconds duration) {
  return buffer_.empty() && !end_of_stream_ && !wait_readable(Clock::now() + duration);
}

HttpResponse fetch(const base::net::Endpoint& endpoint, std::string_view method,
                   std::string_view target, std::string_view head, std::string_view body) {
  RawClient client(endpoint);
  std::string request;
  request.append(method).append(" ").append(target).append(" HTTP/1.1\r\n");
  if (head.find("Host:") == std::string_view::npos) request += "Host: localhost\r\n";
  if (!body.empty()) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  request.append("Connection: close\r\n").append(head).append("\r\n");
  // An early answer (413) may close before the body has gone out; the response is what counts.
  if (client.send(request)) (void)client.send(body);
  return client.read_response(method == "HEAD");
}

HttpResponse get(const base::net::Endpoint& endpoint, std::string_view target,
                 std::string_view head) {
  return fetch(endpoint, "GET", target, head);
}

}  // namespace tests::support
