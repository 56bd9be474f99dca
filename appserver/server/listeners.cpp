// SPDX-License-Identifier: Apache-2.0
#include "appserver/server/listeners.hpp"

#include <algorithm>

namespace appserver::server {

namespace {

using base::net::Endpoint;
using base::observe::LogLevel;
using base::observe::LogLine;

constexpr int kBacklog = 4096;

base::Result<std::shared_ptr<Listener>> open_one(const Endpoint& endpoint, trust::ListenerKind kind,
                                                 std::size_t sockets) {
  auto listener = std::make_shared<Listener>();
  listener->endpoint = endpoint;
  listener->kind = kind;
  base::net::ListenOptions options;
  options.backlog = kBacklog;
  options.reuse_port = endpoint.kind != Endpoint::Kind::unix_path && sockets > 1;
  // A socket for our proxy is for its user and root; a plain one is guarded by its folder, as other
  // servers do it.
  options.unix_mode = kind == trust::ListenerKind::backend ? 0660 : 0666;
  const std::size_t count = endpoint.kind == Endpoint::Kind::unix_path ? 1 : sockets;
  Endpoint wanted = endpoint;
  for (std::size_t i = 0; i < count; ++i) {
    auto socket = base::net::listen_on(wanted, options);
    if (!socket)
      return base::fail(socket.error().code,
                        "Listen " + endpoint.text() + ": " + socket.error().detail);
    if (i == 0) {
      GH_TRY(listener->bound, base::net::bound_endpoint(socket->get()));
      wanted.port = listener->bound.port;
    }
    listener->sockets.push_back(std::move(*socket));
  }
  return listener;
}

}  // namespace

base::Result<ListenerSet> open_listeners(const config::Model& model, unsigned fronts,
                                         const ListenerSet* former,
                                         const base::observe::ErrorLog& log) {
  ListenerSet set;
  const auto keep = [&](const Endpoint& endpoint,
                        trust::ListenerKind kind) -> std::shared_ptr<Listener> {
    if (former == nullptr) return nullptr;
    const auto found =
        std::find_if(former->fronts.begin(), former->fronts.end(), [&](const auto& listener) {
          return listener->endpoint == endpoint && listener->kind == kind &&
                 (listener->sockets.size() == fronts || endpoint.kind == Endpoint::Kind::unix_path);
        });
    return found == former->fronts.end() ? nullptr : *found;
  };
  const bool behind_proxy = !model.backend_listeners.empty();
  const auto kind = behind_proxy ? trust::ListenerKind::backend : trust::ListenerKind::plain;
  for (const config::Listen& listen : behind_proxy ? model.backend_listeners : model.listeners) {
    if (listen.tls) {
      LogLine(log, LogLevel::warn, "listen.left_to_proxy")
          .add("address", listen.endpoint.text())
          .add("reason", "TLS is gatehouse-proxy's; this address is not opened here");
      continue;
    }
    std::shared_ptr<Listener> listener = keep(listen.endpoint, kind);
    if (!listener) {
      GH_TRY(listener, open_one(listen.endpoint, kind, fronts));
      LogLine(log, LogLevel::notice, "server.listening").add("address", listener->bound.text());
    }
    set.fronts.push_back(std::move(listener));
  }
  if (set.fronts.empty())
    return base::fail(base::ErrorCode::invalid,
                      "there is nothing to listen on: the configuration has no plain Listen and no "
                      "BackendListen");
  if (former != nullptr && former->admin && former->admin->endpoint == model.admin) {
    set.admin = former->admin;
  } else {
    GH_TRY(set.admin, open_one(model.admin, trust::ListenerKind::plain, 1));
    LogLine(log, LogLevel::notice, "admin.listening").add("address", set.admin->bound.text());
  }
  return set;
}

}  // namespace appserver::server
