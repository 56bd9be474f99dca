// SPDX-License-Identifier: Apache-2.0
#include "proxy/frontend/listener.hpp"

#include <cerrno>
#include <cstring>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace proxy::frontend {

namespace {
constexpr int kAcceptsPerTurn = 64;  // then the connections that are open already have their turn
constexpr std::chrono::seconds kComplaintPause{10};
}  // namespace

Listener::Listener(ThreadServices& services, ConnectionSet& connections,
                   const std::shared_ptr<const Generation>& generation, int fd, bool tls,
                   bool is_unix)
    : services_(services),
      connections_(connections),
      generation_(generation),
      fd_(fd),
      tls_(tls),
      is_unix_(is_unix) {}

Listener::~Listener() {
  if (registered_) services_.loop.remove(fd_, *this);
}

base::Result<> Listener::begin() {
  // Of the threads that share a socket, one is woken for a connection, not all.
  GH_CHECK(services_.loop.add(fd_, *this, is_unix_ ? EPOLLIN | EPOLLEXCLUSIVE : EPOLLIN));
  registered_ = true;
  return {};
}

void Listener::on_events(std::uint32_t) {
  accept_some();
}
void Listener::on_deadline() {
  accept_some();
}
void Listener::on_next_turn() {
  accept_some();
}

void Listener::accept_some() {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    base::Fd fd(
        ::accept4(fd_, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd) {
      adopt(std::move(fd), base::net::SocketAddress::from(peer));
      continue;
    }
    switch (errno) {
      case EAGAIN:
        return;
      case EINTR:
      case ECONNABORTED:
      case EPROTO:
        continue;
      default:
        break;
    }
    // No descriptor or memory is left: connections wait in the backlog, and the loop does not spin.
    const int error = errno;
    services_.counters.accept_errors.add();
    services_.loop.arm(*this, services_.loop.now() + kAcceptPause);
    if (services_.loop.now() - complained_ >= kComplaintPause) {
      complained_ = services_.loop.now();
      base::observe::LogLine(*generation_->hosts[0].error_log, base::observe::LogLevel::error,
                             "listener.accept")
          .add("error", std::strerror(error));
    }
    return;
  }
  services_.next_turn.ask(*this);  // more may wait
}

void Listener::adopt(base::Fd fd, const base::net::SocketAddress& client) {
  services_.counters.connections_accepted.add();
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  if (::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&own), &size) != 0) return;
  if (!is_unix_) {
    const int on = 1;
    (void)::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  connections_.add(generation_, std::move(fd), client, base::net::SocketAddress::from(own), tls_);
}

}  // namespace proxy::frontend
