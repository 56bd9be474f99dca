// SPDX-License-Identifier: Apache-2.0
// One configuration being served: its children and what they share. A reload makes a second one and
// drains the first. Lives in the supervisor: single-threaded, no Python.
#pragma once

#include "appserver/config/model/model.hpp"
#include "appserver/metrics/slabs.hpp"
#include "appserver/server/control.hpp"
#include "appserver/server/listeners.hpp"
#include "appserver/server/logs.hpp"
#include "base/fd.hpp"
#include "base/net/event_loop.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <sys/types.h>
#include <vector>

namespace appserver::server {

/// What a generation tells the supervisor.
class GenerationOwner {
 public:
  virtual void on_ready() = 0;  ///< every front, and a process of every group, is up
  virtual void on_start_failed(
      std::string why) = 0;            ///< a child of a generation that was never ready gave up
  virtual void on_gone() = 0;          ///< the last child has ended
  virtual void on_reload_asked() = 0;  ///< by the admin listener
  /// In a new child, before anything else: close what belongs to the supervisor and to other
  /// generations.
  virtual void in_child() = 0;

 protected:
  ~GenerationOwner() = default;
};

class Generation {
 public:
  struct Parts {
    std::shared_ptr<const config::Model> model;
    Logs logs;
    ListenerSet listeners;
    std::shared_ptr<metrics::SharedMetrics>
        metrics;  // owners: this, and the next generation for its counts
    unsigned fronts = 1;
  };
  Generation(base::net::EventLoop& loop, GenerationOwner& owner, Parts parts);
  ~Generation();
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;

  /// Forks every child. Errors: no descriptor or process to be had.
  base::Result<> start();
  /// True when `pid` was a child of this generation.
  bool child_ended(pid_t pid, int status, const rusage& usage);
  enum class Why : std::uint8_t { stopping, replaced };
  /// Fronts finish what they have; then daemons end, and the admin process (at once when a new
  /// generation has its own).
  void drain(Why why);
  void kill_all(int signal);
  void close_in_child();
  void tell_admin(const ControlMessage& message);

  [[nodiscard]] const Parts& parts() const noexcept { return parts_; }
  [[nodiscard]] bool ready() const noexcept { return ready_; }
  [[nodiscard]] bool empty() const noexcept { return children_.empty(); }

 private:
  enum class Role : std::uint8_t { front, daemon, admin };
  struct Child final : base::net::EventHandler {
    explicit Child(Generation& g) : generation(g) {}
    void on_events(std::uint32_t) override { generation.on_control(*this); }
    Generation& generation;
    Role role = Role::front;
    std::size_t group = 0;
    unsigned index = 0;  // of the front, or of the process in its group
    pid_t pid = 0;
    base::Fd control;
    base::Fd kick;
    base::Fd claims;
    std::vector<base::Fd> front_links;  // of a daemon that is not ready yet: by front
    std::string drain_reason;
    bool ready = false;
    bool draining = false;
    bool replaced = false;
    base::net::TimePoint started;
  };
  /// A child that ended too soon comes back after a pause.
  struct Respawn final : base::net::Deadline {
    explicit Respawn(Generation& g) : generation(g) {}
    void on_deadline() override;
    Generation& generation;
    Role role = Role::front;
    std::size_t group = 0;
    unsigned index = 0;
    unsigned failures = 0;  // in a row
  };

  base::Result<> spawn(Role role, std::size_t group, unsigned index);
  base::Result<pid_t> fork_child(Child& child, base::Fd theirs, std::vector<base::Fd> daemon_links);
  [[noreturn]] void run_child(Child& child, base::Fd control, std::vector<base::Fd> daemon_links);
  void respawn(Role role, std::size_t group, unsigned index, bool soon);
  Respawn& respawn_state(Role role, std::size_t group, unsigned index);
  void on_control(Child& child);
  void became_ready(Child& child);
  void announce(Child& daemon, Child& front, base::Fd link);
  void connect_new_front(Child& front);
  void record_exit(const Child& child, int status, const rusage& usage);
  void check_ready();
  void after_fronts();
  [[nodiscard]] const base::observe::ErrorLog& log() const noexcept {
    return *parts_.logs[0].error;
  }

  base::net::EventLoop& loop_;
  GenerationOwner& owner_;
  Parts parts_;
  std::vector<std::unique_ptr<Child>> children_;
  std::vector<std::unique_ptr<Respawn>> respawns_;
  bool ready_ = false;
  bool draining_ = false;
  bool daemons_told_ = false;
};

}  // namespace appserver::server
