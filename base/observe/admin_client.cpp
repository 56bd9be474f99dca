// SPDX-License-Identifier: Apache-2.0
#include "base/observe/admin_client.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <cstring>
#include <optional>
#include <string>
#include <utility>

namespace base::observe {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Protocol = asio::generic::stream_protocol;
using Stream = beast::basic_stream<Protocol, asio::io_context::executor_type>;

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);
constexpr std::uint64_t kReplyBytes = std::uint64_t{64} << 20U;  // metrics of thousands of hosts

Result<Protocol::endpoint> address_of(const net::Endpoint& endpoint) {
  if (endpoint.kind == net::Endpoint::Kind::unix_path) {
    if (endpoint.path.size() >= sizeof(sockaddr_un{}.sun_path))
      return fail(ErrorCode::too_large, endpoint.text() + ": path too long for a socket");
    return Protocol::endpoint(asio::local::stream_protocol::endpoint(endpoint.path));
  }
  if (endpoint.kind == net::Endpoint::Kind::any || endpoint.ip.is_unspecified()) {
    return Protocol::endpoint(
        asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), endpoint.port));
  }
  if (endpoint.ip.is_v4()) {
    asio::ip::address_v4::bytes_type bytes;
    std::memcpy(bytes.data(), endpoint.ip.bytes + 12, bytes.size());
    return Protocol::endpoint(
        asio::ip::tcp::endpoint(asio::ip::make_address_v4(bytes), endpoint.port));
  }
  asio::ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), endpoint.ip.bytes, bytes.size());
  return Protocol::endpoint(
      asio::ip::tcp::endpoint(asio::ip::make_address_v6(bytes), endpoint.port));
}

Error to_error(const std::string& where, const boost::system::error_code& code) {
  if (code == beast::error::timeout) return {ErrorCode::timeout, where + ": no answer in time"};
  if (code == http::error::end_of_stream || code == http::error::partial_message)
    return {ErrorCode::peer_closed, where + ": closed before the answer was complete"};
  if (code.category() == boost::system::system_category()) return system_error(where, code.value());
  return {ErrorCode::invalid, where + ": " + code.message()};
}

// References outlive the coroutine: the caller runs it to its end.
asio::awaitable<void> ask(Stream& stream, const Protocol::endpoint& to,
                          http::request<http::string_body>& request,
                          http::response_parser<http::string_body>& parser,
                          boost::system::error_code& error) {
  auto [connect_error] = co_await stream.async_connect(to, kToken);
  error = connect_error;
  if (error) co_return;
  auto [write_error, written] = co_await http::async_write(stream, request, kToken);
  error = write_error;
  if (error) co_return;
  beast::flat_buffer buffer;
  auto [read_error, bytes] = co_await http::async_read(stream, buffer, parser, kToken);
  error = read_error;
}

}  // namespace

Result<AdminReply> admin_request(const net::Endpoint& endpoint, std::string_view method,
                                 std::string_view path, std::chrono::milliseconds timeout) {
  GH_TRY(const Protocol::endpoint to, address_of(endpoint));
  http::request<http::string_body> request;
  request.version(11);
  request.method_string({method.data(), method.size()});
  request.target({path.data(), path.size()});
  request.set(http::field::host, "localhost");
  request.set(http::field::connection, "close");
  if (method == "POST") request.content_length(0);

  http::response_parser<http::string_body> parser;
  parser.body_limit(kReplyBytes);
  if (method == "HEAD") parser.skip(true);
  asio::io_context io(1);
  Stream stream(io);
  stream.expires_after(timeout);  // for the whole of it
  boost::system::error_code error;
  asio::co_spawn(io, ask(stream, to, request, parser, error), asio::detached);  // run to its end
  io.run();
  if (error) return fail(to_error(endpoint.text(), error));
  auto reply = parser.release();
  AdminReply out;
  out.status = static_cast<int>(reply.result_int());
  const auto type = reply[http::field::content_type];
  out.content_type.assign(type.data(), type.size());
  out.body = std::move(reply.body());
  return out;
}

}  // namespace base::observe
