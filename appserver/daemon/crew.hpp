// SPDX-License-Identifier: Apache-2.0
// The request threads of one process. One thread leads: it fetches from the links and runs what it
// fetched, keeping the GIL from request to request. The others sleep; the next one comes in only
// when the leader is inside a request and nobody holds the GIL, or it has computed for 5 ms. No
// timer ticks: a front asks, by a kick (architecture section 4).
#pragma once

#include "appserver/daemon/claims.hpp"
#include "appserver/daemon/link_io.hpp"
#include "appserver/metrics/slabs.hpp"
#include "appserver/wsgi/python.hpp"
#include "base/fd.hpp"
#include "base/observe/log.hpp"
#include "base/result.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace appserver::daemon {

class LinkExchange;

struct CrewSettings {
  unsigned threads = 15;
  std::size_t stack_bytes = 0;         ///< 0: the system's
  std::uint64_t maximum_requests = 0;  ///< 0: no limit
};

/// Why the crew asked to be replaced.
enum class DrainReason : std::uint8_t {
  none,
  maximum_requests,
  script_reload,
  shutdown_signal,
  graceful_signal
};
const char* drain_reason_text(DrainReason reason) noexcept;

class Crew {
 public:
  /// `on_drain` is called once, from a request thread, when the crew itself decides to drain
  /// (maximum-requests, script changed): it should wake the main thread.
  Crew(CrewSettings settings, wsgi::Python& python, Claims claims,
       metrics::ProcessCounters& counters, const base::observe::ErrorLog& log,
       std::function<void(DrainReason)> on_drain);
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  void add_link(unsigned front, base::Fd socket);
  base::Result<> start();

  using Clock = std::chrono::steady_clock;
  /// A front has waited for 1 ms. Returns when to call again without a further kick; max: not
  /// needed.
  Clock::time_point kick();

  /// Starts nothing more; tells the fronts. What runs goes on.
  void drain();
  /// True when draining and nothing runs.
  [[nodiscard]] bool idle();
  /// Ends the threads, waiting until `deadline`. False: some are still inside a request.
  bool join(Clock::time_point deadline);
  /// Descriptor that becomes readable when the last running request has ended while draining.
  [[nodiscard]] int idle_event() const noexcept { return idle_event_.get(); }

 private:
  friend class LinkExchange;

  struct Link {
    unsigned front = 0;
    base::Fd socket;
    LinkWriter writer;
    LinkReader reader{kRequestPayloadLimit};
    Clock::time_point oldest_unsent = Clock::time_point::max();
    bool dead = false;
    std::uint32_t requests = 0;  // queued or running: keeps a dead link alive
  };
  struct Queued {
    Link* link = nullptr;
    FrameHead head;
    std::string_view payload;
    BlockPtr block;
    base::Fd body;
  };
  struct Worker {
    std::thread thread;
    std::condition_variable wake;
    LinkExchange* exchange = nullptr;  // of the request it runs
    Clock::time_point started;
    bool finished = false;
  };
  using Lock = std::unique_lock<std::mutex>;

  void thread_main(unsigned index);
  void lead(Lock& lock, unsigned index, wsgi::RequestThread& python);
  void fetch(Lock& lock);
  void receive(Link& link);
  void take(Link& link, const FrameView& frame);
  void run_one(Lock& lock, unsigned index, wsgi::RequestThread& python);
  /// Answers a request that must not run: recalled, malformed, too old (wsgi-hosting 2.2).
  bool refuse(Link& link, const FrameHead& head, LinkExchange& exchange,
              const RequestMessage* message, std::int64_t now_us);
  void after_request(unsigned index, Clock::time_point now);
  LinkWriter::Sent send(Link& link);
  void flush_link(Lock& lock, Link& link);
  void flush_all(Lock& lock);
  void flush_without_waiting();
  void promote();
  void begin_drain(DrainReason reason);
  void forget_dead_links();
  [[nodiscard]] bool something_to_fetch() const;

  CrewSettings settings_;
  wsgi::Python& python_;
  Claims claims_;
  metrics::ProcessCounters& counters_;
  const base::observe::ErrorLog& log_;
  std::function<void(DrainReason)> on_drain_;

  std::mutex mutex_;
  std::vector<std::unique_ptr<Link>> links_;
  std::deque<Queued> queue_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<unsigned> sleepers_;  // LIFO: the one that slept least comes first
  int leader_ = -1;
  bool leader_fetching_ = false;
  unsigned running_ = 0;
  std::uint64_t served_ = 0;
  Clock::time_point stalled_until_{};
  bool draining_ = false;
  bool stopping_ = false;
  DrainReason drain_reason_ = DrainReason::none;
  base::Fd epoll_;
  base::Fd wake_;        // eventfd: gets the leader out of its wait
  base::Fd idle_event_;  // eventfd
};

}  // namespace appserver::daemon
