// SPDX-License-Identifier: Apache-2.0
// The admin listener and its client against each other over real sockets, and what strangers may
// send.
#include "base/net/endpoint.hpp"
#include "base/observe/admin_client.hpp"
#include "base/observe/admin_guard.hpp"
#include "base/observe/admin_listener.hpp"
#include "tests/unit/base/observe/temporary_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <vector>

namespace base::observe {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class AdminTest : public ::testing::Test {
 protected:
  AdminTest() {
    routes_.push_back({AdminRoute::Method::get, "/hello", [](const AdminRequest& request) {
                         return AdminReply{200, "text/plain; charset=utf-8",
                                           "hello " + std::string(request.query) + "\n"};
                       }});
    routes_.push_back({AdminRoute::Method::get, "/large", [](const AdminRequest&) {
                         return AdminReply{200, "text/plain", std::string(3'000'000, 'x')};
                       }});
    routes_.push_back({AdminRoute::Method::get, "/throws",
                       [](const AdminRequest&) -> AdminReply { throw std::runtime_error("oh"); }});
    routes_.push_back({AdminRoute::Method::post, "/reload", [this](const AdminRequest&) {
                         entered_.set_value();
                         std::unique_lock lock(mutex_);
                         gate_.wait(lock, [this] { return open_; });
                         return AdminReply{200, "text/plain", "reloaded\n"};
                       }});
  }
  ~AdminTest() override { finish(); }

  void start(const net::Endpoint& endpoint = {net::Endpoint::Kind::ip,
                                              net::parse_ip("127.0.0.1").value(), 0, ""}) {
    auto socket = net::listen_on(endpoint, {});
    ASSERT_TRUE(socket) << socket.error().detail;
    where_ = net::bound_endpoint(socket->get()).value();
    listener_ = std::make_unique<AdminListener>(std::move(*socket), routes_);
    thread_ = std::thread([this] { listener_->run(); });
  }
  void open_gate() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    gate_.notify_all();
  }
  void finish() {
    open_gate();
    if (!thread_.joinable()) return;
    listener_->stop();
    thread_.join();
  }
  Result<AdminReply> get(std::string_view path) const {
    return admin_request(where_, "GET", path, 10s);
  }

  // Sends exact bytes and returns all that comes until the listener closes.
  std::string raw(const std::string& bytes) const {
    const Fd fd = net::start_connect(where_).value();
    wait_for(fd.get(), POLLOUT);
    EXPECT_EQ(::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    std::string out;
    for (;;) {
      wait_for(fd.get(), POLLIN);
      char piece[65536];
      const ssize_t n = ::recv(fd.get(), piece, sizeof piece, 0);
      if (n <= 0) return out;
      out.append(piece, static_cast<std::size_t>(n));
    }
  }
  static void wait_for(int fd, short events) {
    pollfd ready{fd, events, 0};
    ASSERT_EQ(::poll(&ready, 1, 20'000), 1);
  }

  AdminRoutes routes_;
  net::Endpoint where_;
  std::unique_ptr<AdminListener> listener_;
  std::thread thread_;
  std::promise<void> entered_;
  std::mutex mutex_;
  std::condition_variable gate_;
  bool open_ = false;
};

TEST_F(AdminTest, serves_its_paths_over_tcp) {
  start();
  const auto reply = get("/hello?world");
  ASSERT_TRUE(reply) << reply.error().detail;
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(reply->body, "hello world\n");
  EXPECT_EQ(get("/nothing").value().status, 404);
  EXPECT_EQ(get("/hello/").value().status, 404);
  EXPECT_EQ(get("/large").value().body.size(), 3'000'000U);
}

TEST_F(AdminTest, serves_over_a_unix_socket) {
  const TemporaryFile file;
  (void)::unlink(file.path().c_str());
  start({net::Endpoint::Kind::unix_path, {}, 0, file.path()});
  EXPECT_EQ(get("/hello").value().body, "hello \n");
}

TEST_F(AdminTest, an_unspecified_address_is_asked_on_the_loopback) {
  start({net::Endpoint::Kind::any, {}, 0, ""});
  where_ = {net::Endpoint::Kind::any, {}, where_.port, ""};
  EXPECT_EQ(get("/hello").value().status, 200);
}

TEST_F(AdminTest, methods_are_checked_path_by_path) {
  start();
  open_gate();
  EXPECT_EQ(get("/reload").value().status, 405);
  EXPECT_EQ(admin_request(where_, "POST", "/hello", 10s).value().status, 405);
  EXPECT_EQ(admin_request(where_, "DELETE", "/hello", 10s).value().status, 405);
  EXPECT_EQ(admin_request(where_, "POST", "/reload", 10s).value().body, "reloaded\n");
}

TEST_F(AdminTest, head_has_the_length_and_no_body) {
  start();
  const std::string seen = raw("HEAD /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(seen, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(seen, HasSubstr("Content-Length: 7\r\n"));
  EXPECT_THAT(seen, EndsWith("\r\n\r\n"));
}

TEST_F(AdminTest, connections_are_kept_and_pipelined_requests_answered_in_order) {
  start();
  const std::string seen =
      raw("GET /hello?1 HTTP/1.1\r\nHost: x\r\n\r\nGET /hello?2 HTTP/1.1\r\nHost: x\r\nConnection: "
          "close\r\n\r\n");
  EXPECT_LT(seen.find("hello 1\n"), seen.find("hello 2\n"));
  EXPECT_NE(seen.find("hello 2\n"), std::string::npos);
}

TEST_F(AdminTest, other_paths_answer_while_a_post_waits) {
  start();
  auto waiting = std::async(std::launch::async,
                            [this] { return admin_request(where_, "POST", "/reload", 30s); });
  entered_.get_future().wait();
  EXPECT_EQ(get("/hello").value().status, 200);
  EXPECT_EQ(admin_request(where_, "POST", "/reload", 10s).value().status, 409);
  open_gate();
  EXPECT_EQ(waiting.get().value().body, "reloaded\n");
}

TEST_F(AdminTest, stop_lets_the_answer_that_is_under_way_out) {
  start();
  auto waiting = std::async(std::launch::async,
                            [this] { return admin_request(where_, "POST", "/reload", 30s); });
  entered_.get_future().wait();
  listener_->stop();
  open_gate();
  EXPECT_EQ(waiting.get().value().body, "reloaded\n");
  thread_.join();
}

TEST_F(AdminTest, stops_when_the_descriptor_is_readable) {
  const Fd event(::eventfd(0, EFD_CLOEXEC));
  auto socket =
      net::listen_on({net::Endpoint::Kind::ip, net::parse_ip("127.0.0.1").value(), 0, ""}, {});
  ASSERT_TRUE(socket);
  AdminListener listener(std::move(*socket), {});
  listener.stop_when_readable(event.get());
  std::thread thread([&] { listener.run(); });
  ASSERT_EQ(::eventfd_write(event.get(), 1), 0);
  thread.join();  // returns: that is the test
}

TEST_F(AdminTest, a_handler_that_throws_costs_its_request_only) {
  start();
  const auto reply = get("/throws");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 500);
  EXPECT_EQ(reply->body, "This failed: oh\n");
  EXPECT_EQ(get("/hello").value().status, 200);
}

TEST_F(AdminTest, oversize_and_malformed_requests_are_refused) {
  start();
  EXPECT_THAT(raw("GET /hello HTTP/1.1\r\nX: " + std::string(9000, 'x') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(raw("POST /reload HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(raw("nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(raw("GET /hello HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
              StartsWith("HTTP/1.1 400 "));
}

TEST_F(AdminTest, pages_of_other_sites_cannot_post) {
  start();
  open_gate();
  EXPECT_THAT(raw("POST /reload HTTP/1.1\r\nHost: 127.0.0.1:9117\r\nOrigin: "
                  "http://evil.example\r\nConnection: close\r\n"
                  "Content-Length: 0\r\n\r\n"),
              StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(
      raw("POST /reload HTTP/1.1\r\nHost: 127.0.0.1:9117\r\nOrigin: http://127.0.0.1:9117\r\n"
          "Connection: close\r\nContent-Length: 0\r\n\r\n"),
      StartsWith("HTTP/1.1 200 "));
}

TEST_F(AdminTest, connections_beyond_the_limit_are_closed_and_others_go_on) {
  start();
  std::vector<Fd> held;
  for (int i = 0; i < 64; ++i) held.push_back(net::start_connect(where_).value());
  // The 65th is accepted after them and closed at once.
  EXPECT_EQ(admin_request(where_, "GET", "/hello", 10s).error().code, ErrorCode::peer_closed);
  held.clear();
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  Result<AdminReply> reply = get("/hello");
  while (!reply && std::chrono::steady_clock::now() < deadline) reply = get("/hello");
  EXPECT_TRUE(reply);
}

TEST(AdminClient, errors_say_who_did_not_answer) {
  const TemporaryFile file;
  (void)::unlink(file.path().c_str());
  const net::Endpoint nobody{net::Endpoint::Kind::unix_path, {}, 0, file.path()};
  auto reply = admin_request(nobody, "GET", "/", 1s);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::not_found);
  EXPECT_EQ(reply.error().detail, "unix:" + file.path() + ": No such file or directory");

  const auto socket =
      net::listen_on({net::Endpoint::Kind::ip, net::parse_ip("127.0.0.1").value(), 0, ""}, {});
  ASSERT_TRUE(socket);  // accepts by its backlog, answers never
  const auto silent = net::bound_endpoint(socket->get()).value();
  reply = admin_request(silent, "GET", "/", 50ms);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::timeout);
  EXPECT_EQ(reply.error().detail, silent.text() + ": no answer in time");
}

TEST(AdminGuard, who_may_post) {
  struct Case {
    const char* name;
    const char* host;
    const char* origin;
    const char* fetch_site;
    bool expected;
  };
  const Case cases[] = {
      {"a program", "admin.svc:9117", "", "", true},
      {"own page by address", "127.0.0.1:9117", "http://127.0.0.1:9117", "same-origin", true},
      {"own page by IPv6 address", "[::1]:9117", "http://[::1]:9117", "", true},
      {"own page by localhost", "localhost:9117", "http://localhost:9117", "", true},
      {"another site", "127.0.0.1:9117", "http://evil.example", "cross-site", false},
      {"another port", "127.0.0.1:9117", "http://127.0.0.1:80", "", false},
      {"a sandboxed page", "127.0.0.1:9117", "null", "", false},
      {"https", "127.0.0.1:9117", "https://127.0.0.1:9117", "", false},
      {"DNS rebinding", "evil.example:9117", "http://evil.example:9117", "same-origin", false},
      {"a form of a site without Origin", "127.0.0.1:9117", "", "cross-site", false},
      {"a sibling", "127.0.0.1:9117", "", "same-site", false},
      {"address bar", "127.0.0.1:9117", "", "none", true},
      {"broken host", "[::1", "http://[::1", "", false},
      {"name that begins like an address", "127.0.0.1.evil.example",
       "http://127.0.0.1.evil.example", "", false},
  };
  for (const auto& one : cases)
    EXPECT_EQ(may_post(one.host, one.origin, one.fetch_site), one.expected) << one.name;
}

}  // namespace
}  // namespace base::observe
