// SPDX-License-Identifier: Apache-2.0
#include "appserver/metrics/cells.hpp"

namespace appserver::metrics {

MethodClass method_class(base::http::Method method) noexcept {
  using base::http::Method;
  switch (method) {
    case Method::get:
      return MethodClass::get;
    case Method::head:
      return MethodClass::head;
    case Method::post:
      return MethodClass::post;
    case Method::put:
      return MethodClass::put;
    case Method::delete_:
      return MethodClass::delete_;
    case Method::patch:
      return MethodClass::patch;
    case Method::options:
      return MethodClass::options;
    case Method::trace:
    case Method::connect:
    case Method::other:
      break;
  }
  return MethodClass::other;
}

// A record is three words under a number that is zero while they change (a sequence lock with one
// writer).
void ExitRing::add(const ExitRecord& record) noexcept {
  const std::uint64_t number = written_.load(std::memory_order_relaxed) + 1;
  Entry& entry = entries_[number % kSize];
  entry.number.store(0, std::memory_order_seq_cst);
  entry.at_us.store(record.at_us, std::memory_order_seq_cst);
  entry.who.store(static_cast<std::uint64_t>(static_cast<std::uint32_t>(record.pid)) << 32 |
                      static_cast<std::uint64_t>(static_cast<std::uint16_t>(record.group)) << 16 |
                      record.process,
                  std::memory_order_seq_cst);
  entry.why.store(static_cast<std::uint64_t>(record.reason) << 16 |
                      static_cast<std::uint64_t>(record.signal) << 8 | record.status,
                  std::memory_order_seq_cst);
  entry.number.store(number, std::memory_order_seq_cst);
  written_.store(number, std::memory_order_seq_cst);
}

std::size_t ExitRing::read(std::array<ExitRecord, kSize>& out) const noexcept {
  const std::uint64_t newest = written_.load(std::memory_order_seq_cst);
  std::size_t count = 0;
  for (std::uint64_t number = newest; number > 0 && newest - number < kSize; --number) {
    const Entry& entry = entries_[number % kSize];
    if (entry.number.load(std::memory_order_seq_cst) != number) continue;
    const std::int64_t at_us = entry.at_us.load(std::memory_order_seq_cst);
    const std::uint64_t who = entry.who.load(std::memory_order_seq_cst);
    const std::uint64_t why = entry.why.load(std::memory_order_seq_cst);
    if (entry.number.load(std::memory_order_seq_cst) != number) continue;
    out[count++] = {at_us,
                    static_cast<std::int32_t>(who >> 32),
                    static_cast<std::int16_t>(who >> 16 & 0xffff),
                    static_cast<std::uint16_t>(who & 0xffff),
                    static_cast<ExitReason>(why >> 16 & 0xff),
                    static_cast<std::uint8_t>(why >> 8 & 0xff),
                    static_cast<std::uint8_t>(why & 0xff)};
  }
  return count;
}

void merge(FrontCounters& into, const FrontCounters& from) noexcept {
  into.connections.add(from.connections.value());
  into.connections_open.add(from.connections_open.value());
  into.connections_reused.add(from.connections_reused.value());
  into.bad_requests.merge(from.bad_requests);
  into.forwarded_dropped.merge(from.forwarded_dropped);
  into.log_lines_lost.add(from.log_lines_lost.value());
}

void merge(HostCounters& into, const HostCounters& from) noexcept {
  for (std::size_t i = 0; i < into.requests.size(); ++i) into.requests[i].merge(from.requests[i]);
  into.duration.merge(from.duration);
  into.bytes_in.add(from.bytes_in.value());
  into.bytes_out.add(from.bytes_out.value());
}

void merge(GroupFrontCounters& into, const GroupFrontCounters& from) noexcept {
  into.requests.merge(from.requests);
  into.duration.merge(from.duration);
  into.server_time.merge(from.server_time);
  into.queue_time.merge(from.queue_time);
  into.bytes_in.add(from.bytes_in.value());
  into.bytes_out.add(from.bytes_out.value());
  into.waiting.add(from.waiting.value());
  into.active.add(from.active.value());
  into.queue_timeouts.add(from.queue_timeouts.value());
  into.queue_overflows.add(from.queue_overflows.value());
  into.resent.add(from.resent.value());
  into.crashed.add(from.crashed.value());
  into.truncated.add(from.truncated.value());
}

void merge(ProcessCounters& into, const ProcessCounters& from) noexcept {
  into.requests.add(from.requests.value());
  into.threads_busy.add(from.threads_busy.value());
  into.threads_started.add(from.threads_started.value());
  into.daemon_time.merge(from.daemon_time);
  into.application_time.merge(from.application_time);
  into.gil_wait_us.add(from.gil_wait_us.value());
  into.import_failures.add(from.import_failures.value());
}

void merge(GroupSupervisorCounters& into, const GroupSupervisorCounters& from) noexcept {
  into.starts.add(from.starts.value());
  into.exits.merge(from.exits);
  into.cpu_user_us.add(from.cpu_user_us.value());
  into.cpu_system_us.add(from.cpu_system_us.value());
}

void merge_counts(SupervisorCounters& into, const SupervisorCounters& from) noexcept {
  into.front_starts.add(from.front_starts.value());
  into.front_exits.merge(from.front_exits);
  into.server_cpu_user_us.add(from.server_cpu_user_us.value());
  into.server_cpu_system_us.add(from.server_cpu_system_us.value());
  into.reloads_ok.add(from.reloads_ok.value());
  into.reloads_failed.add(from.reloads_failed.value());
}

}  // namespace appserver::metrics
