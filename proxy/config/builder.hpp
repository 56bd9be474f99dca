// SPDX-License-Identifier: Apache-2.0
// What the directives' parsers write into: the settings under construction, and where the walk
// stands.
#pragma once

#include "base/config/directive.hpp"
#include "base/config/host_logs.hpp"
#include "base/config/listeners.hpp"
#include "base/config/report.hpp"
#include "proxy/config/settings.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace proxy::config {

using base::Result;
using base::config::Args;
using base::config::Contexts;

/// TLS values as written for one host; unset ones come from the main server.
struct TlsDraft {
  std::optional<bool> engine;
  std::optional<std::string> certificate_file;
  std::optional<std::string> key_file;
  std::optional<std::string> chain_file;
  std::optional<std::pair<int, int>> versions;
  std::optional<std::string> cipher_list;
  std::optional<std::string> cipher_suites;
  std::optional<bool> honor_cipher_order;
  Origin engine_origin;
};

/// Something that the app server does and this program does not: an error where a ProxyPass takes
/// the request away from the app server.
struct AppServerDuty {
  std::string path;        ///< URL path below which it is asked for; "" is the whole host
  bool somewhere = false;  ///< the path is an expression
  std::string directive;
  Origin origin;
};

struct HostDraft {
  VirtualHost host;
  std::uint16_t server_port = 0;
  TlsDraft tls;
  base::config::HostLogs error_logs;  ///< ErrorLog, LogLevel
  base::config::HostLogs proxy_logs;  ///< GatehouseProxyLog, LogFormat
  std::vector<Route> location_routes;
  std::vector<AppServerDuty> duties;
  std::optional<std::pair<bool, bool>> protocols;  ///< h2, http/1.1
  std::optional<bool> preserve_host;
  std::optional<std::chrono::milliseconds> proxy_timeout;
};

/// An open <Location>, <LocationMatch> or <Proxy>.
struct OpenSection {
  Contexts context = 0;
  std::string name;
  std::string pattern;
  bool expression = false;  ///< a regular expression or a glob
  Origin origin;
};

class Builder {
 public:
  Builder(base::config::Report& report, std::string server_root, bool as_root);

  [[nodiscard]] Contexts context() const noexcept;
  [[nodiscard]] std::string place() const;

  [[nodiscard]] HostDraft& host() noexcept { return hosts_[current_host_]; }
  [[nodiscard]] bool in_vhost() const noexcept { return current_host_ != 0; }
  [[nodiscard]] const OpenSection* section() const noexcept {
    return open_sections_.empty() ? nullptr : &open_sections_.back();
  }

  void open_host(std::vector<base::net::Endpoint> addresses, Origin origin);
  void close_host() noexcept { current_host_ = 0; }
  void open_section(OpenSection section) { open_sections_.push_back(std::move(section)); }
  void close_section() { open_sections_.pop_back(); }
  void note_duty(const Args& args);

  void error(const Args& args, std::string_view text) const {
    report.error(args.origin(), args.subject(), text);
  }
  void notice(const Args& args, std::string_view text) const {
    report.notice(args.origin(), args.subject(), text);
  }
  [[nodiscard]] std::string path(const std::string& word) const;
  [[nodiscard]] base::config::LogInput log_input() const { return {report, server_root}; }

  Settings finish();

  base::config::Report& report;
  const std::string server_root;
  const bool as_root;
  Settings settings;  ///< global values; hosts are added by finish
  std::vector<base::config::ListenLine> listen_lines;

 private:
  void finish_listeners();
  void finish_host(std::size_t index, base::config::LabelMaker& labels);
  void finish_tls(const HostDraft& main, HostDraft& draft);
  void check_duties(const HostDraft& main, const HostDraft& draft);

  std::vector<HostDraft> hosts_;  // [0] is the main server
  std::vector<bool> speaks_tls_;  // by host
  std::size_t current_host_ = 0;
  std::vector<OpenSection> open_sections_;
};

using DirectiveRow = base::config::Row<Builder>;

}  // namespace proxy::config
