// SPDX-License-Identifier: Apache-2.0
// The whole program after the command line: opens, drops privileges, starts the threads, and then
// waits for signals and admin requests until it has drained.
#pragma once

#include "base/fd.hpp"
#include "base/net/event_loop.hpp"
#include "base/net/signals.hpp"
#include "base/observe/admin_listener.hpp"
#include "proxy/config/load.hpp"
#include "proxy/metrics/registry.hpp"
#include "proxy/server/generations.hpp"
#include "proxy/server/worker.hpp"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace proxy::server {

class ProxyServer final : private base::net::EventHandler, private base::net::Deadline {
 public:
  /// `input` is read again on a reload.
  explicit ProxyServer(config::LoadInput input) : input_(std::move(input)) {}
  ~ProxyServer();
  ProxyServer(const ProxyServer&) = delete;
  ProxyServer& operator=(const ProxyServer&) = delete;

  /// Serves until it has drained. Returns the exit status: 0, 1 (could not start), 2
  /// (configuration).
  int run(std::shared_ptr<const config::Settings> settings);

 private:
  struct Outcome {
    bool done = false;
    std::string text;
  };

  base::Result<> open_listeners();
  base::Result<> start_workers();
  void start_admin(base::Fd socket);
  base::observe::AdminRoutes admin_routes();
  std::string status_json() const;
  [[nodiscard]] const base::observe::ErrorLog& log() const;

  void on_signal(int number);
  void on_events(
      std::uint32_t events) override;  // a thread has ended, or the admin thread wants a reload
  void on_deadline() override;         // the drain has taken long enough
  Outcome reload();
  Outcome ask_for_reload();
  void drain();
  void stop_now();
  void wake() noexcept;

  config::LoadInput input_;
  std::shared_ptr<const config::Settings> settings_;  // the threads' generations hold it too
  std::vector<std::shared_ptr<const frontend::Generation>> generations_;
  tls::TicketKeys tickets_ = tls::TicketKeys::random();
  std::unique_ptr<metrics::Registry> registry_;
  base::net::EventLoop loop_;
  base::net::SignalWatch signals_;
  base::Fd wake_;
  std::vector<base::Fd> unix_listeners_;
  std::vector<std::string> unix_paths_;
  std::vector<std::vector<WorkerSocket>> sockets_;  // of each thread, until it takes them
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<base::observe::AdminListener> admin_;
  std::thread admin_thread_;
  bool draining_ = false;

  std::mutex mutex_;  // guards what the admin and I/O threads tell the main thread: the next four
  std::condition_variable answered_;
  bool reload_wanted_ = false;
  bool ended_ = false;  // no reload will be answered any more
  std::optional<Outcome> reload_outcome_;
  std::size_t threads_ended_ = 0;
};

}  // namespace proxy::server
