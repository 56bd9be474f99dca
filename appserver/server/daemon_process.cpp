// SPDX-License-Identifier: Apache-2.0
#include "appserver/server/daemon_process.hpp"

#include "appserver/daemon/crew.hpp"
#include "appserver/server/control.hpp"
#include "appserver/server/identity.hpp"
#include "appserver/server/python_settings.hpp"
#include "appserver/wsgi/python.hpp"
#include "base/net/event_loop.hpp"
#include "base/net/signals.hpp"

#include <cerrno>
#include <chrono>
#include <clocale>
#include <cstdlib>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace appserver::server {

namespace {

using base::net::TimePoint;
using base::observe::LogLevel;
using base::observe::LogLine;
using daemon::DrainReason;
using std::chrono::milliseconds;

class DaemonProcess final : public base::net::Waker {
 public:
  explicit DaemonProcess(DaemonStart start)
      : start_(std::move(start)),
        group_(start_.model->groups[start_.group]),
        control_(*this),
        kick_(*this),
        idle_(*this),
        drained_(*this),
        reaper_(*this) {}

  [[noreturn]] void run() {
    if (auto ready = prepare(); !ready) {
      LogLine(*start_.log, LogLevel::crit, "daemon.start_failed")
          .add("group", group_.name)
          .add("error", ready.error().detail);
      ::_exit(kStartFailed);
    }
    loop_.run();
    shut_down();
  }

 private:
  // Small handlers that pass one kind of event on.
  struct Control final : base::net::EventHandler {
    explicit Control(DaemonProcess& p) : process(p) {}
    void on_events(std::uint32_t) override { process.on_control(); }
    DaemonProcess& process;
  };
  struct Kick final : base::net::EventHandler {
    explicit Kick(DaemonProcess& p) : process(p) {}
    void on_events(std::uint32_t) override {
      std::uint64_t count = 0;
      (void)!::read(process.start_.kick.get(), &count, sizeof count);
      process.on_wake();
    }
    DaemonProcess& process;
  };
  struct Idle final : base::net::EventHandler {
    explicit Idle(DaemonProcess& p) : process(p) {}
    void on_events(std::uint32_t) override { process.loop_.stop(); }
    DaemonProcess& process;
  };
  struct Drained final : base::net::EventHandler {
    explicit Drained(DaemonProcess& p) : process(p) {}
    void on_events(std::uint32_t) override {
      std::uint64_t reason = 0;
      (void)!::read(process.drain_event_.get(), &reason, sizeof reason);
      process.drain(static_cast<DrainReason>(reason));
    }
    DaemonProcess& process;
  };
  struct Reaper final : base::net::Deadline {
    explicit Reaper(DaemonProcess& p) : process(p) {}
    void on_deadline() override { process.loop_.stop(); }
    DaemonProcess& process;
  };

  base::Result<> prepare() {
    set_process_title(group_.display_name.empty() ? "gatehouse: " + group_.name
                                                  : group_.display_name);
    GH_TRY(const Identity identity,
           resolve_identity(
               group_.user.empty() ? start_.model->user : group_.user,
               group_.group.empty() && group_.user.empty() ? start_.model->group : group_.group));
    const bool other_user = identity.uid != ::geteuid();
    GH_CHECK(become(identity));
    set_identity_environment(identity);
    if (group_.umask) ::umask(static_cast<mode_t>(*group_.umask));
    if (!group_.lang.empty()) (void)::setenv("LANG", group_.lang.c_str(), 1);
    if (!group_.locale.empty()) {
      (void)::setenv("LC_ALL", group_.locale.c_str(), 1);
      if (std::setlocale(LC_ALL, group_.locale.c_str()) == nullptr)
        LogLine(*start_.log, LogLevel::warn, "daemon.bad_locale").add("locale", group_.locale);
    }
    // home=, else the home of another user, else where the server stands (wsgi-hosting 2.1).
    const std::string& home = !group_.home.empty() || !other_user ? group_.home : identity.home;
    if (!home.empty() && ::chdir(home.c_str()) != 0)
      return base::fail(base::system_error("home=" + home, errno));

    GH_CHECK(signals_.watch(loop_, {SIGTERM, SIGINT, SIGUSR1},
                            [this](int signal) { on_signal(signal); }));
    GH_TRY(python_,
           wsgi::Python::start(daemon_python_settings(*start_.model, start_.group, start_.log)));
    GH_TRY(daemon::Claims claims,
           daemon::Claims::map(start_.claims.get(), static_cast<unsigned>(start_.links.size()),
                               group_.threads));
    drain_event_ = base::Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    daemon::CrewSettings settings;
    settings.threads = group_.threads;
    settings.maximum_requests = group_.maximum_requests;
    crew_ =
        std::make_unique<daemon::Crew>(settings, *python_, std::move(claims),
                                       start_.metrics->process(start_.group, start_.process),
                                       *start_.log, [this](DrainReason reason) {
                                         const auto value = static_cast<std::uint64_t>(reason);
                                         (void)!::write(drain_event_.get(), &value, sizeof value);
                                       });
    for (unsigned front = 0; front < start_.links.size(); ++front)
      if (start_.links[front]) crew_->add_link(front, std::move(start_.links[front]));
    GH_CHECK(crew_->start());
    GH_CHECK(loop_.add(start_.control.get(), control_, EPOLLIN | EPOLLRDHUP));
    GH_CHECK(loop_.add(start_.kick.get(), kick_, EPOLLIN));
    GH_CHECK(loop_.add(crew_->idle_event(), idle_, EPOLLIN));
    GH_CHECK(loop_.add(drain_event_.get(), drained_, EPOLLIN));
    ControlMessage ready;
    ready.type = ControlType::ready;
    return send_control(start_.control.get(), ready);
  }

  void on_wake() override {
    const auto again = crew_->kick();
    if (again != daemon::Crew::Clock::time_point::max()) loop_.wake_at(again, *this);
  }

  void on_control() {
    ControlMessage message;
    std::vector<base::Fd> fds;
    for (;;) {
      switch (receive_control(start_.control.get(), message, fds)) {
        case Received::nothing:
          return;
        case Received::closed:  // the supervisor is gone: so is this server
          drain(DrainReason::shutdown_signal);
          return;
        case Received::message:
          break;
      }
      if (message.type == ControlType::add_link && fds.size() == 1) {
        crew_->add_link(message.value, std::move(fds[0]));
      } else if (message.type == ControlType::drain) {
        drain(DrainReason::graceful_signal);
      }
    }
  }

  void on_signal(int signal) {
    drain(signal == SIGUSR1 ? DrainReason::graceful_signal : DrainReason::shutdown_signal);
  }

  void drain(DrainReason reason) {
    if (reason_ == DrainReason::none) {
      reason_ = reason;
      ControlMessage message;
      message.type = ControlType::draining;
      message.set_text(drain_reason_text(reason));
      (void)send_control(start_.control.get(), message);  // a supervisor that is gone needs no news
      crew_->drain();
    }
    // A signal to stop shortens a graceful wait, never lengthens it.
    const milliseconds wait =
        reason == DrainReason::shutdown_signal ? group_.shutdown_timeout : group_.graceful_timeout;
    const TimePoint until = loop_.now() + wait;
    if (!reaper_.armed() || until < reaper_.at()) loop_.arm(reaper_, until);
  }

  [[noreturn]] void shut_down() {
    LogLine(*start_.log, LogLevel::info, "daemon.shutdown")
        .add("group", group_.name)
        .add("reason", drain_reason_text(reason_));
    const milliseconds reap =
        group_.shutdown_timeout.count() > 0 ? group_.shutdown_timeout : milliseconds(1'000'000'000);
    ::alarm(static_cast<unsigned>(reap.count() / 1000 +
                                  1));  // atexit handlers and threads may hang too
    ::signal(SIGALRM, [](int) { ::_exit(EXIT_FAILURE); });
    sigset_t alarm_only;
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    ::pthread_sigmask(SIG_UNBLOCK, &alarm_only, nullptr);
    if (!crew_->join(daemon::Crew::Clock::now() + reap)) {
      LogLine(*start_.log, LogLevel::error, "daemon.stuck").add("group", group_.name);
      ::_exit(EXIT_FAILURE);
    }
    crew_.reset();
    python_.reset();
    ::_exit(EXIT_SUCCESS);
  }

  DaemonStart start_;
  const config::DaemonGroup& group_;
  base::net::EventLoop loop_;
  base::net::SignalWatch signals_;
  std::unique_ptr<wsgi::Python> python_;
  std::unique_ptr<daemon::Crew> crew_;
  base::Fd drain_event_;
  Control control_;
  Kick kick_;
  Idle idle_;
  Drained drained_;
  Reaper reaper_;
  DrainReason reason_ = DrainReason::none;
};

}  // namespace

void run_daemon(DaemonStart start) {
  auto* process = new DaemonProcess(std::move(start));  // NOLINT: lives until _exit
  process->run();
}

}  // namespace appserver::server
