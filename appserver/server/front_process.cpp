// SPDX-License-Identifier: Apache-2.0
#include "appserver/server/front_process.hpp"

#include "appserver/daemon/client.hpp"
#include "appserver/handlers/static_file.hpp"
#include "appserver/http/mime_types.hpp"
#include "appserver/mapping/file_system.hpp"
#include "appserver/mapping/mapper.hpp"
#include "appserver/net/acceptor.hpp"
#include "appserver/net/connection.hpp"
#include "appserver/net/connection_list.hpp"
#include "appserver/net/wsgi_exchange.hpp"
#include "appserver/server/control.hpp"
#include "appserver/server/embedded.hpp"
#include "appserver/server/identity.hpp"
#include "base/net/event_loop.hpp"
#include "base/net/signals.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <random>
#include <unistd.h>
#include <vector>

namespace appserver::server {

namespace {

using base::observe::LogLevel;
using base::observe::LogLine;

constexpr std::size_t kRelayBytes = 128U << 10U;

class FrontProcess final : public base::net::EventHandler, public base::net::Deadline {
 public:
  explicit FrontProcess(FrontStart start)
      : start_(std::move(start)),
        channel_(loop_),
        files_([this] { return loop_.now(); }),
        log_(*start_.logs[0].error) {}

  [[noreturn]] void run() {
    if (auto ready = prepare(); !ready) {
      LogLine(log_, LogLevel::crit, "front.start_failed")
          .add("front", start_.front)
          .add("error", ready.error().detail);
      ::_exit(EXIT_FAILURE);
    }
    loop_.run();
    const auto deadline = base::net::Clock::now() + start_.model->shutdown_timeout;
    for (const net::HostLogs& host : start_.logs)
      for (const auto& access : host.access) access->flush();
    if (embedded_ && !embedded_->stop(deadline)) {
      LogLine(log_, LogLevel::error, "front.stuck").add("front", start_.front);
      ::_exit(EXIT_FAILURE);
    }
    ::_exit(EXIT_SUCCESS);
  }

  void on_events(std::uint32_t) override { on_control(); }
  void on_deadline() override { loop_.stop(); }  // the drain took too long

 private:
  base::Result<> prepare() {
    const config::Model& model = *start_.model;
    set_process_title("gatehouse: front " + std::to_string(start_.front));
    GH_TRY(const Identity identity, resolve_identity(model.user, model.group));
    GH_CHECK(become(identity));
    // A terminal or a container runtime may signal the whole process group. What a front does the
    // supervisor decides, by its control messages; its death closes the control socket.
    GH_CHECK(signals_.watch(loop_, {SIGTERM, SIGINT, SIGHUP, SIGUSR1}, [](int) {}));
    mapping::MapperOptions options;
    options.server_software = net::kServerName;
    options.server_pid = std::to_string(::getpid());
    options.environment = [](const std::string& name) -> std::optional<std::string> {
      const char* value = std::getenv(name.c_str());
      return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    };
    GH_TRY(mapper_, mapping::Mapper::make(start_.model, files_, std::move(options)));
    auto types = http::MimeTypes::read(model.mime_types_file);
    if (types) {
      types_ = std::move(*types);
    } else {
      LogLine(log_, LogLevel::warn, "types.missing").add("error", types.error().detail);
    }
    static_files_ = std::make_unique<handlers::StaticFiles>(types_);
    context_ = std::make_unique<net::FrontContext>(loop_, model, *mapper_, *static_files_, channel_,
                                                   *start_.metrics);
    context_->front = start_.front;
    context_->embedded_group = model.groups.size();
    context_->logs = start_.logs;
    context_->relay.resize(kRelayBytes);
    std::random_device random;
    constexpr const char* kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";
    for (int i = 0; i < 12; ++i) context_->id_prefix.push_back(kDigits[random() % 36]);
    add_groups();
    if (model.uses_embedded) {
      embedded_ = std::make_unique<Embedded>(loop_, start_.logs[0].error);
      GH_CHECK(embedded_->start(model, start_.front, start_.fronts,
                                channel_.group(model.groups.size()),
                                start_.metrics->process(model.groups.size(), start_.front)));
    }
    GH_CHECK(loop_.add(start_.control.get(), *this, EPOLLIN | EPOLLRDHUP));
    for (const auto& listener : start_.listeners.fronts) {
      acceptors_.push_back(
          std::make_unique<net::Acceptor>(*context_, listener->socket(start_.front), listener->kind,
                                          listener->sockets.size() == 1));
      GH_CHECK(acceptors_.back()->start());
    }
    ControlMessage ready;
    ready.type = ControlType::ready;
    return send_control(start_.control.get(), ready);
  }

  void add_groups() {
    const config::Model& model = *start_.model;
    for (std::size_t i = 0; i < model.groups.size(); ++i) {
      const config::DaemonGroup& group = model.groups[i];
      daemon::ClientSettings settings;
      settings.name = group.name;
      settings.front = start_.front;
      settings.processes = group.processes;
      settings.listen_backlog = group.listen_backlog;
      settings.connect_timeout = group.connect_timeout;
      settings.queue_timeout_ms = static_cast<std::uint32_t>(group.queue_timeout.count());
      settings.socket_timeout =
          group.socket_timeout.count() > 0 ? group.socket_timeout : model.timeouts.io;
      channel_.add_group(std::move(settings), start_.metrics->group(start_.front, i),
                         *start_.logs[group.vhost.value_or(0)].error);
    }
    if (!model.uses_embedded) return;
    daemon::ClientSettings settings;
    settings.front = start_.front;
    settings.socket_timeout = model.timeouts.io;
    channel_.add_group(std::move(settings),
                       start_.metrics->group(start_.front, model.groups.size()), log_);
  }

  void on_control() {
    ControlMessage message;
    std::vector<base::Fd> fds;
    for (;;) {
      switch (receive_control(start_.control.get(), message, fds)) {
        case Received::nothing:
          return;
        case Received::closed:  // the supervisor is gone: finish and follow it
          drain();
          return;
        case Received::message:
          break;
      }
      switch (message.type) {
        case ControlType::add_process:
          add_process(message, fds);
          break;
        case ControlType::process_died:
          if (message.group < channel_.groups())
            channel_.group(message.group).process_died(message.pid);
          break;
        case ControlType::drain:
          drain();
          break;
        default:
          break;
      }
    }
  }

  void add_process(const ControlMessage& message, std::vector<base::Fd>& fds) {
    if (fds.size() != 3 || message.group >= start_.model->groups.size()) return;
    auto claims = daemon::Claims::map(fds[2].get(), start_.fronts,
                                      start_.model->groups[message.group].threads);
    if (!claims) {
      LogLine(log_, LogLevel::error, "channel.no_claims").add("error", claims.error().detail);
      return;
    }
    daemon::ProcessHandle handle;
    handle.process = message.process;
    handle.pid = message.pid;
    handle.link = std::move(fds[0]);
    handle.kick = std::move(fds[1]);
    handle.claims = std::move(*claims);
    channel_.group(message.group).add_process(std::move(handle));
  }

  void drain() {
    if (context_->draining) return;
    context_->draining = true;
    for (const auto& acceptor : acceptors_) acceptor->stop();
    std::vector<net::Connection*> open;
    for (const auto& connection : context_->connections) open.push_back(connection.get());
    for (net::Connection* connection : open) connection->drain();
    loop_.arm(*this, loop_.now() + start_.model->shutdown_timeout);
    if (context_->connections.empty()) {
      loop_.stop();
    } else {
      context_->when_empty = [this] { loop_.stop(); };
    }
  }

  FrontStart start_;
  base::net::EventLoop loop_;
  base::net::SignalWatch signals_;
  daemon::Channel channel_;
  mapping::CachedFileSystem files_;
  const base::observe::ErrorLog& log_;
  std::unique_ptr<mapping::Mapper> mapper_;
  http::MimeTypes types_;
  std::unique_ptr<handlers::StaticFiles> static_files_;
  std::unique_ptr<net::FrontContext> context_;
  std::unique_ptr<Embedded> embedded_;
  std::vector<std::unique_ptr<net::Acceptor>> acceptors_;
};

}  // namespace

void run_front(FrontStart start) {
  auto* process = new FrontProcess(std::move(start));  // NOLINT: lives until _exit
  process->run();
}

}  // namespace appserver::server
