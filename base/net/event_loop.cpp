// SPDX-License-Identifier: Apache-2.0
#include "base/net/event_loop.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace base::net {

namespace {
constexpr int kEventsPerTurn = 256;
}

Deadline::~Deadline() {
  if (bucket_ >= 0) loop_->unlink(*this);
}

EventLoop::EventLoop()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      origin_(Clock::now()),
      buckets_(kBuckets + 1, nullptr),
      events_(kEventsPerTurn) {
  GH_ASSERT(epoll_.valid());
  read_clock();
}

EventLoop::~EventLoop() {
  for (Deadline* head : buckets_) {
    while (head != nullptr) {
      Deadline* next = head->next_;
      head->bucket_ = -1;
      head = next;
    }
  }
}

Result<> EventLoop::add(int fd, EventHandler& handler, std::uint32_t events) {
  epoll_event event{};
  event.events = events | EPOLLET;
  event.data.ptr = &handler;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
    return fail(system_error("epoll_ctl", errno));
  return {};
}

void EventLoop::modify(int fd, EventHandler& handler, std::uint32_t events) noexcept {
  epoll_event event{};
  event.events = events | EPOLLET;
  event.data.ptr = &handler;
  (void)::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void EventLoop::remove(int fd, EventHandler& handler) noexcept {
  (void)::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  for (int i = event_index_; i < event_count_; ++i) {
    auto& event = events_[static_cast<std::size_t>(i)];
    if (event.data.ptr == &handler) event.data.ptr = nullptr;
  }
}

void EventLoop::at_turn_end(TurnEndHook& hook) {
  if (hook.queued_) return;
  hook.queued_ = true;
  hooks_.push_back(&hook);
}

void EventLoop::cancel(TurnEndHook& hook) noexcept {
  if (!hook.queued_) return;
  hook.queued_ = false;
  std::erase(hooks_, &hook);
  std::replace(running_hooks_.begin(), running_hooks_.end(), &hook,
               static_cast<TurnEndHook*>(nullptr));
}

void EventLoop::read_clock() noexcept {
  now_ = Clock::now();
  timespec wall{};
  ::clock_gettime(CLOCK_REALTIME, &wall);
  wall_us_ = static_cast<std::int64_t>(wall.tv_sec) * 1'000'000 + wall.tv_nsec / 1000;
}

std::int64_t EventLoop::tick_of(TimePoint at) const noexcept {
  // Rounded up: a deadline never fires early.
  return (at - origin_ + kTick - Clock::duration(1)) / kTick;
}

void EventLoop::link(Deadline& deadline, int bucket, std::int64_t tick) noexcept {
  deadline.bucket_ = bucket;
  deadline.linked_tick_ = tick;
  deadline.loop_ = this;
  Deadline*& head = buckets_[static_cast<std::size_t>(bucket)];
  deadline.previous_ = nullptr;
  deadline.next_ = head;
  if (head != nullptr) head->previous_ = &deadline;
  head = &deadline;
  ++linked_;
}

void EventLoop::unlink(Deadline& deadline) noexcept {
  if (deadline.previous_ != nullptr) {
    deadline.previous_->next_ = deadline.next_;
  } else {
    buckets_[static_cast<std::size_t>(deadline.bucket_)] = deadline.next_;
  }
  if (deadline.next_ != nullptr) deadline.next_->previous_ = deadline.previous_;
  deadline.previous_ = deadline.next_ = nullptr;
  deadline.bucket_ = -1;
  --linked_;
}

void EventLoop::arm(Deadline& deadline, TimePoint at) {
  deadline.at_ = at;
  const std::int64_t tick = std::max(tick_of(at), next_tick_);
  if (deadline.bucket_ >= 0 && deadline.bucket_ < kBuckets) {
    if (deadline.linked_tick_ <= tick) return;  // its bucket comes first and will look again
    unlink(deadline);
  } else if (deadline.bucket_ == kBuckets) {
    return;  // being looked at in this very turn
  }
  link(deadline, static_cast<int>(tick % kBuckets), tick);
  if (tick < first_linked_ || linked_ == 1) first_linked_ = tick;
}

void EventLoop::run_deadlines() {
  const std::int64_t current = (now_ - origin_) / kTick;
  if (linked_ == 0) {
    next_tick_ = current + 1;
    return;
  }
  // Skip what is known to be empty; after a long sleep each bucket is looked at once.
  next_tick_ = std::max({next_tick_, std::min(first_linked_, current + 1), current - kBuckets + 1});
  for (; next_tick_ <= current; ++next_tick_) {
    Deadline*& head = buckets_[static_cast<std::size_t>(next_tick_ % kBuckets)];
    while (head != nullptr) {
      Deadline& deadline = *head;
      unlink(deadline);
      link(deadline, kBuckets, 0);
    }
  }
  // A callback may arm, disarm or destroy any of them: always take the first.
  Deadline*& due = buckets_[kBuckets];
  while (due != nullptr) {
    Deadline& deadline = *due;
    unlink(deadline);
    if (deadline.at_ == TimePoint::max()) continue;
    if (deadline.at_ > now_) {
      arm(deadline, deadline.at_);
      continue;
    }
    deadline.at_ = TimePoint::max();
    deadline.on_deadline();
  }
}

std::int64_t EventLoop::wait_us(int limit_ms) noexcept {
  std::int64_t wait = limit_ms < 0 ? -1 : static_cast<std::int64_t>(limit_ms) * 1000;
  const auto sooner = [&wait](std::int64_t us) {
    us = std::max<std::int64_t>(us, 0);
    if (wait < 0 || us < wait) wait = us;
  };
  const auto us_until = [this](TimePoint at) {
    return std::chrono::duration_cast<std::chrono::microseconds>(at - now_).count() + 1;
  };
  if (linked_ > 0) {
    // Lower bound first; a bucket may hold only later rounds, then this wakes once a round (16 s)
    // too often.
    first_linked_ = std::max(first_linked_, next_tick_);
    while (buckets_[static_cast<std::size_t>(first_linked_ % kBuckets)] == nullptr) ++first_linked_;
    sooner(us_until(origin_ + kTick * first_linked_));
  }
  if (wake_at_ != TimePoint::max()) sooner(us_until(wake_at_));
  return wait;
}

void EventLoop::turn(int limit_ms) {
  const std::int64_t wait = wait_us(limit_ms);
  timespec timeout{};
  if (wait >= 0) {
    timeout.tv_sec = wait / 1'000'000;
    timeout.tv_nsec = (wait % 1'000'000) * 1000;
  }
  event_count_ = ::epoll_pwait2(epoll_.get(), events_.data(), kEventsPerTurn,
                                wait >= 0 ? &timeout : nullptr, nullptr);
  if (event_count_ < 0) {
    GH_ASSERT(errno == EINTR);
    event_count_ = 0;
  }
  read_clock();
  for (event_index_ = 0; event_index_ < event_count_;) {
    const epoll_event event = events_[static_cast<std::size_t>(event_index_++)];
    if (event.data.ptr != nullptr)
      static_cast<EventHandler*>(event.data.ptr)->on_events(event.events);
  }
  event_count_ = event_index_ = 0;
  if (wake_at_ <= now_) {
    wake_at_ = TimePoint::max();
    waker_->on_wake();
  }
  run_deadlines();
  while (!hooks_.empty()) {
    running_hooks_.swap(hooks_);
    for (std::size_t i = 0; i < running_hooks_.size(); ++i) {
      TurnEndHook* hook = running_hooks_[i];
      if (hook == nullptr) continue;
      hook->queued_ = false;
      hook->on_turn_end();
    }
    running_hooks_.clear();
  }
}

void EventLoop::run() {
  while (!stopped_) turn();
  stopped_ = false;
}

}  // namespace base::net
