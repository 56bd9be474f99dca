// SPDX-License-Identifier: Apache-2.0
#include "appserver/net/acceptor.hpp"

#include "appserver/net/connection.hpp"
#include "appserver/net/connection_list.hpp"
#include "appserver/net/wsgi_exchange.hpp"

#include <cerrno>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace appserver::net {

namespace {

constexpr std::chrono::milliseconds kPause{100};  // when descriptors or memory are used up

/// Our proxy runs under the same user as this front, or as root. A daemon group with a user of its
/// own does not.
trust::PeerCredentials credentials_of(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
    return trust::PeerCredentials::none;
  const bool ours = peer.uid == 0 || peer.uid == ::geteuid();
  return ours ? trust::PeerCredentials::ours : trust::PeerCredentials::none;
}

}  // namespace

Acceptor::Acceptor(FrontContext& context, int socket, trust::ListenerKind kind, bool shared)
    : context_(context), socket_(socket), kind_(kind), shared_(shared) {}

Acceptor::~Acceptor() {
  stop();
}

base::Result<> Acceptor::start() {
  running_ = true;
  return context_.loop.add(socket_, *this,
                           EPOLLIN | (shared_ ? static_cast<std::uint32_t>(EPOLLEXCLUSIVE) : 0U));
}

void Acceptor::stop() noexcept {
  if (!running_) return;
  running_ = false;
  context_.loop.disarm(*this);
  context_.loop.remove(socket_, *this);
}

void Acceptor::on_events(std::uint32_t) {
  accept_all();
}
void Acceptor::on_deadline() {
  if (running_) accept_all();
}

void Acceptor::accept_all() {
  for (;;) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    base::Fd socket(::accept4(socket_, reinterpret_cast<sockaddr*>(&peer), &size,
                              SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return;
      base::observe::LogLine(*context_.logs[0].error, base::observe::LogLevel::error,
                             "accept.failed")
          .add("error", base::system_error("accept4", errno).detail);
      context_.loop.arm(*this, context_.loop.now() + kPause);
      return;
    }
    sockaddr_storage local{};
    size = sizeof local;
    (void)::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&local), &size);
    if (peer.ss_family != AF_UNIX) {
      const int on = 1;
      (void)::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    const bool backend_unix = kind_ == trust::ListenerKind::backend && peer.ss_family == AF_UNIX;
    trust::ConnectionFacts facts = trust::connection_facts(
        base::net::SocketAddress::from(peer), base::net::SocketAddress::from(local), kind_,
        backend_unix ? credentials_of(socket.get()) : trust::PeerCredentials::none,
        context_.model.backend_trusted_proxies);
    adopt_connection(context_,
                     std::make_unique<Connection>(context_, std::move(socket), std::move(facts)));
  }
}

}  // namespace appserver::net
