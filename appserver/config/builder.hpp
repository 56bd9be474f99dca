// SPDX-License-Identifier: Apache-2.0
// What the directives' parsers write into: the model under construction, and where the walk stands.
#pragma once

#include "appserver/config/model/model.hpp"
#include "base/config/directive.hpp"
#include "base/config/host_logs.hpp"
#include "base/config/listeners.hpp"
#include "base/config/report.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace appserver::config {

using base::Result;
using base::config::Args;
using base::config::Contexts;

/// One host as written; what it inherits is added at the end (finish.cpp).
struct HostDraft {
  VirtualHost host;
  base::config::HostLogs logs;
  Set<bool> tls_engine;  ///< SSLEngine
};

/// A pre-loading script alias or the like: checked when every host's ServerName is known.
struct PreloadCheck {
  std::string group;
  std::size_t host = 0;
  std::size_t groups_declared = 0;  ///< how many daemon groups stood before it
  Origin origin;
  std::string directive;
};

class Builder {
 public:
  Builder(base::config::Report& report, std::string server_root, bool as_root);

  [[nodiscard]] Contexts context() const noexcept;
  [[nodiscard]] std::string place() const;

  [[nodiscard]] HostDraft& host() noexcept { return hosts_[current_host_]; }
  [[nodiscard]] std::size_t host_index() const noexcept { return current_host_; }
  [[nodiscard]] bool in_vhost() const noexcept { return current_host_ != 0; }
  [[nodiscard]] bool in_section() const noexcept { return !open_sections_.empty(); }
  /// The innermost section's values, or the host's.
  [[nodiscard]] Scope& scope() noexcept {
    return in_section() ? open_sections_.back().scope : host().host.scope;
  }

  void open_host(std::vector<base::net::Endpoint> addresses, Origin origin);
  void close_host() noexcept { current_host_ = 0; }
  void open_section(Section section) { open_sections_.push_back(std::move(section)); }
  void close_section();

  void error(const Args& args, std::string_view text) const {
    report.error(args.origin(), args.subject(), text);
  }
  void notice(const Args& args, std::string_view text) const {
    report.notice(args.origin(), args.subject(), text);
  }
  [[nodiscard]] std::string path(
      const std::string& word) const;  ///< below ServerRoot when relative

  /// Checks of the whole, inheritance, labels. The model is complete only when the report has no
  /// error.
  Model finish();

  base::config::Report& report;
  const std::string server_root;
  const bool as_root;  ///< only then users and groups matter
  Model model;         ///< global values; hosts are added by finish
  std::vector<base::config::ListenLine> listen_lines;
  std::vector<PreloadCheck> preload_checks;
  Set<bool> restrict_embedded;
  Set<std::string> admin_listen;

 private:
  void finish_host(std::size_t index, base::config::LabelMaker& labels);
  void finish_tls();
  void check_preloads();

  std::vector<HostDraft> hosts_;  // [0] is the main server
  std::size_t current_host_ = 0;
  std::vector<Section> open_sections_;
};

/// Whether requests to some script of the host may run in the front (wsgi-hosting 3.1).
bool may_run_embedded(const VirtualHost& host);

using DirectiveRow = base::config::Row<Builder>;

}  // namespace appserver::config
