// SPDX-License-Identifier: Apache-2.0
// One listening socket in one thread's loop: accepts what has come and hands it to the connection
// set.
#pragma once

#include "base/fd.hpp"
#include "base/net/event_loop.hpp"
#include "proxy/frontend/connection.hpp"

#include <functional>
#include <memory>

namespace proxy::frontend {

class Listener final : private base::net::EventHandler,
                       private base::net::Deadline,
                       private exchange::Resumable {
 public:
  /// `fd` is not owned: a Unix socket is shared by the threads. `generation` is what new
  /// connections begin with.
  Listener(ThreadServices& services, ConnectionSet& connections,
           const std::shared_ptr<const Generation>& generation, int fd, bool tls, bool is_unix);
  ~Listener();

  base::Result<> begin();

 private:
  void on_events(std::uint32_t events) override;
  void on_deadline() override;
  void on_next_turn() override;
  void accept_some();
  void adopt(base::Fd fd, const base::net::SocketAddress& client);

  ThreadServices& services_;
  ConnectionSet& connections_;
  const std::shared_ptr<const Generation>& generation_;  // the thread's present one
  int fd_;
  bool tls_;
  bool is_unix_;
  bool registered_ = false;
  base::net::TimePoint complained_{};
};

}  // namespace proxy::frontend
