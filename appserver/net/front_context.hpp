// SPDX-License-Identifier: Apache-2.0
// What all connections of one front share. Owned by server/front_process; one thread.
#pragma once

#include "appserver/config/model/model.hpp"
#include "appserver/daemon/client.hpp"
#include "appserver/handlers/static_file.hpp"
#include "appserver/mapping/mapper.hpp"
#include "appserver/metrics/slabs.hpp"
#include "appserver/net/input_buffer.hpp"
#include "base/http/date.hpp"
#include "base/net/event_loop.hpp"
#include "base/observe/access_log.hpp"
#include "base/observe/log.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace appserver::net {

class Connection;

/// Logs of one virtual host, opened by the supervisor.
struct HostLogs {
  std::shared_ptr<base::observe::ErrorLog> error;  // shared by hosts with the same destination
  std::vector<std::shared_ptr<base::observe::AccessLog>> access;  // likewise
};

struct FrontContext {
  FrontContext(base::net::EventLoop& event_loop, const config::Model& configuration,
               mapping::Mapper& map, handlers::StaticFiles& static_files, daemon::Channel& groups,
               metrics::SharedMetrics& numbers);
  ~FrontContext();
  FrontContext(const FrontContext&) = delete;
  FrontContext& operator=(const FrontContext&) = delete;

  base::net::EventLoop& loop;
  const config::Model& model;
  mapping::Mapper& mapper;
  handlers::StaticFiles& files;
  daemon::Channel& channel;  ///< groups by index of Model::groups; embedded mode last
  metrics::SharedMetrics& metrics;
  unsigned front = 0;
  std::size_t embedded_group = 0;  ///< index in `channel`; only when the model uses embedded mode
  std::vector<HostLogs> logs;      ///< by index of Model::hosts
  base::http::CachedDate date;
  std::uint64_t next_id = 0;
  std::string id_prefix;    ///< of request and connection ids: unique to this process
  std::vector<char> relay;  ///< scratch for one turn's read of a body
  std::string head;         ///< scratch for a response head
  BufferPool buffers;
  std::vector<std::unique_ptr<Connection>> connections;
  std::vector<std::unique_ptr<Connection>> closed;  ///< until the end of the turn
  bool draining = false;
  std::function<void()> when_empty;  ///< called when the last connection has gone (draining)
  /// Writes access logs out at most a second after a line was recorded.
  struct LogFlusher final : base::net::Deadline {
    explicit LogFlusher(FrontContext& c) : context(c) {}
    void on_deadline() override;
    FrontContext& context;
  } log_flusher{*this};
  /// Destroys closed connections when no function of theirs can be running any more.
  struct Sweeper final : base::net::TurnEndHook {
    explicit Sweeper(FrontContext& c) : context(c) {}
    void on_turn_end() override;
    FrontContext& context;
  } sweeper{*this};

  /// A new id for a connection or request: prefix and number.
  std::string make_id();
  [[nodiscard]] std::string_view date_text() { return date.at(loop.wall_us()); }
};

}  // namespace appserver::net
