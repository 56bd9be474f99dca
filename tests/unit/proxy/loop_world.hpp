// SPDX-License-Identifier: Apache-2.0
// One I/O thread's world driven by hand: a client on a socket pair, a scripted backend on a Unix
// socket, no thread, no port, no clock to wait for.
#pragma once

#include "base/fd.hpp"
#include "base/net/endpoint.hpp"
#include "base/observe/log.hpp"
#include "proxy/frontend/connection.hpp"
#include "proxy/frontend/thread_services.hpp"
#include "proxy/metrics/registry.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace tests {

/// One end of a stream that never blocks.
struct Peer {
  base::Fd fd;
  bool ended = false;

  /// What has come.
  std::string read(std::size_t limit = 1U << 24U) {
    std::string out;
    char piece[65536];
    while (out.size() < limit) {
      const ssize_t got =
          ::recv(fd.get(), piece, std::min(sizeof piece, limit - out.size()), MSG_DONTWAIT);
      if (got == 0 || (got < 0 && errno != EAGAIN)) ended = true;
      if (got <= 0) break;
      out.append(piece, static_cast<std::size_t>(got));
    }
    return out;
  }
  /// Returns how much went in.
  std::size_t write(std::string_view bytes) const {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t sent =
          ::send(fd.get(), bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent <= 0) break;
      done += static_cast<std::size_t>(sent);
    }
    return done;
  }
  void close() { fd.reset(); }
};

class LoopWorld {
 public:
  LoopWorld() : registry_(1), services_(registry_.thread(0)), connections_(services_) {
    char name[] = "/tmp/gh-proxy-XXXXXX";
    EXPECT_NE(::mkdtemp(name), nullptr);
    dir_ = name;
    auto settings = std::make_shared<proxy::config::Settings>();
    settings->hosts.resize(1);
    settings->hosts[0].server_name = "main.test";
    settings->app_server.kind = base::net::Endpoint::Kind::unix_path;
    settings->app_server.path = dir_ + "/app.sock";
    settings_ = settings;
    auto listening = base::net::listen_on(settings->app_server, {});
    EXPECT_TRUE(listening);
    if (listening) backend_listener_ = std::move(*listening);
  }
  ~LoopWorld() {
    connections_.clear();
    std::filesystem::remove_all(dir_);
  }
  LoopWorld(const LoopWorld&) = delete;
  LoopWorld& operator=(const LoopWorld&) = delete;

  /// A connection in the clear; the settings as they are now.
  Peer connect() {
    int pair[2] = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    auto generation = std::make_shared<proxy::frontend::Generation>();
    generation->settings = settings_;
    generation->host_table = std::make_shared<const proxy::routing::HostTable>(*settings_);
    generation->hosts.resize(settings_->hosts.size());
    for (auto& host : generation->hosts) {
      host.error_log = base::observe::ErrorLog::to_stderr(base::observe::LogLevel::emerg);
      host.counters = &registry_.vhost(0, "main");
    }
    base::net::SocketAddress client;
    client.ip = *base::net::parse_ip("192.0.2.7");
    client.port = 5000;
    base::net::SocketAddress local;
    local.ip = *base::net::parse_ip("192.0.2.1");
    local.port = 80;
    connections_.add(std::move(generation), base::Fd(pair[0]), client, local, false);
    return Peer{base::Fd(pair[1])};
  }

  /// The next connection that the proxy has made to the backend; invalid when there is none.
  Peer accept() {
    return Peer{base::Fd(
        ::accept4(backend_listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC))};
  }

  /// Turns until nothing happens any more, as far as a socket can tell.
  void turn(int times = 8) {
    for (int i = 0; i < times; ++i) services_.loop.turn(0);
  }

  [[nodiscard]] proxy::config::Settings& settings() { return *settings_; }
  [[nodiscard]] proxy::metrics::ThreadCounters& counters() { return registry_.thread(0); }
  [[nodiscard]] std::uint64_t requests(base::http::Method method, std::size_t code_class) {
    return registry_.vhost(0, "main")
        .requests[static_cast<std::size_t>(method)][code_class]
        .value();
  }
  [[nodiscard]] proxy::frontend::ConnectionSet& connections() { return connections_; }
  [[nodiscard]] proxy::frontend::ThreadServices& services() { return services_; }
  void stop_backend() {
    backend_listener_.reset();
    std::filesystem::remove(settings_->app_server.path);
  }

 private:
  std::string dir_;
  proxy::metrics::Registry registry_;
  proxy::frontend::ThreadServices services_;
  proxy::frontend::ConnectionSet connections_;
  std::shared_ptr<proxy::config::Settings> settings_;
  base::Fd backend_listener_;
};

}  // namespace tests
