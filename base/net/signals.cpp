// SPDX-License-Identifier: Apache-2.0
#include "base/net/signals.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace base::net {

namespace {

volatile sig_atomic_t pipe_fd = -1;

extern "C" void on_signal(int number) {
  const int saved = errno;
  const auto byte = static_cast<unsigned char>(number);
  (void)!::write(pipe_fd, &byte, 1);  // full: the same signal is waiting there already
  errno = saved;
}

}  // namespace

SignalWatch::~SignalWatch() {
  if (read_end_) loop_->remove(read_end_.get(), *this);
}

Result<> SignalWatch::watch(EventLoop& loop, std::initializer_list<int> signals,
                            std::function<void(int)> handler) {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return fail(system_error("pipe2", errno));
  read_end_ = Fd(ends[0]);
  write_end_ = Fd(ends[1]);
  pipe_fd = write_end_.get();
  loop_ = &loop;
  handler_ = std::move(handler);
  GH_CHECK(loop.add(read_end_.get(), *this, EPOLLIN));
  (void)::signal(SIGPIPE, SIG_IGN);
  for (const int number : signals) {
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    if (::sigaction(number, &action, nullptr) != 0) return fail(system_error("sigaction", errno));
  }
  return {};
}

void SignalWatch::on_events(std::uint32_t) {
  std::array<unsigned char, 64> numbers{};
  for (;;) {
    const ssize_t n = ::read(read_end_.get(), numbers.data(), numbers.size());
    if (n <= 0) return;
    for (ssize_t i = 0; i < n; ++i) handler_(numbers[static_cast<std::size_t>(i)]);
  }
}

SignalsHeld::SignalsHeld() {
  sigset_t all;
  sigfillset(&all);
  (void)::pthread_sigmask(SIG_SETMASK, &all, &former_);
}

SignalsHeld::~SignalsHeld() {
  (void)::pthread_sigmask(SIG_SETMASK, &former_, nullptr);
}

void forget_parents_signals() {
  for (int number = 1; number < NSIG; ++number) {
    if (number == SIGKILL || number == SIGSTOP || number == SIGPIPE) continue;
    struct sigaction action {};
    if (::sigaction(number, nullptr, &action) != 0 || action.sa_handler != on_signal) continue;
    action.sa_handler = SIG_DFL;
    (void)::sigaction(number, &action, nullptr);
  }
  pipe_fd = -1;
}

}  // namespace base::net
