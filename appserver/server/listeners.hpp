// SPDX-License-Identifier: Apache-2.0
// The listening sockets: opened by the supervisor, kept over reloads and over the death of any
// child.
#pragma once

#include "appserver/config/model/model.hpp"
#include "appserver/trust/client_identity.hpp"
#include "base/fd.hpp"
#include "base/net/endpoint.hpp"
#include "base/observe/log.hpp"
#include "base/result.hpp"

#include <memory>
#include <string>
#include <vector>

namespace appserver::server {

/// One address: a socket for each front (SO_REUSEPORT: the kernel spreads connections), or one for
/// all (Unix sockets).
struct Listener {
  base::net::Endpoint endpoint;  ///< as configured
  base::net::Endpoint bound;     ///< what port 0 became
  trust::ListenerKind kind = trust::ListenerKind::plain;
  std::vector<base::Fd> sockets;

  [[nodiscard]] int socket(std::size_t front) const noexcept {
    return sockets[sockets.size() == 1 ? 0 : front].get();
  }
};

struct ListenerSet {
  /// Shared by the generations that serve the same addresses: a reload keeps them open.
  std::vector<std::shared_ptr<Listener>> fronts;
  std::shared_ptr<Listener> admin;
};

/// Opens what `model` asks for, taking over from `former` what stays. TLS listeners are the
/// proxy's: reported, not opened.
base::Result<ListenerSet> open_listeners(const config::Model& model, unsigned fronts,
                                         const ListenerSet* former,
                                         const base::observe::ErrorLog& log);

}  // namespace appserver::server
