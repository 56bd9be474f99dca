// SPDX-License-Identifier: Apache-2.0
// A front's side of one process group: chooses the process, keeps those that wait, gives back what
// was never started.
#pragma once

#include "appserver/config/model/model.hpp"
#include "appserver/daemon/channel_request.hpp"
#include "appserver/daemon/front_link.hpp"
#include "appserver/metrics/slabs.hpp"
#include "base/net/event_loop.hpp"
#include "base/observe/log.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace appserver::daemon {

struct ClientSettings {
  std::string name;  ///< of the group, for logs
  unsigned front = 0;
  unsigned processes = 1;
  unsigned listen_backlog = 100;
  std::chrono::milliseconds connect_timeout{
      15'000};                         ///< beyond the backlog, or with no process alive: then 503
  std::uint32_t queue_timeout_ms = 0;  ///< told to the daemon with each request; 0: off
  std::chrono::milliseconds socket_timeout{60'000};  ///< until the response head: then 504
};

class Channel;

class GroupClient {
 public:
  GroupClient(Channel& channel, ClientSettings settings, metrics::GroupFrontCounters& counters,
              const base::observe::ErrorLog& log);
  ~GroupClient();
  GroupClient(const GroupClient&) = delete;
  GroupClient& operator=(const GroupClient&) = delete;

  void add_process(ProcessHandle handle);
  void process_died(pid_t pid);

  /// Gives the request to a process now, or lets it wait. Exactly one final call follows, unless
  /// cancelled.
  void submit(ChannelRequest& request);
  /// The client is gone, or a deadline passed: no call follows.
  void cancel(ChannelRequest& request);

  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_; }
  [[nodiscard]] unsigned outstanding() const noexcept;

  // --- called by the links ---
  void give_back(ChannelRequest& request,
                 const char* why);                     ///< never started there: try another process
  void note_answer(ChannelRequest& request) noexcept;  ///< its head came: the deadline is over
  /// The body moves: the wait for the head begins anew.
  void note_progress(ChannelRequest& request);
  void touched() noexcept;  ///< a link has something to flush, a free slot, or is closed
  /// A process with every thread busy holds requests it has not started, and a sibling has room.
  [[nodiscard]] bool sibling_has_room(const FrontLink& stuck) noexcept;
  [[nodiscard]] base::net::EventLoop& loop() noexcept;
  [[nodiscard]] const base::observe::ErrorLog& log() const noexcept { return log_; }
  [[nodiscard]] metrics::GroupFrontCounters& counters() noexcept { return counters_; }
  [[nodiscard]] const ClientSettings& settings() const noexcept { return settings_; }

  /// End of a loop turn: hand out waiting requests, flush, forget closed links. Returns when to
  /// kick next.
  base::net::TimePoint end_turn();
  void kick_due(base::net::TimePoint now);

 private:
  friend class ChannelRequest;
  [[nodiscard]] bool alive() const noexcept;
  FrontLink* choose() noexcept;
  void dispatch(ChannelRequest& request, FrontLink& link);
  void enqueue(ChannelRequest& request, bool at_head);
  void unqueue(ChannelRequest& request) noexcept;
  void dispatch_waiting();
  void request_expired(ChannelRequest& request);
  void fail(ChannelRequest& request, int status, const char* why);

  Channel& channel_;
  ClientSettings settings_;
  metrics::GroupFrontCounters& counters_;
  const base::observe::ErrorLog& log_;
  std::vector<std::unique_ptr<FrontLink>> links_;
  FrontLink* last_ = nullptr;
  ChannelRequest* first_ = nullptr;  // the queue
  ChannelRequest* tail_ = nullptr;
  std::size_t waiting_ = 0;
};

/// All groups of one front, and the one clock for their kicks.
class Channel final : public base::net::TurnEndHook, public base::net::Waker {
 public:
  explicit Channel(base::net::EventLoop& loop) : loop_(loop) {}
  GroupClient& add_group(ClientSettings settings, metrics::GroupFrontCounters& counters,
                         const base::observe::ErrorLog& log);
  [[nodiscard]] GroupClient& group(std::size_t index) noexcept { return *groups_[index]; }
  [[nodiscard]] std::size_t groups() const noexcept { return groups_.size(); }
  [[nodiscard]] base::net::EventLoop& loop() noexcept { return loop_; }
  void touched(GroupClient& group) noexcept;
  void on_turn_end() override;
  void on_wake() override;

 private:
  base::net::EventLoop& loop_;
  std::vector<std::unique_ptr<GroupClient>> groups_;
};

}  // namespace appserver::daemon
