// SPDX-License-Identifier: Apache-2.0
// A closed-loop HTTP/1.1 load that tells two kinds of requests apart: every Nth is slow. wrk
// reports one latency distribution for all; the question here is what slow neighbours, or dying
// daemons, do to the fast ones.
//   mixload HOST PORT CONNECTIONS SECONDS EVERY FAST_PATH SLOW_PATH   -> one line of JSON
#include "base/net/endpoint.hpp"
#include "tests/support/http_response.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Kind {
  std::string request;
  std::vector<double> latencies_ms;  // of answers with status 200
  std::map<int, unsigned> statuses;
  double worst_failure_ms = 0;  // slowest answer that was not 200
  unsigned truncated = 0;       // connection ended inside or before the answer
};

struct Connection {
  base::Fd fd;
  std::string buffer;
  tests::support::ResponseReader reader;
  Clock::time_point sent;
  Kind* kind = nullptr;
};

class Load {
 public:
  Load(base::net::Endpoint endpoint, unsigned every, Kind fast, Kind slow)
      : endpoint_(std::move(endpoint)),
        every_(every),
        fast_(std::move(fast)),
        slow_(std::move(slow)) {}

  void run(unsigned connections, double seconds) {
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                        std::chrono::duration<double>(seconds));
    connections_.resize(connections);
    for (Connection& connection : connections_) open(connection);
    while (Clock::now() < end) turn(100);
    // What is still out has two more seconds; then it counts as hung.
    stopping_ = true;
    const auto grace = Clock::now() + std::chrono::seconds(2);
    while (Clock::now() < grace && outstanding() > 0) turn(50);
  }

  [[nodiscard]] std::size_t outstanding() const {
    return static_cast<std::size_t>(
        std::count_if(connections_.begin(), connections_.end(),
                      [](const Connection& c) { return c.kind != nullptr; }));
  }
  Kind& fast() { return fast_; }
  Kind& slow() { return slow_; }

 private:
  void turn(int timeout_ms) {
    epoll_event events[64];
    const int count = ::epoll_wait(epoll_.get(), events, 64, timeout_ms);
    for (int i = 0; i < count; ++i) receive(*static_cast<Connection*>(events[i].data.ptr));
  }

  void open(Connection& connection) {
    auto fd = base::net::start_connect(endpoint_);
    if (!fd) {
      std::fprintf(stderr, "mixload: %s\n", fd.error().detail.c_str());
      std::exit(1);
    }
    connection.fd = std::move(*fd);
    connection.buffer.clear();
    epoll_event event{EPOLLIN | EPOLLRDHUP, {.ptr = &connection}};
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection.fd.get(), &event);
    ask(connection);
  }

  void ask(Connection& connection) {
    connection.kind = nullptr;
    if (stopping_) return;
    connection.kind = every_ > 0 && ++count_ % every_ == 0 ? &slow_ : &fast_;
    connection.reader = tests::support::ResponseReader();
    connection.sent = Clock::now();
    const std::string& text = connection.kind->request;
    ssize_t sent = -1;
    do sent = ::send(connection.fd.get(), text.data(), text.size(), MSG_NOSIGNAL);
    while (sent < 0 &&
           (errno == EINTR || errno == EAGAIN));  // EAGAIN: still connecting on loopback
  }

  void receive(Connection& connection) {
    char chunk[65536];
    const ssize_t count = ::recv(connection.fd.get(), chunk, sizeof chunk, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count > 0) connection.buffer.append(chunk, static_cast<std::size_t>(count));
    const bool ended = count <= 0;
    if (connection.kind != nullptr && connection.reader.take(connection.buffer, ended)) {
      note(connection);
      if (!ended && connection.reader.response().field("Connection").value_or("") != "close")
        return ask(connection);
    } else if (!ended) {
      return;
    } else if (connection.kind != nullptr) {
      ++connection.kind->truncated;
    }
    connection.kind = nullptr;
    connection.fd.reset();
    if (!stopping_) open(connection);
  }

  static void note(Connection& connection) {
    const double ms =
        std::chrono::duration<double, std::milli>(Clock::now() - connection.sent).count();
    const auto& response = connection.reader.response();
    Kind& kind = *connection.kind;
    ++kind.statuses[response.malformed.empty() ? response.status : 0];
    if (response.status == 200 && response.complete) {
      kind.latencies_ms.push_back(ms);
    } else {
      kind.worst_failure_ms = std::max(kind.worst_failure_ms, ms);
    }
  }

  base::net::Endpoint endpoint_;
  base::Fd epoll_{::epoll_create1(EPOLL_CLOEXEC)};
  std::vector<Connection> connections_;
  unsigned every_;
  unsigned count_ = 0;
  bool stopping_ = false;
  Kind fast_;
  Kind slow_;
};

double percentile(std::vector<double>& values, double part) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

void print(const char* name, Kind& kind) {
  std::printf(
      "\"%s\":{\"count\":%zu,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,\"worst_failure_ms\":%"
      ".3f,"
      "\"truncated\":%u,\"statuses\":{",
      name, kind.latencies_ms.size(), percentile(kind.latencies_ms, 0.5),
      percentile(kind.latencies_ms, 0.99), percentile(kind.latencies_ms, 1), kind.worst_failure_ms,
      kind.truncated);
  const char* separator = "";
  for (const auto& [status, count] : kind.statuses) {
    std::printf("%s\"%d\":%u", separator, status, count);
    separator = ",";
  }
  std::printf("}}");
}

Kind kind_of(const std::string& host, const char* path) {
  Kind out;
  out.request = std::string("GET ") + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 8) {
    std::fputs("usage: mixload HOST PORT CONNECTIONS SECONDS EVERY FAST_PATH SLOW_PATH\n", stderr);
    return 2;
  }
  const std::string host = argv[1];
  const auto endpoint = base::net::parse_endpoint(host + ":" + argv[2]);
  if (!endpoint) {
    std::fprintf(stderr, "mixload: %s\n", endpoint.error().detail.c_str());
    return 2;
  }
  Load load(*endpoint, static_cast<unsigned>(std::atoi(argv[5])), kind_of(host, argv[6]),
            kind_of(host, argv[7]));
  load.run(static_cast<unsigned>(std::atoi(argv[3])), std::atof(argv[4]));
  std::printf("{\"hung\":%zu,", load.outstanding());
  print("fast", load.fast());
  std::printf(",");
  print("slow", load.slow());
  std::printf("}\n");
  return 0;
}
