// SPDX-License-Identifier: Apache-2.0
// The HTTP listener of AdminListen: serves a table of paths on one thread of its own, so that it
// answers while everything else is busy. The proxy gives it a thread, the app server a process.
#pragma once

#include "base/fd.hpp"
#include "base/observe/admin_message.hpp"

#include <memory>

namespace base::observe {

class AdminListener {
 public:
  /// `listening_socket`: TCP or Unix, from net::listen_on.
  AdminListener(Fd listening_socket, AdminRoutes routes);
  ~AdminListener();  ///< after `run` has returned; waits for a POST that still runs
  AdminListener(const AdminListener&) = delete;
  AdminListener& operator=(const AdminListener&) = delete;

  /// Serves until `stop`.
  void run();
  /// From any thread, before `run` too. Not from a signal handler: see `stop_when_readable`.
  void stop();
  /// Stops when `fd` (a signalfd, an eventfd, the end of a pipe) has something to read or its other
  /// end has gone. Before `run`; the descriptor stays the caller's and outlives this object.
  void stop_when_readable(int fd);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace base::observe
