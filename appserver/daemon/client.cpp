// SPDX-License-Identifier: Apache-2.0
#include "appserver/daemon/client.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cstring>

namespace appserver::daemon {

using base::net::TimePoint;

bool FieldCursor::next(std::string_view& name, std::string_view& value) noexcept {
  std::uint16_t name_bytes = 0;
  std::uint32_t value_bytes = 0;
  constexpr std::size_t kLengths = sizeof name_bytes + sizeof value_bytes;
  if (rest_.empty() || broken_) return false;
  if (rest_.size() < kLengths) {
    broken_ = true;
    return false;
  }
  std::memcpy(&name_bytes, rest_.data(), sizeof name_bytes);
  std::memcpy(&value_bytes, rest_.data() + sizeof name_bytes, sizeof value_bytes);
  if (rest_.size() - kLengths < std::size_t{name_bytes} + value_bytes) {
    broken_ = true;
    return false;
  }
  name = rest_.substr(kLengths, name_bytes);
  value = rest_.substr(kLengths + name_bytes, value_bytes);
  rest_.remove_prefix(kLengths + name_bytes + value_bytes);
  return true;
}

void ChannelRequest::on_deadline() {
  if (client_ != nullptr) client_->request_expired(*this);
}

GroupClient::GroupClient(Channel& channel, ClientSettings settings,
                         metrics::GroupFrontCounters& counters, const base::observe::ErrorLog& log)
    : channel_(channel), settings_(std::move(settings)), counters_(counters), log_(log) {}

GroupClient::~GroupClient() = default;

base::net::EventLoop& GroupClient::loop() noexcept {
  return channel_.loop();
}
void GroupClient::touched() noexcept {
  channel_.touched(*this);
}

void GroupClient::add_process(ProcessHandle handle) {
  links_.push_back(std::make_unique<FrontLink>(loop(), *this, settings_.front, std::move(handle)));
  touched();
}

void GroupClient::process_died(pid_t pid) {
  for (const auto& link : links_)
    if (link->pid() == pid) link->process_died();
}

unsigned GroupClient::outstanding() const noexcept {
  unsigned sum = 0;
  for (const auto& link : links_) sum += link->outstanding();
  return sum;
}

FrontLink* GroupClient::choose() noexcept {
  // Fewest of our own outstanding; the one used last wins a tie, for it is awake and its caches are
  // warm.
  FrontLink* best = nullptr;
  unsigned best_score = 0;
  for (const auto& link : links_) {
    if (!link->takes_requests()) continue;
    unsigned score = link->outstanding() * 2 + (link.get() == last_ ? 0 : 1);
    if (link->saturated()) score += kWindow * 2;
    if (best == nullptr || score < best_score) {
      best = link.get();
      best_score = score;
    }
  }
  return best;
}

bool GroupClient::alive() const noexcept {
  return std::any_of(links_.begin(), links_.end(),
                     [](const auto& link) { return !link->closed(); });
}

void GroupClient::submit(ChannelRequest& request) {
  request.client_ = this;
  request.tries_ = 0;
  FrontLink* link = first_ == nullptr ? choose() : nullptr;
  if (link != nullptr) {
    dispatch(request, *link);
  } else {
    enqueue(request, false);
  }
}

void GroupClient::dispatch(ChannelRequest& request, FrontLink& link) {
  last_ = &link;
  ++request.tries_;
  if (settings_.socket_timeout.count() > 0)
    loop().arm(request, loop().now() + settings_.socket_timeout);
  link.send(request);
}

void GroupClient::enqueue(ChannelRequest& request, bool at_head) {
  const bool in_backlog = alive() && waiting_ < settings_.listen_backlog;
  loop().disarm(request);
  loop().arm(request,
             loop().now() + (in_backlog ? settings_.socket_timeout : settings_.connect_timeout));
  request.queued_ = true;
  request.link_ = nullptr;
  if (at_head) {
    request.previous_ = nullptr;
    request.next_ = first_;
    (first_ != nullptr ? first_->previous_ : tail_) = &request;
    first_ = &request;
  } else {
    request.next_ = nullptr;
    request.previous_ = tail_;
    (tail_ != nullptr ? tail_->next_ : first_) = &request;
    tail_ = &request;
  }
  ++waiting_;
  touched();
}

void GroupClient::unqueue(ChannelRequest& request) noexcept {
  (request.previous_ != nullptr ? request.previous_->next_ : first_) = request.next_;
  (request.next_ != nullptr ? request.next_->previous_ : tail_) = request.previous_;
  request.previous_ = request.next_ = nullptr;
  request.queued_ = false;
  --waiting_;
}

void GroupClient::dispatch_waiting() {
  while (first_ != nullptr) {
    FrontLink* link = choose();
    if (link == nullptr) return;
    ChannelRequest& request = *first_;
    unqueue(request);
    dispatch(request, *link);
  }
}

void GroupClient::cancel(ChannelRequest& request) {
  loop().disarm(request);
  if (request.queued_) {
    unqueue(request);
  } else if (request.link_ != nullptr) {
    request.link_->abandon(request);
  }
  request.client_ = nullptr;
}

void GroupClient::give_back(ChannelRequest& request, const char* why) {
  // The reference's budget of hand-overs (wsgi-hosting 4.10 step 2).
  if (request.tries_ > 2 * settings_.processes + 1) {
    fail(request, 503, "maximum number of daemon process restart attempts reached");
    return;
  }
  counters_.resent.add();
  base::observe::LogLine(log_, base::observe::LogLevel::info, "request.resent")
      .add("group", settings_.name)
      .add("reason", why);
  enqueue(request, true);
}

void GroupClient::fail(ChannelRequest& request, int status, const char* why) {
  loop().disarm(request);
  request.client_ = nullptr;
  request.on_failure(status, why);
}

void GroupClient::note_answer(ChannelRequest& request) noexcept {
  loop().disarm(request);
}

void GroupClient::note_progress(ChannelRequest& request) {
  if (request.link_ != nullptr && !request.head_seen_ && settings_.socket_timeout.count() > 0)
    loop().arm(request, loop().now() + settings_.socket_timeout);
}

void GroupClient::request_expired(ChannelRequest& request) {
  if (request.queued_) {
    unqueue(request);
    const bool beyond = waiting_ >= settings_.listen_backlog || !alive();
    if (beyond) counters_.queue_overflows.add();
    fail(request, beyond ? 503 : 504,
         beyond ? "no daemon process took the request within connect-timeout"
                : "timeout waiting for a daemon process");
    return;
  }
  if (request.link_ != nullptr) request.link_->abandon(request);
  fail(request, 504, "timeout waiting for the response head");
}

bool GroupClient::sibling_has_room(const FrontLink& stuck) noexcept {
  return std::any_of(links_.begin(), links_.end(), [&stuck](const auto& link) {
    return link.get() != &stuck && link->takes_requests() && !link->saturated();
  });
}

TimePoint GroupClient::end_turn() {
  dispatch_waiting();
  TimePoint next = TimePoint::max();
  FrontLink::Load load;
  for (const auto& link : links_) {
    link->flush();
    next = std::min(next, link->kick_at());
    if (link->closed()) continue;
    const FrontLink::Load part = link->load();
    load.running += part.running;
    load.waiting += part.waiting;
  }
  // As of this turn. While something waits for a thread there is a turn every 64 ms at least (the
  // kicks).
  counters_.active.set(load.running);
  counters_.waiting.set(static_cast<std::int64_t>(waiting_ + load.waiting));
  std::erase_if(links_, [this](const auto& link) {
    if (!link->closed()) return false;
    if (last_ == link.get()) last_ = nullptr;
    return true;
  });
  return next;
}

void GroupClient::kick_due(TimePoint now) {
  for (const auto& link : links_)
    if (link->kick_at() <= now) link->kick(now);
  touched();
}

GroupClient& Channel::add_group(ClientSettings settings, metrics::GroupFrontCounters& counters,
                                const base::observe::ErrorLog& log) {
  groups_.push_back(std::make_unique<GroupClient>(*this, std::move(settings), counters, log));
  return *groups_.back();
}

void Channel::touched(GroupClient&) noexcept {
  loop_.at_turn_end(*this);
}

void Channel::on_turn_end() {
  TimePoint next = TimePoint::max();
  for (const auto& group : groups_) next = std::min(next, group->end_turn());
  if (next == TimePoint::max()) {
    loop_.cancel_wake();
  } else {
    loop_.wake_at(next, *this);
  }
}

void Channel::on_wake() {
  for (const auto& group : groups_) group->kick_due(loop_.now());
}

}  // namespace appserver::daemon
