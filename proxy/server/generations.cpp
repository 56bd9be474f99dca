// SPDX-License-Identifier: Apache-2.0
#include "proxy/server/generations.hpp"

#include <algorithm>

namespace proxy::server {

namespace {

using config::TlsSettings;

bool same_context(const TlsSettings& a, const TlsSettings& b) {
  return a.certificate_file == b.certificate_file && a.key_file == b.key_file &&
         a.min_version == b.min_version && a.max_version == b.max_version &&
         a.cipher_list == b.cipher_list && a.cipher_suites == b.cipher_suites &&
         a.honor_cipher_order == b.honor_cipher_order;
}

/// Contexts made so far: hosts with the same certificate share one.
class Contexts {
 public:
  explicit Contexts(const tls::TicketKeys& tickets) : tickets_(tickets) {}

  std::shared_ptr<const tls::Context> get(const TlsSettings& settings,
                                          std::vector<std::string>& errors) {
    for (const auto& [known, context] : made_) {
      if (same_context(*known, settings)) return context;
    }
    auto made = tls::make_context(settings, tickets_);
    if (!made)
      errors.push_back(settings.origin.text() + ": SSLCertificateFile: " + made.error().detail);
    made_.emplace_back(&settings, made ? *made : nullptr);
    return made_.back().second;
  }

 private:
  const tls::TicketKeys& tickets_;
  std::vector<std::pair<const TlsSettings*, std::shared_ptr<const tls::Context>>> made_;
};

/// One log for each different destination, opened once.
template <class Log, class Settings>
class Logs {
 public:
  std::shared_ptr<Log> get(const Settings& settings, const config::Origin& origin,
                           const char* directive, std::vector<std::string>& errors) {
    for (const auto& [known, log] : opened_) {
      if (known == settings) return log;
    }
    auto opened = Log::open(settings);
    if (!opened) errors.push_back(origin.text() + ": " + directive + ": " + opened.error().detail);
    opened_.emplace_back(settings, opened ? *opened : nullptr);
    return opened_.back().second;
  }

 private:
  std::vector<std::pair<Settings, std::shared_ptr<Log>>> opened_;
};

using AccessLogs = Logs<base::observe::AccessLog, base::observe::AccessLogSettings>;
using ErrorLogs = Logs<base::observe::ErrorLog, base::observe::ErrorLogSettings>;

bool logs_response_fields(const config::Settings& settings) {
  return std::any_of(
      settings.hosts.begin(), settings.hosts.end(), [](const config::VirtualHost& host) {
        return std::any_of(host.access_logs.begin(), host.access_logs.end(), [](const auto& log) {
          return log.format.find("}o") != std::string::npos;
        });
      });
}

}  // namespace

Generations make_generations(const std::shared_ptr<const config::Settings>& settings,
                             metrics::Registry& registry, const tls::TicketKeys& tickets) {
  Generations out;
  Contexts contexts(tickets);
  ErrorLogs error_logs;
  const auto table = std::make_shared<const routing::HostTable>(*settings);
  const bool response_fields = logs_response_fields(*settings);
  std::vector<std::shared_ptr<const frontend::Generation>> made;
  for (std::size_t thread = 0; thread < registry.thread_count(); ++thread) {
    AccessLogs access_logs;  // each thread its own buffers
    auto generation = std::make_shared<frontend::Generation>();
    generation->settings = settings;
    generation->host_table = table;
    generation->logs_response_fields = response_fields;
    std::vector<std::string> errors;
    for (const config::VirtualHost& host : settings->hosts) {
      frontend::HostRuntime runtime;
      if (host.tls) runtime.tls = contexts.get(*host.tls, errors);
      runtime.error_log = error_logs.get(host.error_log, host.origin, "ErrorLog", errors);
      for (const auto& log : host.access_logs)
        runtime.access_logs.push_back(access_logs.get(log, host.origin, "CustomLog", errors));
      runtime.counters = &registry.vhost(thread, host.label);
      generation->hosts.push_back(std::move(runtime));
    }
    if (!errors.empty()) {
      out.errors = std::move(errors);
      return out;
    }
    made.push_back(std::move(generation));
  }
  out.of_thread = std::move(made);
  return out;
}

std::vector<std::string> check_certificates(const config::Settings& settings) {
  std::vector<std::string> errors;
  const tls::TicketKeys tickets = tls::TicketKeys::random();
  Contexts contexts(tickets);
  for (const config::VirtualHost& host : settings.hosts) {
    if (host.tls) (void)contexts.get(*host.tls, errors);
  }
  return errors;
}

}  // namespace proxy::server
