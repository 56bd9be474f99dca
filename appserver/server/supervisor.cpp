// SPDX-License-Identifier: Apache-2.0
#include "appserver/server/supervisor.hpp"

#include "appserver/metrics/slabs.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace appserver::server {

namespace {

using base::observe::ErrorLog;
using base::observe::LogLevel;
using base::observe::LogLine;
using std::chrono::milliseconds;

constexpr milliseconds kStopMargin{3000};  // beyond the longest drain, before SIGKILL

unsigned fronts_of(const config::Model& model) {
  return model.fronts > 0 ? model.fronts : std::max(1U, std::thread::hardware_concurrency());
}

metrics::MetricsShape shape_of(const config::Model& model, unsigned fronts) {
  metrics::MetricsShape shape;
  shape.fronts = fronts;
  for (const config::VirtualHost& host : model.hosts) shape.hosts.push_back(host.label);
  for (const config::DaemonGroup& group : model.groups)
    shape.groups.push_back({group.name, group.processes, group.threads});
  if (model.uses_embedded) shape.groups.push_back({"", fronts, model.embedded_threads});
  return shape;
}

}  // namespace

Supervisor::Supervisor(config::LoadInput input) : input_(std::move(input)) {}
Supervisor::~Supervisor() = default;

int Supervisor::run(std::shared_ptr<const config::Model> model) {
  log_ = ErrorLog::to_stderr(LogLevel::notice);
  if (auto watched = signals_.watch(loop_, {SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGQUIT},
                                    [this](int signal) { on_signal(signal); });
      !watched) {
    LogLine(*log_, LogLevel::crit, "server.start_failed").add("error", watched.error().detail);
    return EXIT_FAILURE;
  }
  auto generation = make_generation(std::move(model));
  if (!generation) {
    LogLine(*log_, LogLevel::crit, "server.start_failed").add("error", generation.error().detail);
    return EXIT_FAILURE;
  }
  current_ = std::move(*generation);
  log_ = current_->parts().logs[0].error;
  if (auto started = current_->start(); !started) {
    LogLine(*log_, LogLevel::crit, "server.start_failed").add("error", started.error().detail);
    exit_status_ = EXIT_FAILURE;
    stop();
  }
  loop_.run();
  LogLine(*log_, LogLevel::notice, "server.stopped").add("status", exit_status_);
  return exit_status_;
}

base::Result<std::unique_ptr<Generation>> Supervisor::make_generation(
    std::shared_ptr<const config::Model> model) {
  Generation::Parts parts;
  parts.fronts = fronts_of(*model);
  GH_TRY(parts.logs, open_logs(*model));
  const ErrorLog& log = *parts.logs[0].error;
  GH_TRY(parts.listeners, open_listeners(*model, parts.fronts,
                                         current_ ? &current_->parts().listeners : nullptr, log));
  GH_TRY(auto shared,
         metrics::SharedMetrics::create(shape_of(*model, parts.fronts),
                                        current_ ? current_->parts().metrics : nullptr));
  parts.metrics = std::move(shared);
  metrics::SupervisorCounters& counters = parts.metrics->supervisor();
  counters.supervisor.fill(::getpid(), loop_.wall_us());
  counters.generation.set(static_cast<std::int64_t>(++generation_number_));
  counters.config_loaded_us.set(loop_.wall_us());
  for (const std::string& notice : model->notices)
    LogLine(log, LogLevel::warn, "config.notice").add("text", notice);
  parts.model = std::move(model);
  return std::make_unique<Generation>(loop_, *this, std::move(parts));
}

void Supervisor::on_signal(int signal) {
  switch (signal) {
    case SIGCHLD:
      reap();
      return;
    case SIGHUP:
      if (!stopping_) reload();
      return;
    default:
      break;
  }
  if (!stopping_) {
    LogLine(*log_, LogLevel::notice, "server.stopping").add("signal", signal);
    stop();
    return;
  }
  // The second time: now.
  exit_status_ = EXIT_FAILURE;
  on_deadline();
}

void Supervisor::reap() {
  for (;;) {
    int status = 0;
    rusage usage{};
    const pid_t pid = ::wait4(-1, &status, WNOHANG, &usage);
    if (pid <= 0) return;
    // As PID 1 this also buries orphans of others, silently.
    if (current_ && current_->child_ended(pid, status, usage)) continue;
    if (next_ && next_->child_ended(pid, status, usage)) continue;
    for (const auto& generation : former_)
      if (generation->child_ended(pid, status, usage)) break;
  }
}

void Supervisor::stop() {
  stopping_ = true;
  milliseconds longest{0};
  const auto drain = [&longest](Generation& generation) {
    const config::Model& model = *generation.parts().model;
    longest = std::max(longest, model.shutdown_timeout);
    milliseconds daemons{0};
    for (const config::DaemonGroup& group : model.groups)
      daemons = std::max(daemons, group.shutdown_timeout);
    longest = std::max(longest, model.shutdown_timeout + daemons);
    generation.drain(Generation::Why::stopping);
  };
  if (next_) drain(*next_);
  for (const auto& generation : former_) drain(*generation);
  if (current_) drain(*current_);
  loop_.arm(*this, loop_.now() + longest + kStopMargin);
  on_gone();
}

void Supervisor::on_deadline() {
  if (!stopping_) return;
  if (next_) next_->kill_all(SIGKILL);
  for (const auto& generation : former_) generation->kill_all(SIGKILL);
  if (current_) current_->kill_all(SIGKILL);
}

void Supervisor::on_gone() {
  const bool any =
      (current_ && !current_->empty()) || (next_ && !next_->empty()) ||
      std::any_of(former_.begin(), former_.end(), [](const auto& g) { return !g->empty(); });
  if (stopping_ && !any) loop_.stop();
}

void Supervisor::on_ready() {
  ready_once_ = true;
  forget_gone();
  if (!next_ || !next_->ready()) return;
  // The new generation serves: the old one finishes what it has.
  former_.push_back(std::move(current_));
  current_ = std::move(next_);
  log_ = current_->parts().logs[0].error;
  reload_ended(true, "");
  former_.back()->drain(Generation::Why::replaced);
}

void Supervisor::on_start_failed(std::string why) {
  if (next_) {
    next_->drain(Generation::Why::replaced);
    former_.push_back(std::move(next_));
    reload_ended(false, why);
    return;
  }
  if (ready_once_ || stopping_) return;
  LogLine(*log_, LogLevel::crit, "server.start_failed").add("error", why);
  exit_status_ = EXIT_FAILURE;
  stop();
}

void Supervisor::on_reload_asked() {
  reload();
}

void Supervisor::reload() {
  forget_gone();
  if (next_) {
    reload_ended(false, "a reload is under way");
    return;
  }
  LogLine(*log_, LogLevel::notice, "reload.begin").add("generation", generation_number_ + 1);
  const config::LoadResult loaded = config::load(input_);
  if (!loaded.model) {
    std::string all;
    for (const std::string& error : loaded.errors) {
      LogLine(*log_, LogLevel::error, "config.error").add("text", error);
      all += error + "\n";
    }
    reload_ended(false, all);
    return;
  }
  auto generation = make_generation(loaded.model);
  if (!generation) {
    reload_ended(false, generation.error().detail);
    return;
  }
  next_ = std::move(*generation);
  if (auto started = next_->start(); !started) on_start_failed(started.error().detail);
}

void Supervisor::reload_ended(bool ok, const std::string& why) {
  metrics::SupervisorCounters& counters = current_->parts().metrics->supervisor();
  (ok ? counters.reloads_ok : counters.reloads_failed).add();
  counters.last_reload_us.set(loop_.wall_us());
  counters.last_reload_ok.set(ok ? 1 : 0);
  LogLine(*log_, ok ? LogLevel::notice : LogLevel::error, ok ? "reload.done" : "reload.failed")
      .add("error", why);
  ControlMessage message;
  message.type = ControlType::reload_done;
  message.value = ok ? 0 : 1;
  message.set_text(ok ? "the new configuration serves" : why);
  current_->tell_admin(message);
  for (const auto& generation : former_) generation->tell_admin(message);
}

void Supervisor::forget_gone() {
  std::erase_if(former_, [](const auto& generation) { return generation->empty(); });
  // Nobody writes to the former generation's numbers any more: they become part of ours.
  if (former_.empty() && current_) current_->parts().metrics->fold_former();
}

void Supervisor::in_child() {
  if (current_) current_->close_in_child();
  if (next_) next_->close_in_child();
  for (const auto& generation : former_) generation->close_in_child();
}

}  // namespace appserver::server
