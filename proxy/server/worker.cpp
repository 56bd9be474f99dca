// SPDX-License-Identifier: Apache-2.0
#include "proxy/server/worker.hpp"

#include <cerrno>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace proxy::server {

Worker::Worker(metrics::ThreadCounters& counters, std::vector<WorkerSocket> sockets,
               std::shared_ptr<const frontend::Generation> generation)
    : services_(counters),
      generation_(std::move(generation)),
      connections_(services_),
      sockets_(std::move(sockets)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Worker::~Worker() {
  join();
  if (wake_) services_.loop.remove(wake_.get(), *this);
}

base::Result<> Worker::prepare() {
  if (!wake_) return base::fail(base::system_error("eventfd", errno));
  GH_CHECK(services_.loop.add(wake_.get(), *this, EPOLLIN));
  for (const WorkerSocket& socket : sockets_) {
    listeners_.push_back(std::make_unique<frontend::Listener>(
        services_, connections_, generation_, socket.fd, socket.tls, socket.is_unix));
    GH_CHECK(listeners_.back()->begin());
  }
  return {};
}

void Worker::start(std::function<void()> on_end) {
  thread_ = std::thread([this, end = std::move(on_end)] {
    (void)::pthread_setname_np(::pthread_self(), "io");
    run();
    end();
  });
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

void Worker::run() {
  while (!stopped_) {
    services_.loop.turn();
    if (services_.draining && connections_.empty()) break;
  }
  listeners_.clear();
  connections_.clear();
  services_.log_flusher.flush();
}

void Worker::wake() noexcept {
  const std::uint64_t one = 1;
  (void)!::write(wake_.get(), &one, sizeof one);
}

void Worker::use(std::shared_ptr<const frontend::Generation> generation) {
  {
    const std::lock_guard lock(mutex_);
    letters_.generation = std::move(generation);
  }
  wake();
}

void Worker::drain() {
  {
    const std::lock_guard lock(mutex_);
    letters_.drain = true;
  }
  wake();
}

void Worker::stop() {
  {
    const std::lock_guard lock(mutex_);
    letters_.stop = true;
  }
  wake();
}

void Worker::on_events(std::uint32_t) {
  std::uint64_t count = 0;
  (void)!::read(wake_.get(), &count, sizeof count);
  Letters letters;
  {
    const std::lock_guard lock(mutex_);
    letters = std::exchange(letters_, {});
  }
  if (letters.generation) generation_ = std::move(letters.generation);
  if (letters.drain && !services_.draining) {
    services_.draining = true;
    listeners_.clear();
    for (WorkerSocket& socket : sockets_) socket.own.reset();
    connections_.drain();
  }
  stopped_ |= letters.stop;
}

}  // namespace proxy::server
