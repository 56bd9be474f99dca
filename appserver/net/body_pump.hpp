// SPDX-License-Identifier: Apache-2.0
// Carries a large request body from the client's connection to the private socket of its daemon
// thread, in pieces with an explicit end, never faster than the application reads.
#pragma once

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/http/chunked.hpp"
#include "base/http/head.hpp"
#include "base/net/event_loop.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace appserver::net {

class BodyPump final : public base::net::EventHandler {
 public:
  /// Told by the pump; implemented by the exchange.
  class Owner {
   public:
    virtual void on_body_room() = 0;  ///< it can take more: read from the client
   protected:
    ~Owner() = default;
  };

  BodyPump(base::net::EventLoop& loop, Owner& owner) : loop_(loop), owner_(owner) {}
  ~BodyPump();
  BodyPump(const BodyPump&) = delete;
  BodyPump& operator=(const BodyPump&) = delete;

  /// A new body; `limit_bytes` 0: none (only asked for chunked ones, the others were judged by
  /// their length).
  void begin(base::http::BodyKind kind, std::uint64_t length, std::uint64_t limit_bytes);
  /// A new private socket; returns the daemon's end. An earlier one is closed (nothing was sent
  /// through it).
  base::Result<base::Fd> open();
  void allow() noexcept { allowed_ = true; }

  enum class Fed : std::uint8_t { more, full, ended, bad_chunk, too_large };
  /// Takes bytes as the client sent them. `used` says how many: after `ended` the rest is the next
  /// request's; after `full` all were taken, and `on_body_room` tells when to go on.
  Fed feed(std::string_view bytes, std::size_t& used);
  /// Tells the application that the body will not be whole.
  void break_off(base::ErrorCode why);
  /// No more of it is wanted: the response is done or the daemon closed its end.
  void close();

  [[nodiscard]] bool wants_input() const noexcept {
    return allowed_ && !ended_ && pending_.empty();
  }
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  /// The daemon reads no more: feed drops what comes.
  [[nodiscard]] bool refused() const noexcept { return refused_; }
  [[nodiscard]] std::uint64_t taken_bytes() const noexcept { return taken_; }

  void on_events(std::uint32_t events) override;

 private:
  void send_piece(std::string_view piece);
  void send(std::string_view head, std::string_view body);
  void flush();

  base::net::EventLoop& loop_;
  Owner& owner_;
  base::Fd socket_;
  base::http::ChunkedDecoder decoder_;
  base::http::BodyKind kind_ = base::http::BodyKind::none;
  std::uint64_t left_ = 0;
  std::uint64_t limit_ = 0;
  std::uint64_t taken_ = 0;
  std::string pending_;
  std::size_t pending_at_ = 0;
  bool allowed_ = false;
  bool ended_ = false;
  bool refused_ = false;
};

}  // namespace appserver::net
