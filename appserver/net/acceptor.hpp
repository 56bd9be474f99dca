// SPDX-License-Identifier: Apache-2.0
// Takes connections from one listening socket of a front.
#pragma once

#include "appserver/net/front_context.hpp"
#include "appserver/trust/client_identity.hpp"
#include "base/net/event_loop.hpp"

namespace appserver::net {

class Acceptor final : public base::net::EventHandler, public base::net::Deadline {
 public:
  /// `socket` belongs to the supervisor and outlives this. `shared`: other fronts accept from it
  /// too (Unix sockets).
  Acceptor(FrontContext& context, int socket, trust::ListenerKind kind, bool shared);
  ~Acceptor();
  base::Result<> start();
  void stop() noexcept;
  void on_events(std::uint32_t events) override;
  void on_deadline() override;

 private:
  void accept_all();

  FrontContext& context_;
  int socket_;
  trust::ListenerKind kind_;
  bool shared_;
  bool running_ = false;
};

}  // namespace appserver::net
