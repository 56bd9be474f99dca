// SPDX-License-Identifier: Apache-2.0
// The shared memory with the app server's numbers: one mapping a generation, made by the supervisor
// before it forks, so that the admin process can read what every other one counts, however busy or
// dead it is.
#pragma once

#include "appserver/metrics/cells.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace appserver::metrics {

struct GroupShape {
  std::string name;  ///< label `group`; empty: embedded mode
  std::size_t processes = 1;
  unsigned threads = 1;  ///< configured, each process
};

/// What there is to count: fixed for a generation, known to every process (copied by fork).
struct MetricsShape {
  std::size_t fronts = 1;
  std::vector<std::string> hosts;  ///< labels `vhost`, unique; same indices as Model::hosts
  /// Same indices as Model::groups. Where embedded mode is used the caller appends one with an
  /// empty name, processes = fronts.
  std::vector<GroupShape> groups;
};

class SharedMetrics {
 public:
  /// `former` is the generation that this one replaces (may be null): its counts are part of ours
  /// from now on, label by label, so that no series falls back at a reload.
  static base::Result<std::unique_ptr<SharedMetrics>> create(
      MetricsShape shape, std::shared_ptr<SharedMetrics> former = nullptr);
  ~SharedMetrics();
  SharedMetrics(const SharedMetrics&) = delete;
  SharedMetrics& operator=(const SharedMetrics&) = delete;

  [[nodiscard]] const MetricsShape& shape() const noexcept { return shape_; }

  // Resolve once, keep the reference: they are valid for the life of this object.
  [[nodiscard]] FrontCounters& front(std::size_t front) const noexcept;
  [[nodiscard]] HostCounters& host(std::size_t front, std::size_t host) const noexcept;
  [[nodiscard]] GroupFrontCounters& group(std::size_t front, std::size_t group) const noexcept;
  [[nodiscard]] ProcessCounters& process(std::size_t group, std::size_t process) const noexcept;
  [[nodiscard]] SupervisorCounters& supervisor() const noexcept;
  [[nodiscard]] GroupSupervisorCounters& supervisor_group(std::size_t group) const noexcept;
  [[nodiscard]] ProcessSlot& front_slot(std::size_t front) const noexcept;
  [[nodiscard]] ProcessSlot& process_slot(std::size_t group, std::size_t process) const noexcept;

  /// In a daemon process right after fork: unmaps everything but `process(group, process)`, so that
  /// a tenant's code can neither read nor forge another's numbers. The other accessors must not be
  /// called afterwards.
  void keep_only(std::size_t group, std::size_t process) noexcept;

  /// The supervisor, when a front has ended: its gauges describe nobody any more. Clears
  /// its slot.
  void front_ended(std::size_t index) const noexcept;
  /// The same for a daemon process.
  void process_ended(std::size_t group, std::size_t index) const noexcept;

  /// The supervisor, when the last process of the former generation has ended: copies its counts
  /// and lets go of its memory. Without this call the numbers are right too; the memory stays.
  void fold_former() noexcept;
  /// Every mapping whose numbers belong together: this one, and what the former generations
  /// counted.
  [[nodiscard]] std::vector<const SharedMetrics*> regions() const;

 private:
  explicit SharedMetrics(MetricsShape shape);
  void add_by_label(const SharedMetrics& other) const noexcept;
  void unmap() noexcept;
  [[nodiscard]] std::byte* at(std::size_t offset) const noexcept { return base_ + offset; }

  MetricsShape shape_;
  std::shared_ptr<SharedMetrics> former_;   // also the supervisor's while it drains
  std::unique_ptr<SharedMetrics> carried_;  // the former's counts: one front, one process a group
  std::vector<std::size_t> first_process_;  // index of a group's first process among all
  std::size_t hosts_offset_ = 0;            // within a front's part
  std::size_t groups_offset_ = 0;
  std::size_t supervisor_groups_offset_ = 0;
  std::size_t slots_offset_ = 0;
  std::size_t fronts_offset_ = 0;
  std::size_t front_bytes_ = 0;
  std::size_t processes_offset_ = 0;
  std::size_t process_bytes_ = 0;
  std::size_t size_ = 0;
  std::byte* base_ = nullptr;
  std::size_t mapped_from_ = 0;  // what is mapped still (keep_only)
  std::size_t mapped_to_ = 0;
};

}  // namespace appserver::metrics
