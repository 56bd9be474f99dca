// SPDX-License-Identifier: Apache-2.0
#include "base/config/listeners.hpp"

#include "base/config/lexer.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace base::config {
namespace {

using net::Endpoint;

/// How well a host's address fits connections to `listen`: httpd takes the best fit of each
/// connection, so a host for every port is out of the question where one names the port
/// (wsgi-hosting 1.6).
enum class Fit : std::uint8_t { none, any_port, port };

Fit fit(const Endpoint& listen, const Endpoint& host) {
  if (host.kind == Endpoint::Kind::ip && listen.kind == Endpoint::Kind::ip &&
      host.ip != listen.ip && !listen.ip.is_unspecified()) {
    return Fit::none;
  }
  if (host.port == 0) return Fit::any_port;
  return host.port == listen.port ? Fit::port : Fit::none;
}

Fit best_fit(const Endpoint& listen, const HostTls& host) {
  Fit best = Fit::none;
  if (listen.kind == Endpoint::Kind::unix_path) return best;
  for (const Endpoint& address : host.addresses) best = std::max(best, fit(listen, address));
  return best;
}

/// The hosts that may answer on a listener; the main server when there is none.
std::vector<HostTls*> hosts_on(const Endpoint& listen, std::span<HostTls> hosts) {
  std::vector<HostTls*> out;
  for (const Fit wanted : {Fit::port, Fit::any_port}) {
    for (HostTls& host : hosts.subspan(1)) {
      if (best_fit(listen, host) == wanted) out.push_back(&host);
    }
    if (!out.empty()) return out;
  }
  out.push_back(&hosts.front());
  return out;
}

std::string named(const HostTls& host) {
  return host.origin.file ? host.name + " (" + host.origin.text() + ")" : host.name;
}

void decide_one(ListenLine& line, std::span<HostTls> hosts, Report& report) {
  const auto on = hosts_on(line.endpoint, hosts);
  // `https` on the Listen line switches TLS on for hosts that say nothing.
  const auto speaks = [&](const HostTls* host) { return host->engine.value_or(line.https); };
  const auto with = std::find_if(on.begin(), on.end(), speaks);
  const auto without = std::find_if_not(on.begin(), on.end(), speaks);
  if (line.https && without != on.end()) {
    report.error(
        line.origin, "Listen",
        line.endpoint.text() + " is https, but " + named(**without) + " says SSLEngine off");
    return;
  }
  if (with != on.end() && without != on.end()) {
    report.error(line.origin, "Listen",
                 line.endpoint.text() + " cannot speak TLS and plain HTTP: " + named(**with) +
                     " says SSLEngine on, " + named(**without) + " does not");
    return;
  }
  line.tls = line.https || with != on.end();
  for (HostTls* host : on) host->tls = host->tls || line.tls;
}

}  // namespace

Result<> read_listen(const Args& args, std::vector<ListenLine>& lines) {
  ListenLine line;
  line.origin = args.origin();
  GH_TRY(line.endpoint, net::parse_endpoint(args[0]));
  if (args.size() == 2) {
    line.https = equal_no_case(args[1], "https");
    if (!line.https && !equal_no_case(args[1], "http")) {
      return fail(ErrorCode::invalid,
                  "expected the protocol http or https, got \"" + printable(args[1]) + "\"");
    }
  }
  // Port 0 is a different port each time.
  const bool chosen_by_kernel =
      line.endpoint.kind != Endpoint::Kind::unix_path && line.endpoint.port == 0;
  for (const ListenLine& other : lines) {
    if (other.endpoint == line.endpoint && !chosen_by_kernel) {
      return fail(ErrorCode::invalid, "the same address and port as in " + other.origin.text());
    }
  }
  lines.push_back(std::move(line));
  return {};
}

void decide_tls(std::span<ListenLine> lines, std::span<HostTls> hosts, Report& report) {
  for (HostTls& host : hosts) host.tls = host.engine.value_or(false);
  for (ListenLine& line : lines) {
    if (line.endpoint.kind == Endpoint::Kind::unix_path) {
      line.tls = line.https;
    } else {
      decide_one(line, hosts, report);
    }
  }
}

std::string LabelMaker::make(const std::string& server_name, std::uint16_t server_port,
                             const std::vector<net::Endpoint>& addresses) {
  std::string base = "_main_";
  if (!addresses.empty()) {
    const Endpoint& first = addresses.front();
    const std::uint16_t port = server_port != 0 ? server_port : first.port;
    base = !server_name.empty()               ? server_name
           : first.kind == Endpoint::Kind::ip ? first.ip.text()
                                              : "*";
    base += port == 0 ? ":*" : ":" + std::to_string(port);
  }
  std::string label = base;
  for (unsigned n = 2; std::find(used_.begin(), used_.end(), label) != used_.end(); ++n) {
    label = base + "#" + std::to_string(n);
  }
  used_.push_back(label);
  return label;
}

}  // namespace base::config
