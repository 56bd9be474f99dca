// SPDX-License-Identifier: Apache-2.0
#include "appserver/server/embedded.hpp"

#include "appserver/server/control.hpp"
#include "appserver/server/python_settings.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace appserver::server {

Embedded::~Embedded() {
  if (kick_) loop_.remove(kick_.get(), *this);
}

base::Result<> Embedded::start(const config::Model& model, unsigned front, unsigned fronts,
                               daemon::GroupClient& client, metrics::ProcessCounters& counters) {
  GH_TRY(python_, wsgi::Python::start(embedded_python_settings(model, fronts, log_)));
  GH_TRY(base::Fd page, daemon::Claims::create(front + 1, model.embedded_threads));
  GH_TRY(daemon::Claims ours, daemon::Claims::map(page.get(), front + 1, model.embedded_threads));
  GH_TRY(daemon::Claims theirs, daemon::Claims::map(page.get(), front + 1, model.embedded_threads));
  GH_TRY(auto pair, link_pair());
  kick_ = base::Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  daemon::ProcessHandle handle;
  handle.process = front;
  handle.pid = ::getpid();
  handle.link = std::move(pair[0]);
  handle.kick = base::Fd(::fcntl(kick_.get(), F_DUPFD_CLOEXEC, 0));
  handle.claims = std::move(ours);
  if (!kick_ || !handle.kick) return base::fail(base::system_error("eventfd", errno));
  daemon::CrewSettings settings;
  settings.threads = model.embedded_threads;
  crew_ = std::make_unique<daemon::Crew>(settings, *python_, std::move(theirs), counters, *log_,
                                         nullptr);
  crew_->add_link(front, std::move(pair[1]));
  GH_CHECK(crew_->start());
  GH_CHECK(loop_.add(kick_.get(), *this, EPOLLIN));
  client.add_process(std::move(handle));
  return {};
}

void Embedded::on_events(std::uint32_t) {
  std::uint64_t count = 0;
  (void)!::read(kick_.get(), &count, sizeof count);
  (void)crew_->kick();  // when it is too early, the link asks again
}

bool Embedded::stop(daemon::Crew::Clock::time_point deadline) {
  if (!crew_) return true;
  crew_->drain();
  if (!crew_->join(deadline)) return false;
  crew_.reset();
  python_.reset();
  return true;
}

}  // namespace appserver::server
