// SPDX-License-Identifier: Apache-2.0
// A backend that does exactly what its script says and keeps what it was sent, byte for byte.
#pragma once

#include "base/fd.hpp"
#include "base/net/endpoint.hpp"

#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tests::proxy {

class BackendConnection {
 public:
  explicit BackendConnection(int fd) : fd_(fd) {}

  /// The next request: head, and the body that it announces (chunks are taken apart). False at the
  /// end.
  struct Request {
    std::string head;
    std::string body;
    bool whole = false;  ///< the body came to its announced end
  };
  bool read_request(Request& out);
  /// The head alone; what follows stays in the socket.
  bool read_head(std::string& head);
  bool send(std::string_view bytes);
  /// Reads whatever comes until the proxy closes.
  std::string read_to_end();
  [[nodiscard]] int fd() const { return fd_; }

 private:
  bool fill();
  bool read_line(std::string& line);
  bool read_bytes(std::string& out, std::size_t size);

  int fd_;
  std::string buffer_;
};

class ScriptedBackend {
 public:
  using Script = std::function<void(BackendConnection&)>;
  /// Listens on `path`; each connection runs `script` in a thread of its own and is closed when
  /// that returns.
  ScriptedBackend(const std::string& path, Script script);
  ~ScriptedBackend();
  ScriptedBackend(const ScriptedBackend&) = delete;
  ScriptedBackend& operator=(const ScriptedBackend&) = delete;

  [[nodiscard]] base::net::Endpoint endpoint() const { return endpoint_; }
  /// For scripts: remembers a request for the test to look at.
  void keep(const BackendConnection::Request& request);
  [[nodiscard]] std::vector<BackendConnection::Request> kept() const;

 private:
  void serve();

  base::net::Endpoint endpoint_;
  base::Fd listener_;
  base::Fd stop_;
  Script script_;
  mutable std::mutex mutex_;  // guards the next three
  std::vector<BackendConnection::Request> kept_;
  std::list<std::thread> threads_;
  std::vector<int> open_;
  std::thread acceptor_;
};

/// Answers each request with `200 OK` and `body`, and keeps it.
ScriptedBackend::Script answer_all(ScriptedBackend*& self, std::string body);

}  // namespace tests::proxy
