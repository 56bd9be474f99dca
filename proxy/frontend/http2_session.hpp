// SPDX-License-Identifier: Apache-2.0
// HTTP/2 to a client: nghttp2 keeps the protocol's state, this ties it to exchanges and to the
// transport. Callbacks only note events; requests begin and bodies move after they have returned.
#pragma once

#include "base/handle.hpp"
#include "proxy/frontend/connection.hpp"
#include "proxy/frontend/flood_guard.hpp"
#include "proxy/frontend/gateway.hpp"
#include "proxy/frontend/http2_stream.hpp"
#include "proxy/frontend/session.hpp"
#include "proxy/memory/byte_buffer.hpp"

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace proxy::frontend {

using H2SessionPtr = base::Handle<nghttp2_session, nghttp2_session_del>;

class Http2Session final : public Session {
 public:
  explicit Http2Session(Connection& connection);
  ~Http2Session() override;

  void on_input() override;
  void on_turn_end() override;
  void on_hang_up() override;
  [[nodiscard]] base::net::TimePoint deadline() const override;
  void on_deadline() override;
  void drain() override;

 private:
  friend class Http2Stream;
  friend struct Http2Callbacks;

  void attend();
  void reap();
  void write();
  void check_stalls();
  /// Ends the connection with ENHANCE_YOUR_CALM.
  void calm_down(metrics::Flood kind);
  void note(Http2Stream& stream);
  void begin_stream(std::int32_t id);
  void schedule_stall_check();

  Connection& connection_;
  Gateway gateway_;
  H2SessionPtr session_;
  memory::ByteBuffer in_;
  FloodGuard floods_;
  std::vector<std::unique_ptr<Http2Stream>> streams_;
  std::vector<Http2Stream*> noted_;  // to attend to after the callbacks
  base::net::TimePoint idle_since_;
  base::net::TimePoint stall_check_ = base::net::TimePoint::max();
  base::net::TimePoint goaway_at_ = base::net::TimePoint::max();
  bool first_ = true;  // no request yet
  bool input_ended_ = false;
  bool failed_ = false;  // protocol error: say so and end
  bool last_goaway_sent_ = false;
};

}  // namespace proxy::frontend
