// SPDX-License-Identifier: Apache-2.0
// Layout: supervisor, its groups, process slots | one part a front | one part a daemon process,
// each part on pages of its own, so that one writer's cells share a cache line with nobody and a
// page can be taken away.
#include "appserver/metrics/slabs.hpp"

#include "base/assert.hpp"

#include <cerrno>
#include <new>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace appserver::metrics {
namespace {

constexpr std::size_t kCacheLine = 64;

constexpr std::size_t round_up(std::size_t n, std::size_t unit) noexcept {
  return (n + unit - 1) / unit * unit;
}

std::size_t page_bytes() noexcept {
  return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

template <class T>
constexpr std::size_t stride() noexcept {
  return round_up(sizeof(T), kCacheLine);
}

template <class T>
void begin(std::byte* at, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) new (at + i * stride<T>()) T;
}

template <class T>
T& cell(std::byte* at, std::size_t index) noexcept {
  return *std::launder(reinterpret_cast<T*>(at + index * stride<T>()));
}

}  // namespace

base::Result<std::unique_ptr<SharedMetrics>> SharedMetrics::create(
    MetricsShape shape, std::shared_ptr<SharedMetrics> former) {
  std::unique_ptr<SharedMetrics> metrics(new SharedMetrics(std::move(shape)));
  if (metrics->base_ == nullptr)
    return base::fail(base::system_error("shared memory for metrics", errno));
  if (former != nullptr) {
    MetricsShape totals = metrics->shape_;
    totals.fronts = 1;
    for (GroupShape& group : totals.groups) group.processes = 1;
    GH_TRY(metrics->carried_, create(std::move(totals)));
    metrics->former_ = std::move(former);
  }
  return metrics;
}

SharedMetrics::SharedMetrics(MetricsShape shape) : shape_(std::move(shape)) {
  const std::size_t page = page_bytes();
  std::size_t processes = 0;
  for (const GroupShape& group : shape_.groups) {
    first_process_.push_back(processes);
    processes += group.processes;
  }
  supervisor_groups_offset_ = stride<SupervisorCounters>();
  slots_offset_ =
      supervisor_groups_offset_ + shape_.groups.size() * stride<GroupSupervisorCounters>();
  const std::size_t slots = shape_.fronts + processes;
  fronts_offset_ = round_up(slots_offset_ + slots * stride<ProcessSlot>(), page);
  hosts_offset_ = stride<FrontCounters>();
  groups_offset_ = hosts_offset_ + shape_.hosts.size() * stride<HostCounters>();
  front_bytes_ =
      round_up(groups_offset_ + shape_.groups.size() * stride<GroupFrontCounters>(), page);
  processes_offset_ = fronts_offset_ + shape_.fronts * front_bytes_;
  process_bytes_ = round_up(sizeof(ProcessCounters), page);
  size_ = processes_offset_ + processes * process_bytes_;

  void* memory = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  base_ = static_cast<std::byte*>(memory);
  mapped_to_ = size_;
  begin<SupervisorCounters>(at(0), 1);
  begin<GroupSupervisorCounters>(at(supervisor_groups_offset_), shape_.groups.size());
  begin<ProcessSlot>(at(slots_offset_), slots);
  for (std::size_t i = 0; i < shape_.fronts; ++i) {
    const std::size_t part = fronts_offset_ + i * front_bytes_;
    begin<FrontCounters>(at(part), 1);
    begin<HostCounters>(at(part + hosts_offset_), shape_.hosts.size());
    begin<GroupFrontCounters>(at(part + groups_offset_), shape_.groups.size());
  }
  for (std::size_t i = 0; i < processes; ++i)
    begin<ProcessCounters>(at(processes_offset_ + i * process_bytes_), 1);
}

SharedMetrics::~SharedMetrics() {
  unmap();
}

void SharedMetrics::unmap() noexcept {
  if (mapped_to_ > mapped_from_) (void)::munmap(at(mapped_from_), mapped_to_ - mapped_from_);
  mapped_from_ = mapped_to_ = 0;
}

FrontCounters& SharedMetrics::front(std::size_t front) const noexcept {
  GH_ASSERT(front < shape_.fronts);
  return cell<FrontCounters>(at(fronts_offset_ + front * front_bytes_), 0);
}

HostCounters& SharedMetrics::host(std::size_t front, std::size_t host) const noexcept {
  GH_ASSERT(front < shape_.fronts && host < shape_.hosts.size());
  return cell<HostCounters>(at(fronts_offset_ + front * front_bytes_ + hosts_offset_), host);
}

GroupFrontCounters& SharedMetrics::group(std::size_t front, std::size_t group) const noexcept {
  GH_ASSERT(front < shape_.fronts && group < shape_.groups.size());
  return cell<GroupFrontCounters>(at(fronts_offset_ + front * front_bytes_ + groups_offset_),
                                  group);
}

ProcessCounters& SharedMetrics::process(std::size_t group, std::size_t process) const noexcept {
  GH_ASSERT(group < shape_.groups.size() && process < shape_.groups[group].processes);
  const std::size_t index = first_process_[group] + process;
  return cell<ProcessCounters>(at(processes_offset_ + index * process_bytes_), 0);
}

SupervisorCounters& SharedMetrics::supervisor() const noexcept {
  return cell<SupervisorCounters>(at(0), 0);
}

GroupSupervisorCounters& SharedMetrics::supervisor_group(std::size_t group) const noexcept {
  GH_ASSERT(group < shape_.groups.size());
  return cell<GroupSupervisorCounters>(at(supervisor_groups_offset_), group);
}

ProcessSlot& SharedMetrics::front_slot(std::size_t front) const noexcept {
  GH_ASSERT(front < shape_.fronts);
  return cell<ProcessSlot>(at(slots_offset_), front);
}

ProcessSlot& SharedMetrics::process_slot(std::size_t group, std::size_t process) const noexcept {
  GH_ASSERT(group < shape_.groups.size() && process < shape_.groups[group].processes);
  return cell<ProcessSlot>(at(slots_offset_), shape_.fronts + first_process_[group] + process);
}

void SharedMetrics::keep_only(std::size_t group, std::size_t process) noexcept {
  GH_ASSERT(group < shape_.groups.size() && process < shape_.groups[group].processes);
  const std::size_t from = processes_offset_ + (first_process_[group] + process) * process_bytes_;
  const std::size_t to = from + process_bytes_;
  if (from > 0) (void)::munmap(at(0), from);
  if (to < size_) (void)::munmap(at(to), size_ - to);
  mapped_from_ = from;
  mapped_to_ = to;
  if (carried_ != nullptr) carried_->unmap();
  for (SharedMetrics* old = former_.get(); old != nullptr; old = old->former_.get()) {
    old->unmap();
    if (old->carried_ != nullptr) old->carried_->unmap();
  }
}

void SharedMetrics::front_ended(std::size_t index) const noexcept {
  front(index).connections_open.set(0);
  for (std::size_t g = 0; g < shape_.groups.size(); ++g) {
    group(index, g).waiting.set(0);
    group(index, g).active.set(0);
  }
  front_slot(index).clear();
}

void SharedMetrics::process_ended(std::size_t group, std::size_t index) const noexcept {
  process(group, index).threads_busy.set(0);
  process(group, index).threads_started.set(0);
  process_slot(group, index).clear();
}

void SharedMetrics::add_by_label(const SharedMetrics& other) const noexcept {
  const auto& theirs = other.shape_;
  for (std::size_t f = 0; f < theirs.fronts; ++f) merge(front(0), other.front(f));
  for (std::size_t h = 0; h < shape_.hosts.size(); ++h) {
    for (std::size_t o = 0; o < theirs.hosts.size(); ++o) {
      if (theirs.hosts[o] != shape_.hosts[h]) continue;
      for (std::size_t f = 0; f < theirs.fronts; ++f) merge(host(0, h), other.host(f, o));
    }
  }
  for (std::size_t g = 0; g < shape_.groups.size(); ++g) {
    for (std::size_t o = 0; o < theirs.groups.size(); ++o) {
      if (theirs.groups[o].name != shape_.groups[g].name) continue;
      for (std::size_t f = 0; f < theirs.fronts; ++f) merge(group(0, g), other.group(f, o));
      for (std::size_t p = 0; p < theirs.groups[o].processes; ++p)
        merge(process(g, 0), other.process(o, p));
      merge(supervisor_group(g), other.supervisor_group(o));
    }
  }
  merge_counts(supervisor(), other.supervisor());
}

void SharedMetrics::fold_former() noexcept {
  if (former_ == nullptr) return;
  for (const SharedMetrics* region : former_->regions()) carried_->add_by_label(*region);
  // Whoever sees the flag sees the sums; whoever does not goes on reading the former's own memory,
  // which he maps.
  supervisor().former_folded.store(true, std::memory_order_release);
  former_.reset();
}

std::vector<const SharedMetrics*> SharedMetrics::regions() const {
  std::vector<const SharedMetrics*> out;
  for (const SharedMetrics* at = this; at != nullptr;) {
    out.push_back(at);
    if (at->carried_ == nullptr) break;
    if (at->supervisor().former_folded.load(std::memory_order_acquire)) {
      out.push_back(at->carried_.get());
      break;
    }
    at = at->former_.get();
  }
  return out;
}

}  // namespace appserver::metrics
