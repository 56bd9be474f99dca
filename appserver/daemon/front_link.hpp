// SPDX-License-Identifier: Apache-2.0
// A front's end of the link to one daemon process: numbers requests, checks every answer, notices
// death.
#pragma once

#include "appserver/daemon/channel_request.hpp"
#include "appserver/daemon/claims.hpp"
#include "appserver/daemon/link_io.hpp"
#include "base/net/event_loop.hpp"

#include <array>
#include <cstdint>
#include <sys/types.h>
#include <vector>

namespace appserver::daemon {

class GroupClient;

/// What the supervisor hands over for each daemon process that lives.
struct ProcessHandle {
  unsigned process = 0;  ///< index in the group
  pid_t pid = 0;
  base::Fd link;
  base::Fd kick;  ///< eventfd
  Claims claims;
};

class FrontLink final : public base::net::EventHandler {
 public:
  FrontLink(base::net::EventLoop& loop, GroupClient& client, unsigned front, ProcessHandle handle);
  ~FrontLink();
  FrontLink(const FrontLink&) = delete;
  FrontLink& operator=(const FrontLink&) = delete;

  [[nodiscard]] pid_t pid() const noexcept { return handle_.pid; }
  [[nodiscard]] unsigned process() const noexcept { return handle_.process; }
  [[nodiscard]] unsigned outstanding() const noexcept { return kWindow - free_count_; }
  /// Requests that somebody here waits for: without abandoned and recalled ones, whose slots are
  /// still taken.
  struct Load {
    unsigned running = 0;  ///< as the process says
    unsigned waiting = 0;
  };
  [[nodiscard]] Load load() const noexcept;
  [[nodiscard]] bool takes_requests() const noexcept {
    return !going_away_ && !closed_ && free_count_ > 0;
  }
  [[nodiscard]] bool closed() const noexcept { return closed_; }
  /// Requests that the process runs now, for all fronts, as it says.
  [[nodiscard]] unsigned busy() noexcept {
    return handle_.claims.busy().load(std::memory_order_relaxed);
  }

  /// Writes the request into the turn's batch. Only when `takes_requests()`.
  void send(ChannelRequest& request);
  /// The client of `request` is gone, or it is given up: its slot stays taken until the daemon says
  /// that it is done.
  void abandon(ChannelRequest& request);
  void flush();
  void on_events(std::uint32_t events) override;
  /// The supervisor says that the process is dead, whatever the socket looks like.
  void process_died();

  // --- the 1 ms question (architecture section 4) ---
  [[nodiscard]] base::net::TimePoint kick_at() const noexcept { return kick_at_; }
  void kick(base::net::TimePoint now);
  /// All its threads are busy, as it says.
  [[nodiscard]] bool saturated() noexcept { return busy() >= handle_.claims.threads(); }

 private:
  struct Slot {
    ChannelRequest* request = nullptr;  // null while taken: abandoned
    std::uint32_t generation = 0;
    bool taken = false;
  };
  void receive(bool until_closed);
  void handle(const FrameView& frame);
  void handle_response(Slot& slot, const FrameView& frame);
  void handle_end(Slot& slot, const FrameView& frame);
  ChannelRequest* finish(Slot& slot);
  void protocol_error(const char* what);
  void close(const char* why);
  void give_back_unstarted(const char* why);

  base::net::EventLoop& loop_;
  GroupClient& client_;
  unsigned front_;
  ProcessHandle handle_;
  LinkWriter writer_;
  LinkReader reader_{kAnswerPayloadLimit};
  std::array<Slot, kWindow> slots_;
  std::array<std::uint8_t, kWindow> free_{};
  unsigned free_count_ = kWindow;
  base::net::TimePoint kick_at_ = base::net::TimePoint::max();
  unsigned kicks_ = 0;  // since the last sign of life
  bool output_watched_ = false;
  bool going_away_ = false;
  bool closed_ = false;
};

}  // namespace appserver::daemon
