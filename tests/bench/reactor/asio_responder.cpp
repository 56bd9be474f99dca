// SPDX-License-Identifier: Apache-2.0
// Answers every request with 13 bytes through Boost.Asio as the style guide first had it (one
// coroutine a connection, concrete executor): one half of the measurement behind
// docs/decisions/0001-own-event-loop.md. Prints its port.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstdio>
#include <string_view>

namespace asio = boost::asio;
using asio::ip::tcp;
using Socket = asio::basic_stream_socket<tcp, asio::io_context::executor_type>;

namespace {

constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, world!";

asio::awaitable<void, asio::io_context::executor_type> serve(Socket socket) {
  constexpr auto token = asio::as_tuple(asio::use_awaitable_t<asio::io_context::executor_type>());
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto [error, size] = co_await socket.async_read_some(asio::buffer(buffer), token);
    if (error || size == 0) co_return;
    const auto [failed, sent] = co_await asio::async_write(socket, asio::buffer(kAnswer), token);
    if (failed || sent == 0) co_return;
  }
}

asio::awaitable<void, asio::io_context::executor_type> accept_all(tcp::acceptor& acceptor,
                                                                  asio::io_context& context) {
  constexpr auto token = asio::as_tuple(asio::use_awaitable_t<asio::io_context::executor_type>());
  for (;;) {
    Socket socket(context);
    const auto [error] = co_await acceptor.async_accept(socket, token);
    if (error) co_return;
    socket.set_option(tcp::no_delay(true));
    asio::co_spawn(context.get_executor(), serve(std::move(socket)), asio::detached);
  }
}

}  // namespace

int main() {
  asio::io_context context(1);
  tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  std::printf("%d\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  asio::co_spawn(context.get_executor(), accept_all(acceptor, context), asio::detached);
  context.run();
}
