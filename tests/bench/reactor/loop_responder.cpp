// SPDX-License-Identifier: Apache-2.0
// The same 13 bytes from base/net/event_loop: the other half of the measurement, and the floor that
// the real programs are held against. Prints its port.
#include "base/assert.hpp"
#include "base/net/endpoint.hpp"
#include "base/net/event_loop.hpp"

#include <array>
#include <cstdio>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string_view>
#include <sys/socket.h>
#include <vector>

namespace {

constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, world!";

class Peer final : public base::net::EventHandler {
 public:
  explicit Peer(base::Fd socket) : socket_(std::move(socket)) {}
  [[nodiscard]] int fd() const noexcept { return socket_.get(); }
  void on_events(std::uint32_t events) override {
    if ((events & EPOLLIN) == 0) return;
    std::array<char, 4096> buffer{};
    if (::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT) > 0)
      (void)::send(socket_.get(), kAnswer.data(), kAnswer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }

 private:
  base::Fd socket_;
};

class Listener final : public base::net::EventHandler {
 public:
  Listener(base::net::EventLoop& loop, base::Fd socket) : loop_(loop), socket_(std::move(socket)) {
    GH_ASSERT(loop_.add(socket_.get(), *this, EPOLLIN));
  }
  void on_events(std::uint32_t) override {
    for (;;) {
      base::Fd accepted(::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!accepted) return;
      const int on = 1;
      (void)::setsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      peers_.push_back(std::make_unique<Peer>(std::move(accepted)));
      GH_ASSERT(loop_.add(peers_.back()->fd(), *peers_.back()));
    }
  }

 private:
  base::net::EventLoop& loop_;
  base::Fd socket_;
  std::vector<std::unique_ptr<Peer>> peers_;
};

}  // namespace

int main() {
  base::net::EventLoop loop;
  auto endpoint = base::net::parse_endpoint("127.0.0.1:0");
  auto socket = base::net::listen_on(*endpoint, {});
  GH_ASSERT(socket);
  std::printf("%d\n", base::net::bound_endpoint(socket->get())->port);
  std::fflush(stdout);
  Listener listener(loop, std::move(*socket));
  loop.run();
}
