// SPDX-License-Identifier: Apache-2.0
#include "appserver/server/generation.hpp"

#include "appserver/daemon/claims.hpp"
#include "appserver/server/admin_process.hpp"
#include "appserver/server/daemon_process.hpp"
#include "appserver/server/front_process.hpp"
#include "base/net/signals.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace appserver::server {

namespace {

using base::observe::LogLevel;
using base::observe::LogLine;
using std::chrono::milliseconds;

constexpr milliseconds kHealthyAge{1000};  // a child that lived longer is replaced at once
constexpr unsigned kMostDoublings = 4;     // pauses of 1, 2, 4, 8, then 16 s
constexpr unsigned kStartAttempts = 3;     // of a generation that was never ready

}  // namespace

Generation::Generation(base::net::EventLoop& loop, GenerationOwner& owner, Parts parts)
    : loop_(loop), owner_(owner), parts_(std::move(parts)) {}

Generation::~Generation() {
  for (const auto& child : children_)
    if (child->control) loop_.remove(child->control.get(), *child);
}

base::Result<> Generation::start() {
  GH_CHECK(spawn(Role::admin, 0, 0));
  for (unsigned i = 0; i < parts_.fronts; ++i) GH_CHECK(spawn(Role::front, 0, i));
  for (std::size_t g = 0; g < parts_.model->groups.size(); ++g)
    for (unsigned i = 0; i < parts_.model->groups[g].processes; ++i)
      GH_CHECK(spawn(Role::daemon, g, i));
  return {};
}

base::Result<> Generation::spawn(Role role, std::size_t group, unsigned index) {
  auto child = std::make_unique<Child>(*this);
  child->role = role;
  child->group = group;
  child->index = index;
  child->started = base::net::Clock::now();
  GH_TRY(auto control, control_pair());
  child->control = std::move(control[0]);
  std::vector<base::Fd> daemon_links;
  if (role == Role::daemon) {
    child->kick = base::Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!child->kick) return base::fail(base::system_error("eventfd", errno));
    GH_TRY(child->claims,
           daemon::Claims::create(parts_.fronts, parts_.model->groups[group].threads));
    for (unsigned front = 0; front < parts_.fronts; ++front) {
      GH_TRY(auto link, link_pair());
      child->front_links.push_back(std::move(link[0]));
      daemon_links.push_back(std::move(link[1]));
    }
  }
  GH_TRY(child->pid, fork_child(*child, std::move(control[1]), std::move(daemon_links)));
  GH_CHECK(loop_.add(child->control.get(), *child, EPOLLIN | EPOLLRDHUP));
  const std::int64_t now_us = loop_.wall_us();
  switch (role) {
    case Role::front:
      parts_.metrics->supervisor().front_starts.add();
      parts_.metrics->front_slot(index).fill(child->pid, now_us);
      break;
    case Role::daemon:
      parts_.metrics->supervisor_group(group).starts.add();
      parts_.metrics->process_slot(group, index).fill(child->pid, now_us);
      break;
    case Role::admin:
      parts_.metrics->supervisor().admin.fill(child->pid, now_us);
      break;
  }
  children_.push_back(std::move(child));
  return {};
}

base::Result<pid_t> Generation::fork_child(Child& child, base::Fd theirs,
                                           std::vector<base::Fd> daemon_links) {
  const pid_t parent = ::getpid();
  pid_t pid = 0;
  {
    const base::net::SignalsHeld held;
    pid = ::fork();
    if (pid == 0) base::net::forget_parents_signals();
  }
  if (pid < 0) return base::fail(base::system_error("fork", errno));
  if (pid > 0) return pid;
  (void)::prctl(PR_SET_PDEATHSIG,
                SIGTERM);  // a supervisor killed by force takes its children along
  if (::getppid() != parent) ::_exit(EXIT_FAILURE);
  run_child(child, std::move(theirs), std::move(daemon_links));
}

void Generation::run_child(Child& child, base::Fd control, std::vector<base::Fd> daemon_links) {
  base::Fd kick = std::move(child.kick);
  base::Fd claims = std::move(child.claims);
  child.control.reset();
  child.front_links.clear();
  owner_.in_child();
  ListenerSet listeners = child.role == Role::daemon ? ListenerSet() : parts_.listeners;
  if (child.role != Role::front) listeners.fronts.clear();
  switch (child.role) {
    case Role::front:
      run_front({parts_.model, child.index, parts_.fronts, parts_.metrics.get(), parts_.logs,
                 std::move(listeners), std::move(control)});
    case Role::daemon:
      parts_.metrics->keep_only(child.group, child.index);
      for (const auto& listener : parts_.listeners.fronts) listener->sockets.clear();
      parts_.listeners.admin->sockets.clear();
      run_daemon({parts_.model, child.group, child.index, parts_.metrics.get(),
                  group_log(*parts_.model, parts_.logs, child.group), std::move(control),
                  std::move(kick), std::move(claims), std::move(daemon_links)});
    case Role::admin:
      run_admin({parts_.model, parts_.metrics, parts_.logs[0].error, parts_.listeners.admin,
                 std::move(control)});
  }
  ::_exit(EXIT_FAILURE);
}

void Generation::close_in_child() {
  for (const auto& child : children_) {
    child->control.reset();
    child->kick.reset();
    child->claims.reset();
    child->front_links.clear();
  }
}

void Generation::on_control(Child& child) {
  ControlMessage message;
  std::vector<base::Fd> fds;
  while (child.control && receive_control(child.control.get(), message, fds) == Received::message) {
    switch (message.type) {
      case ControlType::ready:
        became_ready(child);
        break;
      case ControlType::draining:
        child.draining = true;
        child.drain_reason = std::string(message.text_view());
        if (child.role == Role::daemon) {
          parts_.metrics->process_slot(child.group, child.index)
              .state.store(metrics::ProcessState::draining);
          if (!draining_ && !child.replaced) {
            child.replaced = true;  // its successor starts while it finishes
            respawn(Role::daemon, child.group, child.index, true);
          }
        }
        break;
      case ControlType::reload:
        owner_.on_reload_asked();
        break;
      default:
        break;
    }
  }
}

void Generation::became_ready(Child& child) {
  if (child.ready) return;
  child.ready = true;
  respawn_state(child.role, child.group, child.index).failures = 0;
  if (child.role == Role::front) {
    parts_.metrics->front_slot(child.index).state.store(metrics::ProcessState::ready);
    connect_new_front(child);
  } else if (child.role == Role::daemon) {
    parts_.metrics->process_slot(child.group, child.index)
        .state.store(metrics::ProcessState::ready);
    for (const auto& other : children_) {
      if (other->role == Role::front && other->ready && child.front_links[other->index])
        announce(child, *other, std::move(child.front_links[other->index]));
    }
  } else {
    parts_.metrics->supervisor().admin.state.store(metrics::ProcessState::ready);
  }
  check_ready();
}

void Generation::announce(Child& daemon, Child& front, base::Fd link) {
  ControlMessage message;
  message.type = ControlType::add_process;
  message.group = static_cast<std::uint32_t>(daemon.group);
  message.process = daemon.index;
  message.pid = daemon.pid;
  if (auto sent = send_control(front.control.get(), message,
                               {link.get(), daemon.kick.get(), daemon.claims.get()});
      !sent)
    LogLine(log(), LogLevel::error, "front.unreachable")
        .add("pid", front.pid)
        .add("error", sent.error().detail);
}

void Generation::connect_new_front(Child& front) {
  for (const auto& child : children_) {
    if (child->role != Role::daemon || !child->ready || child->draining) continue;
    base::Fd& prepared = child->front_links[front.index];
    if (prepared) {
      announce(*child, front, std::move(prepared));
      continue;
    }
    auto pair = link_pair();
    if (!pair) {
      LogLine(log(), LogLevel::error, "channel.no_link").add("error", pair.error().detail);
      continue;
    }
    ControlMessage message;
    message.type = ControlType::add_link;
    message.value = front.index;
    if (send_control(child->control.get(), message, {(*pair)[1].get()}))
      announce(*child, front, std::move((*pair)[0]));
  }
}

void Generation::check_ready() {
  if (ready_ || draining_) return;
  const auto ready_count = [this](Role role, std::size_t group) {
    return std::count_if(children_.begin(), children_.end(), [&](const auto& child) {
      return child->role == role && child->group == group && child->ready;
    });
  };
  if (ready_count(Role::front, 0) < static_cast<std::ptrdiff_t>(parts_.fronts)) return;
  for (std::size_t g = 0; g < parts_.model->groups.size(); ++g)
    if (ready_count(Role::daemon, g) == 0) return;
  if (ready_count(Role::admin, 0) == 0) return;
  ready_ = true;
  parts_.metrics->supervisor().ready.store(true);
  LogLine(log(), LogLevel::notice, "server.ready").add("pid", ::getpid());
  owner_.on_ready();
}

bool Generation::child_ended(pid_t pid, int status, const rusage& usage) {
  const auto found = std::find_if(children_.begin(), children_.end(),
                                  [pid](const auto& child) { return child->pid == pid; });
  if (found == children_.end()) return false;
  const std::unique_ptr<Child> child = std::move(*found);
  children_.erase(found);
  if (child->control) {
    on_control(*child);  // its last words
    loop_.remove(child->control.get(), *child);
  }
  record_exit(*child, status, usage);
  if (child->role == Role::daemon) {
    ControlMessage message;
    message.type = ControlType::process_died;
    message.group = static_cast<std::uint32_t>(child->group);
    message.pid = pid;
    for (const auto& front : children_)
      if (front->role == Role::front) (void)send_control(front->control.get(), message);
  }
  const bool healthy = child->ready && loop_.now() - child->started >= kHealthyAge;
  const bool asked = child->draining && WIFEXITED(status);
  if (!draining_ && !child->replaced) {
    Respawn& state = respawn_state(child->role, child->group, child->index);
    if (!child->ready && !ready_ && state.failures + 1 >= kStartAttempts) {
      owner_.on_start_failed(child->role == Role::daemon
                                 ? "no process of group " +
                                       parts_.model->groups[child->group].name + " could start"
                                 : std::string("a server process could not start"));
    }
    if (!draining_) respawn(child->role, child->group, child->index, healthy || asked);
  }
  if (draining_) after_fronts();
  if (children_.empty()) owner_.on_gone();
  return true;
}

Generation::Respawn& Generation::respawn_state(Role role, std::size_t group, unsigned index) {
  const auto found = std::find_if(respawns_.begin(), respawns_.end(), [&](const auto& r) {
    return r->role == role && r->group == group && r->index == index;
  });
  if (found != respawns_.end()) return **found;
  respawns_.push_back(std::make_unique<Respawn>(*this));
  Respawn& state = *respawns_.back();
  state.role = role;
  state.group = group;
  state.index = index;
  return state;
}

void Generation::respawn(Role role, std::size_t group, unsigned index, bool soon) {
  Respawn& state = respawn_state(role, group, index);
  if (!soon) ++state.failures;
  if (soon || state.failures == 1) {
    if (auto spawned = spawn(role, group, index); spawned)
      return;
    else
      LogLine(log(), LogLevel::crit, "spawn.failed").add("error", spawned.error().detail);
    ++state.failures;
  }
  const milliseconds pause{1000U << std::min(state.failures - 1, kMostDoublings)};
  loop_.arm(state, loop_.now() + pause);
}

void Generation::Respawn::on_deadline() {
  if (generation.draining_) return;
  if (auto spawned = generation.spawn(role, group, index); !spawned) {
    LogLine(generation.log(), LogLevel::crit, "spawn.failed").add("error", spawned.error().detail);
    generation.respawn(role, group, index, false);
  }
}

void Generation::drain(Why why) {
  if (draining_) return;
  draining_ = true;
  parts_.metrics->supervisor().ready.store(false);
  parts_.metrics->supervisor().draining.store(true);
  ControlMessage message;
  message.type = ControlType::drain;
  for (const auto& child : children_) {
    if (child->role == Role::front) {
      (void)send_control(child->control.get(), message);
    } else if (child->role == Role::admin && why == Why::replaced) {
      (void)::kill(child->pid, SIGTERM);  // the new generation's answers from now on
    }
  }
  after_fronts();
}

void Generation::after_fronts() {
  const bool any_front = std::any_of(children_.begin(), children_.end(),
                                     [](const auto& c) { return c->role == Role::front; });
  if (any_front || daemons_told_) return;
  daemons_told_ = true;
  for (const auto& child : children_) (void)::kill(child->pid, SIGTERM);
}

void Generation::kill_all(int signal) {
  draining_ = true;
  for (const auto& child : children_) (void)::kill(child->pid, signal);
}

void Generation::tell_admin(const ControlMessage& message) {
  for (const auto& child : children_)
    if (child->role == Role::admin) (void)send_control(child->control.get(), message);
}

}  // namespace appserver::server
