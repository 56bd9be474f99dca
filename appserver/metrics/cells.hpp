// SPDX-License-Identifier: Apache-2.0
// The numbers of the app server, by who writes them. Each struct lies in shared memory, zero at the
// start, and belongs to a slot (front index, group, process index), not to the process that fills
// the slot just now: it survives recycling. Names for outsiders: catalogue.hpp.
#pragma once

#include "base/http/head.hpp"
#include "base/observe/counter.hpp"
#include "base/observe/histogram.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace appserver::metrics {

using base::observe::Counter;
using base::observe::Gauge;
using base::observe::Histogram;
using base::observe::ManyWriterCounter;
using base::observe::ManyWriterGauge;
using base::observe::ManyWriterHistogram;

/// A table of cells indexed by an enum that ends in `count_`.
template <class Cell, class Enum>
class PerEnum {
 public:
  static constexpr std::size_t kSize = static_cast<std::size_t>(Enum::count_);
  Cell& operator[](Enum e) noexcept { return cells_[static_cast<std::size_t>(e)]; }
  const Cell& operator[](Enum e) const noexcept { return cells_[static_cast<std::size_t>(e)]; }
  void merge(const PerEnum& other) noexcept {
    for (std::size_t i = 0; i < kSize; ++i) cells_[i].add(other.cells_[i].value());
  }

 private:
  std::array<Cell, kSize> cells_{};
};

enum class MethodClass : std::uint8_t {
  get,
  head,
  post,
  put,
  delete_,
  patch,
  options,
  other,
  count_
};
MethodClass method_class(base::http::Method method) noexcept;

enum class CodeClass : std::uint8_t { c1xx, c2xx, c3xx, c4xx, c5xx, count_ };
/// A response that never started (0) or a number outside 100..599 counts as 5xx (wsgi-hosting 8.1).
constexpr CodeClass code_class(int status) noexcept {
  return status >= 100 && status < 600 ? static_cast<CodeClass>(status / 100 - 1) : CodeClass::c5xx;
}

/// Why a request got no further than the parser.
enum class BadRequest : std::uint8_t {
  malformed,    ///< breaks the grammar, or two framings (400, 417)
  too_large,    ///< line, field or head over its limit (414, 431, 400)
  timeout,      ///< the head did not arrive in time (408)
  unsupported,  ///< version or transfer coding (501, 505)
  count_
};

/// Why a forwarded header was removed (wsgi-hosting 5.3; architecture section 5).
enum class ForwardedDropped : std::uint8_t {
  untrusted_peer,  ///< the peer is no trusted proxy
  not_declared,    ///< the peer is one, the header is not among WSGITrustedProxyHeaders
  hop,             ///< Gatehouse-Hop from a peer that is not our proxy
  count_
};

/// One front. Written by its I/O thread.
struct FrontCounters {
  Counter connections;  ///< accepted
  Gauge connections_open;
  Counter connections_reused;  ///< requests after the first of their connection
  PerEnum<Counter, BadRequest> bad_requests;
  PerEnum<Counter, ForwardedDropped> forwarded_dropped;
  Counter log_lines_lost;  ///< access log lines that could not be written
};

/// One virtual host in one front. Written by the front's I/O thread.
struct HostCounters {
  std::array<PerEnum<Counter, CodeClass>, static_cast<std::size_t>(MethodClass::count_)> requests;
  Histogram duration;  ///< first byte of the head to last byte of the response
  Counter bytes_in;    ///< request bodies
  Counter bytes_out;   ///< response bodies

  void answered(MethodClass method, int status, std::int64_t duration_us) noexcept {
    requests[static_cast<std::size_t>(method)][code_class(status)].add();
    duration.observe_us(duration_us);
  }
};

/// One daemon group (or embedded mode) as one front sees it. Written by the front's I/O thread.
struct GroupFrontCounters {
  PerEnum<Counter, CodeClass> requests;
  Histogram duration;     ///< whole request, as HostCounters::duration
  Histogram server_time;  ///< start of the request until it is given to the group
  Histogram queue_time;   ///< given to the group until a process runs it
  Counter bytes_in;
  Counter bytes_out;
  Gauge waiting;            ///< given to the group, not running
  Gauge active;             ///< running
  Counter queue_timeouts;   ///< 504: waited longer than queue-timeout
  Counter queue_overflows;  ///< 503: listen-backlog passed
  Counter resent;   ///< not started by a process that ended or was stuck: given to a sibling
  Counter crashed;  ///< 502: the process ended in the middle
  Counter
      truncated;  ///< the process ended after the head was sent: the client saw the response cut

  void answered(int status, std::int64_t duration_us) noexcept {
    requests[code_class(status)].add();
    duration.observe_us(duration_us);
  }
};

/// One process slot of a group. Written by the process itself, from any thread: the tenant's word,
/// believed for nothing but these numbers. Alone on its pages (SharedMetrics::keep_only).
struct ProcessCounters {
  ManyWriterCounter requests;
  ManyWriterGauge threads_busy;  ///< inside a request
  ManyWriterGauge threads_started;
  ManyWriterHistogram daemon_time;       ///< picked up until the application is called
  ManyWriterHistogram application_time;  ///< application called until its iterable is closed
  ManyWriterCounter gil_wait_us;
  ManyWriterCounter import_failures;  ///< scripts that could not be loaded
};

enum class ExitReason : std::uint8_t {
  shutdown_signal,  ///< the server stops
  graceful_signal,  ///< SIGUSR1 or a command
  maximum_requests,
  script_reload,   ///< the script changed
  reload,          ///< a new generation replaces this one
  crash,           ///< ended by a signal of its own making, or with a status
  killed,          ///< did not end in time, or SIGKILL from outside
  startup_failed,  ///< ended before it was ready
  count_
};

/// One daemon group as the supervisor sees it. Written by the supervisor.
struct GroupSupervisorCounters {
  Counter starts;
  PerEnum<Counter, ExitReason> exits;
  Counter cpu_user_us;  ///< of processes that have ended (wait4)
  Counter cpu_system_us;
};

enum class ProcessState : std::uint8_t { none, starting, ready, draining, count_ };

/// Who fills a slot now. Written by the supervisor; pid 0: nobody.
struct ProcessSlot {
  std::atomic<std::int32_t> pid{0};
  std::atomic<ProcessState> state{ProcessState::none};
  std::atomic<std::int64_t> started_us{0};  ///< wall clock

  void fill(std::int32_t new_pid, std::int64_t now_us) noexcept {
    started_us.store(now_us, std::memory_order_relaxed);
    state.store(ProcessState::starting, std::memory_order_relaxed);
    pid.store(new_pid, std::memory_order_release);
  }
  void clear() noexcept {
    pid.store(0, std::memory_order_release);
    state.store(ProcessState::none, std::memory_order_relaxed);
  }
};

/// One process end, for /status.
struct ExitRecord {
  static constexpr std::int16_t kFront = -1;
  std::int64_t at_us = 0;
  std::int32_t pid = 0;
  std::int16_t group = kFront;  ///< index, or kFront
  std::uint16_t process = 0;    ///< index within the group, or of the front
  ExitReason reason = ExitReason::crash;
  std::uint8_t signal = 0;  ///< 0: it exited
  std::uint8_t status = 0;  ///< exit status
};

/// The last process ends. One writer; a reader that meets a write takes the record for missing.
class ExitRing {
 public:
  static constexpr std::size_t kSize = 16;
  void add(const ExitRecord& record) noexcept;
  /// Newest first; returns how many of `out` were filled.
  std::size_t read(std::array<ExitRecord, kSize>& out) const noexcept;

 private:
  struct Entry {
    std::atomic<std::uint64_t> number{0};  // 0: being written
    std::atomic<std::int64_t> at_us{0};
    std::atomic<std::uint64_t> who{0};
    std::atomic<std::uint64_t> why{0};
  };
  std::array<Entry, kSize> entries_;
  std::atomic<std::uint64_t> written_{0};
};

/// The server as a whole. Written by the supervisor.
struct SupervisorCounters {
  std::atomic<bool> ready{false};          ///< all of this generation is up
  std::atomic<bool> draining{false};       ///< SIGTERM came, or a newer generation took over
  std::atomic<bool> former_folded{false};  ///< SharedMetrics::fold_former has run
  ProcessSlot supervisor, admin;
  Counter front_starts;
  PerEnum<Counter, ExitReason> front_exits;
  Counter server_cpu_user_us;  ///< of fronts and admin processes that have ended
  Counter server_cpu_system_us;
  Counter reloads_ok, reloads_failed;
  Gauge last_reload_us;    ///< wall clock of the last attempt; 0: none
  Gauge last_reload_ok;    ///< 1: it succeeded
  Gauge config_loaded_us;  ///< wall clock when the serving configuration was read
  Gauge generation;        ///< 1 at the start, one more each reload
  ExitRing exits;
};

// Totals: `into` plus `from`, cell by cell. `into` belongs to the caller.
void merge(FrontCounters& into, const FrontCounters& from) noexcept;
void merge(HostCounters& into, const HostCounters& from) noexcept;
void merge(GroupFrontCounters& into, const GroupFrontCounters& from) noexcept;
void merge(ProcessCounters& into, const ProcessCounters& from) noexcept;
void merge(GroupSupervisorCounters& into, const GroupSupervisorCounters& from) noexcept;
/// Counters only: no slot, no gauge, no exit record.
void merge_counts(SupervisorCounters& into, const SupervisorCounters& from) noexcept;

}  // namespace appserver::metrics
