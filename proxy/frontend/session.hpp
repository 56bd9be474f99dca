// SPDX-License-Identifier: Apache-2.0
// A protocol machine on a client's connection: HTTP/1 or HTTP/2. The connection owns it and calls
// it.
#pragma once

#include "base/net/event_loop.hpp"

namespace proxy::frontend {

class Session {
 public:
  virtual ~Session() = default;
  Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// The transport may have input.
  virtual void on_input() = 0;
  /// Produce output, flush it, and let backends go on.
  virtual void on_turn_end() = 0;
  /// The client is gone: reset, or closed in both directions.
  virtual void on_hang_up() = 0;
  /// When to be called next by `on_deadline`; max: not at all.
  [[nodiscard]] virtual base::net::TimePoint deadline() const = 0;
  virtual void on_deadline() = 0;
  /// Finish what runs; begin nothing new.
  virtual void drain() = 0;
};

}  // namespace proxy::frontend
