// SPDX-License-Identifier: Apache-2.0
#include "proxy/backend/connection_pool.hpp"

#include "proxy/backend/http1_client.hpp"
#include "proxy/backend/limits.hpp"

#include <algorithm>

namespace proxy::backend {

ConnectionPool::ConnectionPool(base::net::EventLoop& loop, exchange::NextTurn& next_turn,
                               metrics::ThreadCounters& counters)
    : loop_(loop), next_turn_(next_turn), counters_(counters) {}

ConnectionPool::~ConnectionPool() {
  loop_.cancel(*this);
}

ConnectionPool::Group& ConnectionPool::group_of(const base::net::Endpoint& backend) {
  for (const auto& group : groups_) {
    if (group->endpoint == backend) return *group;
  }
  groups_.push_back(std::make_unique<Group>(backend));
  return *groups_.back();
}

void ConnectionPool::start(exchange::Exchange& exchange, const base::net::Endpoint& backend) {
  Group& group = group_of(backend);
  if (group.idle.empty()) return start_fresh(exchange, group);
  Http1Client& client = *group.idle.back();
  unrest(client);
  client.begin(exchange);
}

void ConnectionPool::start_fresh(exchange::Exchange& exchange, Group& group) {
  counters_.backend_connects.add();
  auto fd = base::net::start_connect(group.endpoint);
  auto client = fd ? std::make_unique<Http1Client>(*this, group, std::move(*fd)) : nullptr;
  if (!client || !loop_.add(client->fd(), *client, client->interest())) {
    counters_.backend_failures[static_cast<std::size_t>(metrics::BackendFailure::connect)].add();
    exchange.front->on_failure({503, "backend.connect"});
    return;
  }
  client->place_ = clients_.size();
  clients_.push_back(std::move(client));
  counters_.backend_open.add();
  clients_.back()->begin(exchange);
}

void ConnectionPool::rest(Http1Client& client) {
  if (client.group_.idle.size() >= kMaxIdle) return client.close();
  client.group_.idle.push_back(&client);
  counters_.backend_idle.add();
}

void ConnectionPool::unrest(Http1Client& client) noexcept {
  counters_.backend_idle.subtract(
      static_cast<std::int64_t>(std::erase(client.group_.idle, &client)));
}

void ConnectionPool::bury(Http1Client& client) {
  counters_.backend_open.subtract();
  const std::size_t place = client.place_;
  graves_.push_back(std::move(clients_[place]));
  if (place + 1 != clients_.size()) {
    clients_[place] = std::move(clients_.back());
    clients_[place]->place_ = place;
  }
  clients_.pop_back();
  loop_.at_turn_end(*this);
}

void ConnectionPool::on_turn_end() {
  graves_.clear();
}

}  // namespace proxy::backend
