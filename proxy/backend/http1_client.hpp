// SPDX-License-Identifier: Apache-2.0
// One connection to a backend: sends requests and reads responses as HTTP/1.1, one at a time, never
// faster than the client's side takes or gives. Owned by its pool.
#pragma once

#include "base/fd.hpp"
#include "base/http/chunked.hpp"
#include "base/http/head.hpp"
#include "base/net/event_loop.hpp"
#include "proxy/backend/connection_pool.hpp"
#include "proxy/exchange/exchange.hpp"
#include "proxy/exchange/next_turn.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace proxy::backend {

class Http1Client final : public base::net::EventHandler,
                          private base::net::Deadline,
                          private exchange::Back,
                          private exchange::Resumable {
 public:
  Http1Client(ConnectionPool& pool, ConnectionPool::Group& group, base::Fd fd);
  ~Http1Client();

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  /// Events to register for. A Unix socket tells of room whenever the peer has read something,
  /// wanted or not, so its EPOLLOUT is asked for only when a write was short.
  [[nodiscard]] std::uint32_t interest() const noexcept;
  void begin(exchange::Exchange& exchange);
  void close();

  void on_events(std::uint32_t events) override;

 private:
  friend class ConnectionPool;
  enum class State : std::uint8_t { connecting, active, idle, closed };

  // Deadline, Back, Resumable
  void on_deadline() override;
  void on_request_progress() override;
  void on_response_taken() override;
  void on_abort() override;
  void on_next_turn() override;

  void finish_connect();
  // http1_client_request.cpp
  void write_request();
  void stage_piece();
  void account_sent(std::size_t bytes);
  void on_write_error();
  void watch_writable(bool wanted);
  [[nodiscard]] bool upload_done() const noexcept;
  // http1_client_response.cpp
  void read_response();
  void on_received(std::size_t bytes);
  bool read_heads();  // false: the exchange is gone
  void on_body(std::size_t bytes);
  bool decode_chunks(std::size_t bytes, bool& ended);
  void on_end_of_input();
  void finish();
  void fail(metrics::BackendFailure kind, int status, const char* reason);
  [[nodiscard]] bool may_retry() const noexcept;
  void retry_or_fail();
  exchange::Exchange& detach() noexcept;
  void arm_backend_timeout();

  ConnectionPool& pool_;
  ConnectionPool::Group& group_;
  base::Fd fd_;
  std::size_t place_ = 0;  // in the pool's list
  exchange::Exchange* exchange_ = nullptr;
  State state_ = State::connecting;
  bool is_unix_ = false;
  bool reused_ = false;  // has answered a request before
  bool watching_writable_ = false;

  // Request.
  std::size_t head_sent_ = 0;
  std::size_t sent_bytes_ = 0;
  std::array<char, 20> lead_text_{};  // size line of the piece under way
  std::string_view lead_;
  std::size_t piece_left_ = 0;
  std::string_view tail_;
  bool last_chunk_staged_ = false;
  bool write_blocked_ = false;
  bool write_failed_ = false;

  // Response.
  base::http::ResponseParser parser_;
  base::http::ResponseHead head_;
  base::http::ChunkedDecoder decoder_;
  std::uint64_t body_left_ = 0;
  bool got_bytes_ = false;
  bool head_done_ = false;
  bool reusable_ = true;
  bool readable_ = false;
  bool hung_up_ = false;  // the peer has closed its side: read to the end
  bool paused_ = false;   // the client is slow: the pipe is full
  bool large_ = false;
  exchange::TurnShare share_;
};

}  // namespace proxy::backend
