// SPDX-License-Identifier: Apache-2.0
// One I/O thread: its loop, listeners and connections, and a letter box for what the main thread
// has to say.
#pragma once

#include "base/fd.hpp"
#include "base/net/event_loop.hpp"
#include "base/result.hpp"
#include "proxy/frontend/connection.hpp"
#include "proxy/frontend/listener.hpp"
#include "proxy/frontend/thread_services.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace proxy::server {

/// A listening socket of one thread. Unix sockets are shared: `own` is empty and `fd` another's.
struct WorkerSocket {
  base::Fd own;
  int fd = -1;
  bool tls = false;
  bool is_unix = false;
};

class Worker final : private base::net::EventHandler {
 public:
  Worker(metrics::ThreadCounters& counters, std::vector<WorkerSocket> sockets,
         std::shared_ptr<const frontend::Generation> generation);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  base::Result<> prepare();
  /// Starts the thread; `on_end` is called in it when it has finished.
  void start(std::function<void()> on_end);
  void join();

  // From the main thread.
  void use(std::shared_ptr<const frontend::Generation> generation);
  void drain();
  void stop();

 private:
  struct Letters {
    std::shared_ptr<const frontend::Generation> generation;
    bool drain = false;
    bool stop = false;
  };
  void on_events(std::uint32_t events) override;
  void run();
  void wake() noexcept;

  frontend::ThreadServices services_;
  std::shared_ptr<const frontend::Generation> generation_;
  frontend::ConnectionSet connections_;
  std::vector<WorkerSocket> sockets_;
  std::vector<std::unique_ptr<frontend::Listener>> listeners_;
  base::Fd wake_;
  std::mutex mutex_;  // guards letters_: touched on reload, drain and stop only
  Letters letters_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace proxy::server
