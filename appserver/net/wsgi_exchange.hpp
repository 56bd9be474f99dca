// SPDX-License-Identifier: Apache-2.0
// One request in the hands of a process group, seen from the client's connection: writes the
// request message, turns the answer's frames into HTTP/1.1, relays large bodies both ways.
#pragma once

#include "appserver/daemon/channel_request.hpp"
#include "appserver/daemon/client.hpp"
#include "appserver/net/body_pump.hpp"
#include "appserver/net/response_head.hpp"
#include "base/fd.hpp"
#include "base/net/event_loop.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace appserver::net {

class Connection;

class WsgiExchange final : public daemon::ChannelRequest,
                           public BodyPump::Owner,
                           public base::net::EventHandler {
 public:
  explicit WsgiExchange(Connection& connection);
  ~WsgiExchange();

  /// Hands the connection's current request to `group`. `streamed`: the body is not in the message.
  void start(daemon::GroupClient& group, metrics::GroupFrontCounters& counters, bool streamed);
  [[nodiscard]] bool running() const noexcept { return running_; }
  /// The client is gone.
  void cancel();
  /// The client's socket can be read: only of interest while a body is streamed.
  [[nodiscard]] bool wants_input() const noexcept {
    return running_ && streamed_ && pump_.wants_input();
  }
  void read_client();
  /// No byte of the body for too long.
  void body_timeout();
  /// All earlier output has gone: the relay may go on.
  void on_output_empty();
  [[nodiscard]] bool body_ended() const noexcept { return !streamed_ || pump_.ended(); }
  /// The client's body was streamed and read to its end (in the last request).
  [[nodiscard]] bool streamed_body_ended() const noexcept { return streamed_ && pump_.ended(); }

  // daemon::ChannelRequest
  void encode(std::string& out) override;
  base::Fd open_body() override;
  void on_accepted() override;
  void on_head(const daemon::AnswerHead& head, std::string_view body, bool complete) override;
  void on_data(std::string_view body, bool complete) override;
  void on_stream(base::Fd socket) override;
  void on_file(base::Fd file, std::uint64_t offset, std::uint64_t length) override;
  void on_end(bool complete, std::uint64_t stream_bytes) override;
  void on_failure(int status, const char* why) override;

  void on_body_room() override;
  void on_events(std::uint32_t events) override;  // of the response's private socket

 private:
  bool feed(std::string_view bytes);
  void body_failed(int status, base::ErrorCode why, const char* detail);
  void send_body(std::string_view body);
  void relay();
  void stream_finished();
  void close_stream();
  void finish(bool complete, const char* why);

  Connection& connection_;
  daemon::GroupClient* group_ = nullptr;
  metrics::GroupFrontCounters* counters_ = nullptr;
  BodyPump pump_;
  base::Fd stream_;
  std::int64_t queue_start_us_ = 0;  // given to the group; a hand-over does not begin it anew
  std::uint64_t stream_received_ = 0;
  std::uint64_t stream_expected_ = UINT64_MAX;  // known with the end frame
  bool stream_complete_ = false;                // what the end frame said
  std::uint64_t body_left_ = 0;                 // for Framing::length
  std::uint64_t file_left_ = 0;
  Framing framing_ = Framing::none;
  bool running_ = false;
  bool streamed_ = false;
  bool head_sent_ = false;
  bool continue_sent_ = false;
  bool discard_body_ = false;  // HEAD, 204, 304
  bool failed_ = false;        // the rest of the answer is dropped
};

}  // namespace appserver::net
