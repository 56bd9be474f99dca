// SPDX-License-Identifier: Apache-2.0
// The first process: opens listeners, forks, reaps, reloads, stops. One thread, no Python, safe as
// PID 1.
#pragma once

#include "appserver/config/load.hpp"
#include "appserver/server/generation.hpp"
#include "appserver/server/listeners.hpp"
#include "base/net/event_loop.hpp"
#include "base/net/signals.hpp"

#include <memory>
#include <string>
#include <vector>

namespace appserver::server {

class Supervisor final : public GenerationOwner, public base::net::Deadline {
 public:
  /// `input` is read again at each reload.
  explicit Supervisor(config::LoadInput input);
  ~Supervisor();

  /// Serves until a signal ends it. Returns the exit status.
  int run(std::shared_ptr<const config::Model> model);

  // GenerationOwner
  void on_ready() override;
  void on_start_failed(std::string why) override;
  void on_gone() override;
  void on_reload_asked() override;
  void in_child() override;
  void on_deadline() override;  // the stop took too long

 private:
  base::Result<std::unique_ptr<Generation>> make_generation(
      std::shared_ptr<const config::Model> model);
  void on_signal(int signal);
  void reap();
  void stop();
  void reload();
  void reload_ended(bool ok, const std::string& why);
  void forget_gone();

  config::LoadInput input_;
  base::net::EventLoop loop_;
  base::net::SignalWatch signals_;
  std::shared_ptr<base::observe::ErrorLog> log_;
  std::unique_ptr<Generation> current_;
  std::unique_ptr<Generation> next_;                 // being started by a reload
  std::vector<std::unique_ptr<Generation>> former_;  // draining, or given up
  std::uint64_t generation_number_ = 0;
  int exit_status_ = 0;
  bool stopping_ = false;
  bool ready_once_ = false;
};

}  // namespace appserver::server
