// SPDX-License-Identifier: Apache-2.0
#include "appserver/net/connection_list.hpp"

#include "appserver/net/wsgi_exchange.hpp"

#include <array>
#include <charconv>

namespace appserver::net {

FrontContext::FrontContext(base::net::EventLoop& event_loop, const config::Model& configuration,
                           mapping::Mapper& map, handlers::StaticFiles& static_files,
                           daemon::Channel& groups, metrics::SharedMetrics& numbers)
    : loop(event_loop),
      model(configuration),
      mapper(map),
      files(static_files),
      channel(groups),
      metrics(numbers) {}

FrontContext::~FrontContext() = default;

void adopt_connection(FrontContext& context, std::unique_ptr<Connection> connection) {
  Connection& added = *connection;
  added.index_ = context.connections.size();
  context.connections.push_back(std::move(connection));
  auto& counters = context.metrics.front(context.front);
  counters.connections.add();
  counters.connections_open.add();
  added.start();
}

void forget_connection(FrontContext& context, Connection& connection) {
  const std::size_t index = connection.index_;
  context.closed.push_back(std::move(context.connections[index]));
  if (index + 1 < context.connections.size()) {
    context.connections[index] = std::move(context.connections.back());
    context.connections[index]->index_ = index;
  }
  context.connections.pop_back();
  context.metrics.front(context.front).connections_open.subtract();
  context.loop.at_turn_end(context.sweeper);
}

std::string FrontContext::make_id() {
  std::array<char, 20> digits{};
  const auto [end, error] =
      std::to_chars(digits.data(), digits.data() + digits.size(), ++next_id, 36);
  (void)error;  // 20 places hold any 64-bit number
  return id_prefix + std::string(digits.data(), end);
}

void FrontContext::LogFlusher::on_deadline() {
  for (const HostLogs& host : context.logs)
    for (const auto& log : host.access) {
      log->flush();
      context.metrics.front(context.front).log_lines_lost.add(log->take_lines_lost());
    }
}

void FrontContext::Sweeper::on_turn_end() {
  context.closed.clear();
  if (context.connections.empty() && context.when_empty) context.when_empty();
}

}  // namespace appserver::net
