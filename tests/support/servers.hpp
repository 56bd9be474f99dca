// SPDX-License-Identifier: Apache-2.0
// The real programs on sockets of their own: the app server, the proxy, or both as `gatehouse up`
// runs them.
#pragma once

#include "base/net/endpoint.hpp"
#include "tests/support/certificate.hpp"
#include "tests/support/process.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/temp_dir.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tests::support {

base::net::Endpoint unix_endpoint(const std::string& path);
/// True as soon as `condition` holds, asked every few milliseconds; false when it does not within
/// `patience`.
bool eventually(const std::function<bool()>& condition,
                std::chrono::milliseconds patience = kPatience);

/// What both programs have in common: a folder, a configuration file, a process, an admin socket.
class Server {
 public:
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] Process& process() { return *process_; }
  [[nodiscard]] const TempDir& dir() const { return dir_; }
  [[nodiscard]] std::string configuration_file() const { return dir_.path("site.conf"); }
  [[nodiscard]] const base::net::Endpoint& admin() const { return admin_; }
  /// /metrics as text.
  [[nodiscard]] std::string metrics() const;
  /// Sum of all samples of the family `name` whose line holds every one of `labels` (`code="2xx"`);
  /// 0 when none does.
  [[nodiscard]] double metric(std::string_view name,
                              const std::vector<std::string>& labels = {}) const;
  /// Standard error so far: where the error log goes unless the configuration says otherwise.
  [[nodiscard]] std::string log() const { return process_->errors(); }
  /// The address of the `index`th `server.listening` line that holds `kind` ("127.0.0.1:",
  /// "unix:"), in log order. Throws when it does not come.
  base::net::Endpoint wait_for_listening(std::string_view kind = "127.0.0.1:",
                                         std::size_t index = 0);

 protected:
  explicit Server(std::string program);
  ~Server() = default;
  /// Writes the configuration, starts the program and waits until /readyz says 200. Throws with all
  /// that it wrote when it ends before, or is late.
  void start(const std::string& configuration, const std::vector<std::string>& arguments,
             const ProcessOptions& options);
  /// `AdminListen`, `LogLevel` and the definitions that every configuration starts with.
  [[nodiscard]] std::string prelude() const;

  TempDir dir_;

 private:
  std::string program_;
  base::net::Endpoint admin_;
  std::unique_ptr<Process> process_;
};

struct AppServerOptions {
  std::vector<std::string> arguments;  ///< behind `run -f FILE`
  ProcessOptions process;
  bool tcp = false;      ///< also `Listen 127.0.0.1:0`; the endpoint is then the TCP one
  bool backend = false;  ///< BackendListen in place of Listen: for a proxy in front
};

/// `gatehouse-appserver run` on a Unix socket in its folder. Before `configuration` stand `Listen`,
/// `AdminListen`, `LogLevel info` and the definitions DIR (the folder), SOURCE (the source tree)
/// and APPS (tests/wsgi_apps).
class AppServer : public Server {
 public:
  explicit AppServer(const std::string& configuration, const AppServerOptions& options = {});
  [[nodiscard]] const base::net::Endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] RawClient connect() const { return RawClient(endpoint_); }
  [[nodiscard]] HttpResponse get(std::string_view target, std::string_view head = {}) const;
  /// Processes below the supervisor whose command line or name holds `text`.
  std::vector<pid_t> processes_named(std::string_view text);

 private:
  base::net::Endpoint endpoint_;
};

struct ProxyOptions {
  std::vector<std::string> arguments;
  ProcessOptions process;
  std::optional<base::net::Endpoint> app_server;  ///< AppServer
  bool tls = true;                                ///< false: both listeners speak plain HTTP
};

/// `gatehouse-proxy run` on a port of 127.0.0.1 that the kernel chose and on a Unix socket, TLS on
/// both unless the options say otherwise. Definitions as for the app server, and CERT, KEY: a
/// certificate for localhost, 127.0.0.1 and www.example.test, which the main server uses.
class Proxy : public Server {
 public:
  explicit Proxy(const std::string& configuration, const ProxyOptions& options = {});
  [[nodiscard]] const base::net::Endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] const base::net::Endpoint& unix_listener() const { return unix_listener_; }
  [[nodiscard]] const Certificate& certificate() const { return certificate_; }
  /// "https://127.0.0.1:PORT" + target
  [[nodiscard]] std::string url(std::string_view target) const;

 private:
  bool tls_;
  Certificate certificate_;
  base::net::Endpoint endpoint_;
  base::net::Endpoint unix_listener_;
};

}  // namespace tests::support
