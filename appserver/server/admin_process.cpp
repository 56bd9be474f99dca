// SPDX-License-Identifier: Apache-2.0
#include "appserver/server/admin_process.hpp"

#include "appserver/metrics/admin.hpp"
#include "appserver/server/control.hpp"
#include "appserver/server/identity.hpp"
#include "appserver/wsgi/python.hpp"
#include "base/observe/admin_listener.hpp"
#include "base/version.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <vector>

namespace appserver::server {

namespace {

using base::observe::LogLevel;
using base::observe::LogLine;

constexpr std::chrono::seconds kReloadPatience{
    110};  // below the command's own, so that it hears why

/// Asks the supervisor and waits for its word.
metrics::ReloadOutcome ask_for_reload(int control) {
  ControlMessage message;
  std::vector<base::Fd> fds;
  while (receive_control(control, message, fds) == Received::message) {
  }  // word of reloads that a signal asked for
  message = ControlMessage();
  message.type = ControlType::reload;
  if (auto sent = send_control(control, message); !sent) return {false, sent.error().detail};
  const auto deadline = std::chrono::steady_clock::now() + kReloadPatience;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                          deadline - std::chrono::steady_clock::now())
                          .count();
    pollfd answer{control, POLLIN, 0};
    if (left <= 0 || (::poll(&answer, 1, static_cast<int>(left)) == 0))
      return {false, "the new configuration is not ready yet; the log tells when it is"};
    switch (receive_control(control, message, fds)) {
      case Received::closed:
        return {false, "the supervisor is gone"};
      case Received::nothing:
        continue;
      case Received::message:
        break;
    }
    if (message.type == ControlType::reload_done)
      return {message.value == 0, std::string(message.text_view())};
  }
}

base::Result<> serve(AdminStart& start) {
  set_process_title("gatehouse: admin");
  auto identity = resolve_identity(start.model->user, start.model->group);
  if (!identity) return base::fail(identity.error());
  GH_CHECK(become(*identity));
  // It starts no programs: a blocked signal hurts nobody here, and a descriptor is what the
  // listener understands.
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGTERM);
  (void)::pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);
  (void)::signal(SIGINT, SIG_IGN);
  (void)::signal(SIGHUP, SIG_IGN);
  (void)::signal(SIGPIPE, SIG_IGN);
  const base::Fd signals(::signalfd(-1, &stop_signals, SFD_CLOEXEC | SFD_NONBLOCK));
  const base::Fd ends(::epoll_create1(EPOLL_CLOEXEC));
  if (!signals || !ends) return base::fail(base::system_error("signalfd", errno));
  epoll_event event{};
  event.events = EPOLLIN;
  (void)::epoll_ctl(ends.get(), EPOLL_CTL_ADD, signals.get(), &event);
  event.events = EPOLLRDHUP;  // the supervisor is gone
  (void)::epoll_ctl(ends.get(), EPOLL_CTL_ADD, start.control.get(), &event);

  base::Fd socket(::fcntl(start.listener->socket(0), F_DUPFD_CLOEXEC, 0));
  if (!socket) return base::fail(base::system_error("dup of the admin socket", errno));
  metrics::AdminHooks hooks;
  const int control = start.control.get();
  hooks.reload = [control] { return ask_for_reload(control); };
  base::observe::AdminListener listener(
      std::move(socket),
      metrics::admin_routes(*start.metrics, {std::string(base::kVersion), wsgi::python_version()},
                            std::move(hooks)));
  listener.stop_when_readable(ends.get());
  ControlMessage ready;
  ready.type = ControlType::ready;
  GH_CHECK(send_control(control, ready));
  listener.run();
  return {};
}

}  // namespace

void run_admin(AdminStart start) {
  if (auto served = serve(start); !served) {
    LogLine(*start.log, LogLevel::crit, "admin.start_failed").add("error", served.error().detail);
    ::_exit(EXIT_FAILURE);
  }
  ::_exit(EXIT_SUCCESS);
}

}  // namespace appserver::server
