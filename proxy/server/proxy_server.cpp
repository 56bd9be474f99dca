// SPDX-License-Identifier: Apache-2.0
#include "proxy/server/proxy_server.hpp"

#include "base/observe/wall_time.hpp"
#include "proxy/server/identity.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <iostream>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>

namespace proxy::server {

using base::observe::LogLevel;
using base::observe::LogLine;

namespace {

constexpr int kCouldNotStart = 1;
constexpr int kConfigurationError = 2;
constexpr unsigned kMaxThreads = 256;

unsigned thread_count(const config::Settings& settings) {
  const unsigned wanted =
      settings.threads > 0 ? settings.threads : std::max(1U, std::thread::hardware_concurrency());
  return std::min(wanted, kMaxThreads);
}

// A connection with a request in it is two descriptors; the soft limit is often 1024.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

bool same_listeners(const config::Settings& a, const config::Settings& b) {
  return std::equal(a.listeners.begin(), a.listeners.end(), b.listeners.begin(), b.listeners.end(),
                    [](const config::Listen& x, const config::Listen& y) {
                      return x.endpoint == y.endpoint && x.tls == y.tls;
                    });
}

}  // namespace

ProxyServer::~ProxyServer() {
  if (admin_) admin_->stop();
  if (admin_thread_.joinable()) admin_thread_.join();
  for (const auto& worker : workers_) worker->stop();
  workers_.clear();
  if (wake_) loop_.remove(wake_.get(), *this);
}

const base::observe::ErrorLog& ProxyServer::log() const {
  return *generations_.front()->hosts.front().error_log;
}

base::Result<> ProxyServer::open_listeners() {
  sockets_.resize(registry_->thread_count());
  for (const config::Listen& listen : settings_->listeners) {
    const bool is_unix = listen.endpoint.kind == base::net::Endpoint::Kind::unix_path;
    base::net::ListenOptions options;
    options.reuse_port = !is_unix;
    base::net::Endpoint endpoint = listen.endpoint;
    for (auto& thread : sockets_) {
      if (is_unix && &thread != &sockets_.front()) {
        thread.push_back({{}, unix_listeners_.back().get(), listen.tls, true});
        continue;
      }
      GH_TRY(base::Fd fd, base::net::listen_on(endpoint, options));
      if (&thread == &sockets_.front()) {
        // Port 0 became one that all threads share.
        GH_TRY(endpoint, base::net::bound_endpoint(fd.get()));
        LogLine(log(), LogLevel::notice, "server.listening")
            .add("address", endpoint.text())
            .add("tls", listen.tls ? "on" : "off");
      }
      const int number = fd.get();
      if (is_unix) {
        unix_listeners_.push_back(std::move(fd));
        unix_paths_.push_back(endpoint.path);
      }
      thread.push_back({std::move(fd), number, listen.tls, is_unix});
    }
  }
  return {};
}

base::Result<> ProxyServer::start_workers() {
  for (std::size_t i = 0; i < registry_->thread_count(); ++i) {
    workers_.push_back(
        std::make_unique<Worker>(registry_->thread(i), std::move(sockets_[i]), generations_[i]));
    GH_CHECK(workers_.back()->prepare());
  }
  for (const auto& worker : workers_) {
    worker->start([this] {
      const std::lock_guard lock(mutex_);
      ++threads_ended_;
      wake();
    });
  }
  return {};
}

int ProxyServer::run(std::shared_ptr<const config::Settings> settings) {
  settings_ = std::move(settings);
  raise_descriptor_limit();
  registry_ = std::make_unique<metrics::Registry>(thread_count(*settings_));
  registry_->server().start_us = base::observe::wall_clock_us();
  Generations made = make_generations(settings_, *registry_, tickets_);
  for (const std::string& error : made.errors) std::cerr << error << '\n';
  if (made.of_thread.empty()) return kConfigurationError;
  generations_ = std::move(made.of_thread);

  const auto start = [this]() -> base::Result<> {
    wake_ = base::Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!wake_) return base::fail(base::system_error("eventfd", errno));
    GH_CHECK(loop_.add(wake_.get(), *this, EPOLLIN));
    GH_CHECK(open_listeners());
    GH_TRY(base::Fd admin, base::net::listen_on(settings_->admin, {}));
    GH_CHECK(drop_privileges(settings_->user, settings_->group));
    GH_CHECK(signals_.watch(loop_, {SIGTERM, SIGINT, SIGHUP},
                            [this](int number) { on_signal(number); }));
    GH_CHECK(start_workers());
    start_admin(std::move(admin));
    return {};
  };
  if (const auto started = start(); !started) {
    std::cerr << "gatehouse-proxy: " << started.error().detail << '\n';
    return kCouldNotStart;
  }
  for (const std::string& notice : settings_->notices)
    LogLine(log(), LogLevel::notice, "config.notice").add("text", notice);
  registry_->server().ready.set(1);
  LogLine(log(), LogLevel::notice, "server.started").add("threads", registry_->thread_count());
  loop_.run();

  LogLine(log(), LogLevel::notice, "server.stopped").add("pid", ::getpid());
  for (const std::string& path : unix_paths_) (void)::unlink(path.c_str());
  if (settings_->admin.kind == base::net::Endpoint::Kind::unix_path)
    (void)::unlink(settings_->admin.path.c_str());
  return 0;
}

void ProxyServer::wake() noexcept {
  const std::uint64_t one = 1;
  (void)!::write(wake_.get(), &one, sizeof one);
}

void ProxyServer::on_signal(int number) {
  if (number == SIGHUP) {
    (void)reload();
    return;
  }
  if (draining_) return stop_now();
  drain();
}

void ProxyServer::on_events(std::uint32_t) {
  std::uint64_t count = 0;
  (void)!::read(wake_.get(), &count, sizeof count);
  bool wanted = false;
  bool all_ended = false;
  {
    const std::lock_guard lock(mutex_);
    wanted = std::exchange(reload_wanted_, false);
    all_ended = threads_ended_ == workers_.size();
  }
  if (wanted) {
    Outcome outcome = reload();
    const std::lock_guard lock(mutex_);
    reload_outcome_ = std::move(outcome);
    answered_.notify_all();
  }
  if (!all_ended) return;
  loop_.stop();
  const std::lock_guard lock(mutex_);
  ended_ = true;
  answered_.notify_all();
}

void ProxyServer::on_deadline() {
  stop_now();
}

void ProxyServer::drain() {
  draining_ = true;
  registry_->server().ready.set(0);
  LogLine(log(), LogLevel::notice, "server.draining")
      .add("timeout_ms", settings_->drain_timeout.count());
  for (const auto& worker : workers_) worker->drain();
  for (base::Fd& fd : unix_listeners_) fd.reset();
  loop_.arm(*this, loop_.now() + settings_->drain_timeout);
}

void ProxyServer::stop_now() {
  for (const auto& worker : workers_) worker->stop();
}

ProxyServer::Outcome ProxyServer::reload() {
  if (draining_) return {false, "the server is draining"};
  const auto refuse = [this](const std::vector<std::string>& errors) {
    registry_->server().reloads_refused.add();
    std::string text;
    for (const std::string& error : errors) {
      LogLine(log(), LogLevel::error, "server.reload_refused").add("error", error);
      text.append(error).append("\n");
    }
    return Outcome{false, std::move(text)};
  };
  config::LoadResult loaded = config::load(input_);
  if (!loaded.settings) return refuse(loaded.errors);
  Generations made = make_generations(loaded.settings, *registry_, tickets_);
  if (made.of_thread.empty()) return refuse(made.errors);

  std::string text = "reloaded\n";
  if (!same_listeners(*settings_, *loaded.settings))
    text += "changed Listen lines need a restart\n";
  if (settings_->admin != loaded.settings->admin) text += "a changed AdminListen needs a restart\n";
  settings_ = std::move(loaded.settings);
  generations_ = std::move(made.of_thread);
  for (std::size_t i = 0; i < workers_.size(); ++i) workers_[i]->use(generations_[i]);
  registry_->server().reloads_done.add();
  LogLine(log(), LogLevel::notice, "server.reloaded").add("text", text.substr(0, text.size() - 1));
  return {true, std::move(text)};
}

}  // namespace proxy::server
