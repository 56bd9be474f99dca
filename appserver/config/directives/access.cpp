// SPDX-License-Identifier: Apache-2.0
// Who may ask (wsgi-hosting 1.8). This version decides for everybody or nobody; what it cannot
// decide it refuses, so that no file is open by mistake.
#include "appserver/config/directives/rows.hpp"
#include "base/config/lexer.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace appserver::config {
namespace {

using base::ErrorCode;
using base::fail;
using base::config::equal_no_case;
using base::config::Override;
using base::config::printable;
namespace context = base::config::context;

constexpr std::string_view kProviders[] = {
    "env",        "expr",       "forward-dns", "group", "host",   "ip",  "ldap-attribute",
    "ldap-dn",    "ldap-group", "ldap-user",   "local", "method", "not", "user",
    "valid-user", "wsgi-group"};

Result<> apply_require(const Args& args, Builder& builder) {
  if (equal_no_case(args[0], "not")) {
    return fail(ErrorCode::invalid,
                "\"not\" alone can grant nothing: it belongs into <RequireAll>");
  }
  const bool known =
      std::any_of(std::begin(kProviders), std::end(kProviders),
                  [&](std::string_view name) { return equal_no_case(name, args[0]); });
  if (known) {
    return fail(ErrorCode::unsupported, "not supported by this version: " + printable(args[0]) +
                                            "; only \"all granted\" and \"all denied\" are");
  }
  if (!equal_no_case(args[0], "all")) {
    return fail(ErrorCode::invalid, "unknown provider \"" + printable(args[0]) + "\"");
  }
  const bool granted = args.size() == 2 && equal_no_case(args[1], "granted");
  if (!granted && !(args.size() == 2 && equal_no_case(args[1], "denied"))) {
    return fail(ErrorCode::invalid, "expected \"all granted\" or \"all denied\"");
  }
  // Several lines of one section: one success suffices.
  auto& access = builder.scope().access;
  if (granted || !access) {
    access = {granted ? Scope::Access::granted : Scope::Access::denied, args.origin()};
  }
  return {};
}

/// No .htaccess is read, which is what None says.
Result<> apply_allow_override(const Args& args, Builder& builder) {
  if (builder.context() != context::directory) {
    builder.notice(args, "has no effect outside <Directory>");
    return {};
  }
  if (args.size() == 1 && equal_no_case(args[0], "None")) return {};
  return fail(ErrorCode::unsupported,
              "not supported by this version: .htaccess files are not read; only None is");
}

Result<> apply_auth_type(const Args& args, Builder&) {
  if (equal_no_case(args[0], "None")) return {};
  return fail(ErrorCode::unsupported, "not supported by this version: users are not authenticated");
}

Result<> apply_satisfy(const Args& args, Builder&) {
  if (equal_no_case(args[0], "All")) return {};
  return fail(ErrorCode::unsupported, "not supported by this version: only All is");
}

constexpr Contexts kSections = context::section | context::htaccess;

constexpr DirectiveRow kRows[] = {
    {{.name = "AllowOverride",
      .contexts = context::section,
      .arity = {1, base::config::kMany},
      .synopsis = "None",
      .doc = "No .htaccess file is read; any other word than None is refused."},
     apply_allow_override},
    {{.name = "AuthType",
      .contexts = kSections,
      .override_class = Override::auth_config,
      .arity = {1, 1},
      .synopsis = "None",
      .doc = "Users are not authenticated; any other word than None is refused."},
     apply_auth_type},
    {{.name = "Require",
      .contexts = kSections,
      .override_class = Override::auth_config,
      .arity = {1, base::config::kMany},
      .synopsis = "all granted|denied",
      .doc = "Who may ask here; replaces what an outer section requires. Nobody may where nothing "
             "is required for the file's folder."},
     apply_require},
    {{.name = "Satisfy",
      .contexts = kSections,
      .override_class = Override::auth_config,
      .arity = {1, 1},
      .synopsis = "All",
      .doc = "Only the default All is accepted."},
     apply_satisfy},
};
static_assert(base::config::well_formed(kRows));

}  // namespace

std::span<const DirectiveRow> access_rows() {
  return kRows;
}

}  // namespace appserver::config
