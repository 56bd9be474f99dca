// SPDX-License-Identifier: Apache-2.0
#include "appserver/daemon/crew.hpp"

#include "appserver/daemon/link_exchange.hpp"
#include "base/assert.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace appserver::daemon {

namespace {

using Clock = Crew::Clock;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr microseconds kOldestAnswer{
    100};                                  // a finished answer waits no longer for the batch to end
constexpr milliseconds kComputing{5};      // then a second thread may compete for the GIL
constexpr milliseconds kStallMemory{100};  // answers go out one by one for so long after a stall

std::int64_t wall_us() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
}

void signal_event(int fd) {
  const std::uint64_t one = 1;
  (void)!::write(fd, &one, sizeof one);
}

}  // namespace

const char* drain_reason_text(DrainReason reason) noexcept {
  switch (reason) {
    case DrainReason::none:
      return "";
    case DrainReason::maximum_requests:
      return "maximum_requests";
    case DrainReason::script_reload:
      return "script_reload";
    case DrainReason::shutdown_signal:
      return "shutdown_signal";
    case DrainReason::graceful_signal:
      return "graceful_signal";
  }
  return "";
}

Crew::Crew(CrewSettings settings, wsgi::Python& python, Claims claims,
           metrics::ProcessCounters& counters, const base::observe::ErrorLog& log,
           std::function<void(DrainReason)> on_drain)
    : settings_(settings),
      python_(python),
      claims_(std::move(claims)),
      counters_(counters),
      log_(log),
      on_drain_(std::move(on_drain)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      idle_event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  GH_ASSERT(epoll_.valid() && wake_.valid() && idle_event_.valid());
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;
  GH_ASSERT(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event) == 0);
}

Crew::~Crew() {
  GH_ASSERT(std::all_of(workers_.begin(), workers_.end(),
                        [](const auto& w) { return !w->thread.joinable(); }));
}

void Crew::add_link(unsigned front, base::Fd socket) {
  const Lock lock(mutex_);
  auto link = std::make_unique<Link>();
  link->front = front;
  link->socket = std::move(socket);
  epoll_event event{};
  event.events = EPOLLIN;  // level-triggered: leadership may change hands between two looks
  event.data.ptr = link.get();
  GH_ASSERT(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, link->socket.get(), &event) == 0);
  if (draining_) link->writer.frame(FrameType::goaway, 0, 0, 0, {});
  (void)link->writer.send(link->socket.get());
  links_.push_back(std::move(link));
}

base::Result<> Crew::start() {
  for (unsigned i = 0; i < settings_.threads; ++i) {
    workers_.push_back(std::make_unique<Worker>());
    workers_.back()->started = Clock::now();
  }
  const Lock lock(mutex_);
  leader_ = 0;
  for (unsigned i = 0; i < settings_.threads; ++i)
    workers_[i]->thread = std::thread([this, i] { thread_main(i); });
  counters_.threads_started.set(settings_.threads);
  return {};
}

void Crew::thread_main(unsigned index) {
  const auto python = python_.attach_thread(static_cast<int>(index) + 1);
  Lock lock(mutex_);
  Worker& self = *workers_[index];
  while (!stopping_) {
    if (leader_ != static_cast<int>(index)) {
      sleepers_.push_back(index);
      self.wake.wait(lock, [&] { return stopping_ || leader_ == static_cast<int>(index); });
      continue;
    }
    lead(lock, index, *python);
  }
  self.finished = true;
  lock.unlock();
}

void Crew::lead(Lock& lock, unsigned index, wsgi::RequestThread& python) {
  const auto leads = [&] { return leader_ == static_cast<int>(index) && !stopping_; };
  while (leads() && queue_.empty()) fetch(lock);
  if (!leads()) return;
  lock.unlock();
  python.acquire();
  lock.lock();
  while (leads() && !queue_.empty()) run_one(lock, index, python);
  if (leads()) flush_without_waiting();
  lock.unlock();
  python.release();
  lock.lock();
  flush_all(lock);
}

void Crew::fetch(Lock& lock) {
  std::array<epoll_event, 16> events{};
  leader_fetching_ = true;
  lock.unlock();
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
  lock.lock();
  leader_fetching_ = false;
  for (int i = 0; i < count; ++i) {
    auto* link = static_cast<Link*>(events[static_cast<std::size_t>(i)].data.ptr);
    if (link == nullptr) {
      std::uint64_t value = 0;
      (void)!::read(wake_.get(), &value, sizeof value);
    } else if (!link->dead) {
      receive(*link);
    }
  }
  forget_dead_links();
}

void Crew::receive(Link& link) {
  const LinkReader::Received got = link.reader.receive(link.socket.get());
  FrameView frame;
  while (link.reader.next(frame)) take(link, frame);
  if (got == LinkReader::Received::closed || link.reader.broken()) {
    // The front is gone: nobody is there to answer to.
    link.dead = true;
    (void)::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, link.socket.get(), nullptr);
    for (const auto& worker : workers_)
      if (worker->exchange != nullptr && &worker->exchange->link() == &link)
        worker->exchange->abort();
    for (const Queued& queued : queue_)
      if (queued.link == &link) --link.requests;
    std::erase_if(queue_, [&link](const Queued& queued) { return queued.link == &link; });
  }
}

void Crew::take(Link& link, const FrameView& frame) {
  base::Fd fd;
  if ((frame.head.flags & kHasFd) != 0) fd = link.reader.take_fd();
  if (frame.head.type == FrameType::cancel) {
    const auto same = [&](const FrameHead& head) {
      return head.slot == frame.head.slot && head.generation == frame.head.generation;
    };
    for (const auto& worker : workers_)
      if (worker->exchange != nullptr && &worker->exchange->link() == &link &&
          same(worker->exchange->head()))
        worker->exchange->abort();
    const auto queued = std::find_if(queue_.begin(), queue_.end(), [&](const Queued& q) {
      return q.link == &link && same(q.head);
    });
    if (queued != queue_.end()) {
      LinkExchange(*this, link, queued->head, {}).finish_locked(wsgi::End::truncated);
      --link.requests;
      queue_.erase(queued);
    }
    return;
  }
  if (frame.head.type != FrameType::request) return;
  if (draining_) return;  // after our goaway: the front has taken it back already
  if (!claims_.start_received(link.front, frame.head.slot, frame.head.generation)) {
    LinkExchange(*this, link, frame.head, {}).finish_locked(wsgi::End::truncated);
    return;
  }
  ++link.requests;
  queue_.push_back(Queued{&link, frame.head, frame.payload, link.reader.block(), std::move(fd)});
}

void Crew::run_one(Lock& lock, unsigned index, wsgi::RequestThread& python) {
  Queued queued = std::move(queue_.front());
  queue_.pop_front();
  Link& link = *queued.link;
  const Clock::time_point begin = Clock::now();
  const std::int64_t begin_us = wall_us();
  RequestMessage message;
  const bool sound = split_message(queued.payload, message);
  const std::int64_t queue_us =
      sound ? std::max<std::int64_t>(begin_us - message.fixed.queue_start_us, 0) : 0;
  LinkExchange exchange(*this, link, queued.head, std::move(queued.body),
                        static_cast<std::uint32_t>(std::min<std::int64_t>(queue_us, UINT32_MAX)));
  if (!refuse(link, queued.head, exchange, sound ? &message : nullptr, begin_us)) {
    Worker& self = *workers_[index];
    self.exchange = &exchange;
    self.started = begin;
    ThreadClaim& claim = claims_.thread(index);
    claim.start_us.store(begin_us, std::memory_order_relaxed);
    claim.busy.store(1, std::memory_order_relaxed);
    ++running_;
    claims_.busy().store(running_, std::memory_order_relaxed);
    counters_.threads_busy.set(running_);
    lock.unlock();
    const wsgi::Outcome outcome = python.run(message, exchange);
    lock.lock();
    const Clock::time_point end = Clock::now();
    if (!exchange.ended()) exchange.finish_locked(wsgi::End::truncated);
    self.exchange = nullptr;
    claim.busy.store(0, std::memory_order_relaxed);
    claim.requests.store(claim.requests.load(std::memory_order_relaxed) + 1,
                         std::memory_order_relaxed);
    --running_;
    claims_.busy().store(running_, std::memory_order_relaxed);
    counters_.threads_busy.set(running_);
    counters_.requests.add();
    counters_.application_time.observe_us(
        std::chrono::duration_cast<microseconds>(end - begin).count());
    ++served_;
    if (outcome == wsgi::Outcome::script_changed) begin_drain(DrainReason::script_reload);
    if (settings_.maximum_requests > 0 && served_ >= settings_.maximum_requests)
      begin_drain(DrainReason::maximum_requests);
    after_request(index, end);
  }
  --link.requests;
}

bool Crew::refuse(Link& link, const FrameHead& head, LinkExchange& exchange,
                  const RequestMessage* message, std::int64_t now_us) {
  if (!claims_.start(link.front, head.slot, head.generation)) {
    exchange.finish_locked(wsgi::End::truncated);  // recalled: this only frees the slot
  } else if (message == nullptr) {
    exchange.fail_locked(500, 0);
  } else if (message->fixed.queue_timeout_ms > 0 &&
             now_us - message->fixed.request_start_us >
                 static_cast<std::int64_t>(message->fixed.queue_timeout_ms) * 1000) {
    exchange.fail_locked(504, kQueueTimeout);
  } else {
    return false;
  }
  return true;
}

void Crew::after_request(unsigned index, Clock::time_point now) {
  const bool leads = leader_ == static_cast<int>(index);
  const bool one_by_one = !leads || now < stalled_until_ || draining_;
  for (const auto& link : links_) {
    if (link->dead || link->writer.empty()) continue;
    if (link->oldest_unsent == Clock::time_point::max()) link->oldest_unsent = now;
    if (one_by_one || now - link->oldest_unsent >= kOldestAnswer) (void)send(*link);
  }
  if (draining_ && running_ == 0) signal_event(idle_event_.get());
}

LinkWriter::Sent Crew::send(Link& link) {
  const LinkWriter::Sent sent = link.writer.send(link.socket.get());
  if (sent == LinkWriter::Sent::all) link.oldest_unsent = Clock::time_point::max();
  return sent;
}

void Crew::flush_without_waiting() {
  for (const auto& link : links_)
    if (!link->writer.empty() && !link->dead) (void)send(*link);
}

void Crew::flush_all(Lock& lock) {
  for (std::size_t i = 0; i < links_.size(); ++i) flush_link(lock, *links_[i]);
}

void Crew::flush_link(Lock& lock, Link& link) {
  while (!link.dead && !link.writer.empty()) {
    const LinkWriter::Sent sent = send(link);
    if (sent == LinkWriter::Sent::all) return;
    if (sent == LinkWriter::Sent::broken) return;  // the next receive finds it closed
    // The front is slow to read. Wait for it without the lock; the link itself stays (requests > 0
    // or leader).
    ++link.requests;
    const int fd = link.socket.get();
    lock.unlock();
    pollfd room{fd, POLLOUT, 0};
    (void)::poll(&room, 1, 1000);
    lock.lock();
    --link.requests;
  }
}

bool Crew::something_to_fetch() const {
  if (!queue_.empty()) return true;
  pollfd ready{epoll_.get(), POLLIN, 0};
  return ::poll(&ready, 1, 0) > 0;
}

Clock::time_point Crew::kick() {
  const Lock lock(mutex_);
  for (const auto& worker : workers_)
    if (worker->exchange != nullptr) worker->exchange->emit_partial();
  flush_without_waiting();
  if (leader_ < 0 || leader_fetching_) return Clock::time_point::max();
  const Worker& leader = *workers_[static_cast<std::size_t>(leader_)];
  if (leader.exchange == nullptr || sleepers_.empty() || !something_to_fetch())
    return Clock::time_point::max();
  const Clock::time_point now = Clock::now();
  stalled_until_ = now + kStallMemory;
  if (wsgi::Python::gil_is_free() || now - leader.started >= kComputing) {
    promote();
    return Clock::time_point::max();
  }
  return leader.started + kComputing;
}

void Crew::promote() {
  const unsigned next = sleepers_.back();
  sleepers_.pop_back();
  leader_ = static_cast<int>(
      next);  // the former one finds out when its request is done, and lies down on top
  workers_[next]->wake.notify_one();
}

void Crew::begin_drain(DrainReason reason) {
  if (draining_) return;
  draining_ = true;
  drain_reason_ = reason;
  for (const Queued& queued : queue_) --queued.link->requests;
  queue_.clear();  // the fronts see in the claims that these were never started
  for (const auto& link : links_) {
    if (link->dead) continue;
    link->writer.frame(FrameType::goaway, 0, 0, 0, {});
    (void)link->writer.send(link->socket.get());
  }
  if (on_drain_ && reason != DrainReason::shutdown_signal) on_drain_(reason);
}

void Crew::drain() {
  const Lock lock(mutex_);
  begin_drain(DrainReason::shutdown_signal);
  if (running_ == 0) signal_event(idle_event_.get());
}

bool Crew::idle() {
  const Lock lock(mutex_);
  return draining_ && running_ == 0;
}

bool Crew::join(Clock::time_point deadline) {
  {
    const Lock lock(mutex_);
    stopping_ = true;
    signal_event(wake_.get());
    for (const auto& worker : workers_) worker->wake.notify_all();
  }
  for (;;) {
    bool all = true;
    {
      const Lock lock(mutex_);
      for (const auto& worker : workers_) all = all && worker->finished;
    }
    if (all) break;
    if (Clock::now() >= deadline) return false;
    pollfd none{idle_event_.get(), POLLIN, 0};
    (void)::poll(&none, 1, 1);  // threads end within microseconds unless an application blocks
  }
  for (const auto& worker : workers_)
    if (worker->thread.joinable()) worker->thread.join();
  return true;
}

void Crew::forget_dead_links() {
  std::erase_if(links_, [](const auto& link) { return link->dead && link->requests == 0; });
}

}  // namespace appserver::daemon
