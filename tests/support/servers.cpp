// SPDX-License-Identifier: Apache-2.0
// Starts the real programs.
#include "tests/support/servers.hpp"

#include "tests/support/proc.hpp"

#include <charconv>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace tests::support {
namespace {

std::string all_output(const Process& process) {
  return "\n--- standard error\n" + process.errors() + "--- standard output\n" + process.out();
}

/// The value behind `address=` in a `server.listening` line.
std::string listening_address(const std::string& line) {
  const std::string key = "address=";
  const auto at = line.find(key);
  if (at == std::string::npos) return {};
  std::string value = line.substr(at + key.size());
  value = value.substr(0, value.find(' '));
  if (value.size() >= 2 && value.front() == '"') value = value.substr(1, value.size() - 2);
  return value;
}

}  // namespace

base::net::Endpoint unix_endpoint(const std::string& path) {
  base::net::Endpoint out;
  out.kind = base::net::Endpoint::Kind::unix_path;
  out.path = path;
  return out;
}

bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

Server::Server(std::string program)
    : program_(std::move(program)), admin_(unix_endpoint(dir_.path("admin.sock"))) {}

std::string Server::prelude() const {
  const char* whose = program_ == "gatehouse-proxy" ? " proxy" : "";
  return "Define DIR " + dir_.path() + "\nDefine SOURCE " + GH_SOURCE_DIR + "\nDefine APPS " +
         GH_SOURCE_DIR + "/tests/wsgi_apps\nAdminListen " + admin_.text() + whose +
         "\nLogLevel info\n";
}

void Server::start(const std::string& configuration, const std::vector<std::string>& arguments,
                   const ProcessOptions& options) {
  dir_.write("site.conf", configuration);
  std::vector<std::string> command{std::string(GH_BIN_DIR) + "/" + program_, "run", "-f",
                                   configuration_file()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  process_ = std::make_unique<Process>(std::move(command), options);
  const bool ready = eventually([&] {
    if (!process_->running()) return true;
    try {
      return tests::support::get(admin_, "/readyz").status == 200;
    } catch (const std::exception&) {
      return false;  // not listening yet
    }
  });
  if (!process_->running()) {
    (void)process_->wait();
    throw std::runtime_error(program_ + " ended while starting" + all_output(*process_));
  }
  if (!ready) throw std::runtime_error(program_ + " did not become ready" + all_output(*process_));
}

std::string Server::metrics() const {
  const HttpResponse response = tests::support::get(admin_, "/metrics");
  if (response.status != 200 || !response.complete)
    throw std::runtime_error("/metrics answered " + std::to_string(response.status));
  return response.body;
}

double Server::metric(std::string_view name, const std::vector<std::string>& labels) const {
  std::istringstream lines(metrics());
  double sum = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(name, 0) != 0 || line.size() <= name.size()) continue;
    if (line[name.size()] != '{' && line[name.size()] != ' ') continue;
    bool matches = true;
    for (const std::string& label : labels)
      matches = matches && line.find(label) != std::string::npos;
    if (matches) sum += std::stod(line.substr(line.rfind(' ') + 1));
  }
  return sum;
}

base::net::Endpoint Server::wait_for_listening(std::string_view kind, std::size_t index) {
  std::size_t found = 0;
  for (std::size_t line = 0;; ++line) {
    const std::string text = process_->wait_for_line("server.listening", line);
    if (text.empty())
      throw std::runtime_error("no listener on " + std::string(kind) + all_output(*process_));
    const std::string address = listening_address(text);
    if (address.find(kind) != 0 || found++ != index) continue;
    auto endpoint = base::net::parse_endpoint(address);
    if (!endpoint) throw std::runtime_error(endpoint.error().detail);
    return *std::move(endpoint);
  }
}

AppServer::AppServer(const std::string& configuration, const AppServerOptions& options)
    : Server("gatehouse-appserver") {
  endpoint_ = unix_endpoint(dir_.path("app.sock"));
  std::string text = prelude();
  text += (options.backend ? "BackendListen " : "Listen ") + endpoint_.text() + "\n";
  if (options.tcp) text += "Listen 127.0.0.1:0\n";
  start(text + configuration, options.arguments, options.process);
  if (options.tcp) endpoint_ = wait_for_listening("127.0.0.1:");
}

HttpResponse AppServer::get(std::string_view target, std::string_view head) const {
  return tests::support::get(endpoint_, target, head);
}

std::vector<pid_t> AppServer::processes_named(std::string_view text) {
  std::vector<pid_t> out;
  for (const pid_t pid : process().children()) {
    if (command_line(pid).find(text) != std::string::npos ||
        thread_name(pid).find(text) != std::string::npos)
      out.push_back(pid);
  }
  return out;
}

Proxy::Proxy(const std::string& configuration, const ProxyOptions& options)
    : Server("gatehouse-proxy"),
      tls_(options.tls),
      certificate_(
          make_certificate(dir_, "server", {"localhost", "127.0.0.1", "www.example.test"})),
      unix_listener_(unix_endpoint(dir_.path("proxy.sock"))) {
  const std::string scheme = tls_ ? " https\n" : "\n";
  std::string text = prelude() + "Define CERT " + certificate_.certificate_file + "\nDefine KEY " +
                     certificate_.key_file + "\nListen 127.0.0.1:0" + scheme + "Listen " +
                     unix_listener_.text() + scheme;
  if (tls_) text += "SSLEngine on\nSSLCertificateFile ${CERT}\nSSLCertificateKeyFile ${KEY}\n";
  if (options.app_server) text += "AppServer " + options.app_server->text() + "\n";
  start(text + configuration, options.arguments, options.process);
  endpoint_ = wait_for_listening("127.0.0.1:");
}

std::string Proxy::url(std::string_view target) const {
  return (tls_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(endpoint_.port) +
         std::string(target);
}

}  // namespace tests::support
