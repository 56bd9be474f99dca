// SPDX-License-Identifier: Apache-2.0
// One coroutine a connection on one io_context. Everything has a limit and a deadline: an admin
// port that can be filled up is an admin port that is silent when it is needed.
#include "base/observe/admin_listener.hpp"

#include "base/observe/admin_guard.hpp"
#include "base/scope_exit.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <utility>

namespace base::observe {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Executor = asio::io_context::executor_type;
using Protocol = asio::generic::stream_protocol;
using Stream = beast::basic_stream<Protocol, Executor>;
using Acceptor = asio::basic_socket_acceptor<Protocol, Executor>;
using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;
using boost::system::error_code;

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);

constexpr int kConnections = 64;                               // more are closed at once
constexpr std::uint32_t kHeadBytes = 8 * 1024;                 // browsers send cookies
constexpr std::uint64_t kBodyBytes = std::uint64_t{4} << 10U;  // nothing that we serve needs a body
constexpr std::chrono::seconds kReadTimeout{10};  // a whole request, the pause before it included
constexpr std::chrono::seconds kWriteTimeout{10};
constexpr std::chrono::seconds kGrace{2};  // for answers that are under way when we stop
constexpr std::chrono::milliseconds kAcceptPause{100};  // after EMFILE and the like

std::string_view view(beast::string_view text) noexcept {
  return {text.data(), text.size()};
}

int family_of(int fd) noexcept {
  sockaddr_storage address = {};
  socklen_t size = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return AF_INET;
  return address.ss_family;
}

AdminReply plain(int status, std::string text) {
  return {status, "text/plain; charset=utf-8", std::move(text)};
}

AdminReply run_handler(const AdminRoute& route, std::string_view path, std::string_view query) {
  try {
    return route.handler({path, query});
  } catch (const std::exception& error) {
    return plain(500, std::string("This failed: ") + error.what() + "\n");
  }
}

}  // namespace

class AdminListener::Impl {
 public:
  Impl(Fd socket, AdminRoutes routes) : acceptor_(io_), stop_fd_(io_), routes_(std::move(routes)) {
    const Protocol protocol(family_of(socket.get()), 0);
    acceptor_.assign(protocol, socket.release());
  }
  ~Impl() {
    if (stop_fd_.is_open()) (void)stop_fd_.release();  // the caller's
    if (poster_.joinable()) poster_.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void run() {
    asio::co_spawn(io_, accept(), asio::detached);  // ends with io_
    io_.run();
  }
  void stop() {
    asio::post(io_, [this] { begin_stop(); });
  }
  void stop_when_readable(int fd) {
    stop_fd_.assign(fd);
    stop_fd_.async_wait(asio::posix::descriptor_base::wait_read,
                        [this](error_code) { begin_stop(); });
  }

 private:
  void begin_stop();
  void end_request();
  asio::awaitable<void> accept();
  asio::awaitable<void> serve(Stream stream);
  asio::awaitable<AdminReply> answer(const Request& request);
  asio::awaitable<AdminReply> post(const AdminRoute& route, std::string path, std::string query);

  asio::io_context io_{1};
  Acceptor acceptor_;
  asio::posix::stream_descriptor stop_fd_;
  AdminRoutes routes_;
  asio::steady_timer grace_{io_};
  int connections_ = 0;
  int answering_ = 0;  // requests read and not yet answered
  bool stopping_ = false;
  std::thread poster_;  // runs the POST that is under way
  bool posting_ = false;
};

// Who asked for a reload still gets the answer from the process that it replaces.
void AdminListener::Impl::begin_stop() {
  if (stopping_) return;
  stopping_ = true;
  error_code ignored;  // it is closed either way
  acceptor_.close(ignored);
  if (answering_ == 0) return io_.stop();
  grace_.expires_after(kGrace);
  grace_.async_wait([this](error_code) { io_.stop(); });
}

void AdminListener::Impl::end_request() {
  if (--answering_ == 0 && stopping_) io_.stop();
}

asio::awaitable<void> AdminListener::Impl::accept() {
  asio::steady_timer pause(io_);
  while (!stopping_) {
    auto [error, socket] = co_await acceptor_.async_accept(kToken);
    if (error) {
      pause.expires_after(kAcceptPause);
      [[maybe_unused]] const auto waited = co_await pause.async_wait(kToken);
      continue;
    }
    if (connections_ >= kConnections) continue;  // closes it
    ++connections_;
    // Ends with io_ at the latest; counted by connections_.
    asio::co_spawn(io_, serve(Stream(std::move(socket))),
                   [this](const std::exception_ptr&) { --connections_; });
  }
}

asio::awaitable<void> AdminListener::Impl::serve(Stream stream) {
  beast::flat_buffer buffer(kHeadBytes + kBodyBytes);
  for (;;) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(kHeadBytes);
    parser.body_limit(kBodyBytes);
    stream.expires_after(kReadTimeout);
    auto [read_error, read_bytes] = co_await http::async_read(stream, buffer, parser, kToken);
    ++answering_;
    const ScopeExit answered([this] { end_request(); });
    AdminReply reply;
    bool keep_alive = false;
    bool head_only = false;
    unsigned version = 11;
    if (!read_error) {
      const Request& request = parser.get();
      keep_alive = request.keep_alive();
      head_only = request.method() == http::verb::head;
      version = request.version();
      reply = co_await answer(request);
    } else if (read_error == http::error::header_limit || read_error == http::error::body_limit ||
               read_error == http::error::buffer_overflow) {
      reply = plain(413, "The request is too large.\n");
    } else if (read_error.category() == make_error_code(http::error::bad_method).category() &&
               read_error != http::error::end_of_stream &&
               read_error != http::error::partial_message) {
      reply = plain(400, "The request is malformed.\n");
    } else {
      co_return;  // closed, or too slow
    }
    Response response(static_cast<http::status>(reply.status), version);
    response.set(http::field::content_type, reply.content_type);
    response.set(http::field::cache_control, "no-store");
    response.set("X-Content-Type-Options", "nosniff");
    response.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
    if (reply.status == 405) response.set(http::field::allow, "GET, HEAD, POST");
    response.keep_alive(keep_alive);
    response.content_length(reply.body.size());
    if (!head_only) response.body() = std::move(reply.body);
    http::response_serializer<http::string_body> serializer(response);
    stream.expires_after(kWriteTimeout);
    auto [write_error, written] = co_await http::async_write(stream, serializer, kToken);
    if (write_error || !keep_alive) break;
  }
  error_code ignored;  // the peer may be gone already
  stream.socket().shutdown(asio::socket_base::shutdown_send, ignored);
}

asio::awaitable<AdminReply> AdminListener::Impl::answer(const Request& request) {
  const std::string_view target = view(request.target());
  const std::size_t mark = std::min(target.find('?'), target.size());
  const std::string_view path = target.substr(0, mark);
  const std::string_view query = target.substr(std::min(mark + 1, target.size()));
  const bool get = request.method() == http::verb::get || request.method() == http::verb::head;
  if (!get && request.method() != http::verb::post)
    co_return plain(405, "GET, HEAD and POST are served here.\n");
  bool path_known = false;
  for (const AdminRoute& route : routes_) {
    if (route.path != path) continue;
    path_known = true;
    if ((route.method == AdminRoute::Method::get) != get) continue;
    if (get) {
      AdminReply reply = run_handler(route, path, query);
      co_return reply;
    }
    if (!may_post(view(request[http::field::host]), view(request[http::field::origin]),
                  view(request["Sec-Fetch-Site"])))
      co_return plain(403, "A page of another site may not do this.\n");
    std::string path_copy(path);
    std::string query_copy(query);
    AdminReply reply = co_await post(route, std::move(path_copy), std::move(query_copy));
    co_return reply;
  }
  if (path_known) co_return plain(405, "This path needs another method.\n");
  co_return plain(404, "There is nothing here.\n");
}

// Waits without holding up the other connections.
asio::awaitable<AdminReply> AdminListener::Impl::post(const AdminRoute& route, std::string path,
                                                      std::string query) {
  if (posting_) co_return plain(409, "The same is under way already.\n");
  posting_ = true;
  if (poster_.joinable()) poster_.join();  // it has posted its answer, so this is short
  // Both live in this frame, which waits for the thread; when io_ stops first, the thread is joined
  // before the frame goes.
  std::optional<AdminReply> reply;
  asio::steady_timer done(io_, asio::steady_timer::time_point::max());
  poster_ = std::thread([this, &route, &reply, &done, path, query] {
    AdminReply outcome = run_handler(route, path, query);
    asio::post(io_, [&reply, &done, outcome = std::move(outcome)]() mutable {
      reply = std::move(outcome);
      done.cancel();
    });
  });
  while (!reply) {
    [[maybe_unused]] const auto waited = co_await done.async_wait(kToken);
  }
  posting_ = false;
  co_return std::move(*reply);
}

AdminListener::AdminListener(Fd listening_socket, AdminRoutes routes)
    : impl_(std::make_unique<Impl>(std::move(listening_socket), std::move(routes))) {}
AdminListener::~AdminListener() = default;

void AdminListener::run() {
  impl_->run();
}
void AdminListener::stop() {
  impl_->stop();
}
void AdminListener::stop_when_readable(int fd) {
  impl_->stop_when_readable(fd);
}

}  // namespace base::observe
