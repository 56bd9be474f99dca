// SPDX-License-Identifier: Apache-2.0
// Logs (wsgi-hosting 1.14). The lines of a shared file that name access logs are the app server's.
#include "appserver/config/directives/rows.hpp"

namespace appserver::config {
namespace {

namespace context = base::config::context;

base::config::LogInput input(Builder& builder) {
  return {builder.report, builder.server_root};
}

Result<> apply_error_log(const Args& args, Builder& builder) {
  return base::config::read_error_log(args, builder.host().logs, input(builder));
}

Result<> apply_log_level(const Args& args, Builder& builder) {
  if (!builder.in_section()) {
    return base::config::read_log_level(args, builder.host().logs, input(builder));
  }
  base::config::HostLogs unused;
  GH_CHECK(base::config::read_log_level(args, unused, input(builder)));
  builder.notice(args, "has no effect inside a section: levels are a host's");
  return {};
}

Result<> apply_log_format(const Args& args, Builder& builder) {
  return base::config::read_log_format(args, builder.host().logs);
}

Result<> apply_custom_log(const Args& args, Builder& builder) {
  return base::config::read_access_log(args, builder.host().logs, input(builder));
}

Result<> apply_transfer_log(const Args& args, Builder& builder) {
  return base::config::read_transfer_log(args, builder.host().logs, input(builder));
}

constexpr Contexts kHost = context::server | context::vhost;

constexpr DirectiveRow kRows[] = {
    {{.name = "CustomLog",
      .contexts = kHost,
      .arity = {2, 3},
      .synopsis = "file format|nickname [env=[!]name|expr=...]",
      .doc = "An access log; a host with any of its own does not write the main server's. "
             "Conditions have no effect."},
     apply_custom_log},
    {{.name = "ErrorLog",
      .contexts = kHost,
      .arity = {1, 1},
      .synopsis = "file",
      .doc = "Where messages go (default: standard error)."},
     apply_error_log},
    {{.name = "LogFormat",
      .contexts = kHost,
      .arity = {1, 2},
      .synopsis = "format [nickname]",
      .doc = "Names a format; without a nickname it is TransferLog's. common, combined and "
             "vhost_combined are there already."},
     apply_log_format},
    {{.name = "LogLevel",
      .contexts = kHost | context::section,
      .arity = {1, base::config::kMany},
      .synopsis = "[module:]level...",
      .doc = "Least urgent messages that are written (default warn); levels for single modules "
             "have no effect."},
     apply_log_level},
    {{.name = "TransferLog",
      .contexts = kHost,
      .arity = {1, 1},
      .synopsis = "file",
      .doc = "An access log in the format of the last LogFormat without a nickname."},
     apply_transfer_log},
};
static_assert(base::config::well_formed(kRows));

}  // namespace

std::span<const DirectiveRow> log_rows() {
  return kRows;
}

}  // namespace appserver::config
