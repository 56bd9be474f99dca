// SPDX-License-Identifier: Apache-2.0
// Directives that the app server carries out (or refuses), and that would be lost where a ProxyPass
// takes the request to another backend: noted here, and an error only there
// (Builder::check_duties).
#include "base/config/lexer.hpp"
#include "proxy/config/directives/rows.hpp"

namespace proxy::config {
namespace {

using base::ErrorCode;
using base::fail;
using base::config::equal_no_case;
namespace context = base::config::context;

Result<> note(const Args& args, Builder& builder) {
  builder.note_duty(args);
  return {};
}

Result<> apply_require(const Args& args, Builder& builder) {
  const bool everybody =
      args.size() == 2 && equal_no_case(args[0], "all") && equal_no_case(args[1], "granted");
  if (!everybody) builder.note_duty(args);
  return {};
}

template <char First>
Result<> note_unless(const Args& args, Builder& builder) {
  const bool harmless =
      First == 'f' ? equal_no_case(args[0], "Off") : equal_no_case(args[0], "None");
  if (!harmless) builder.note_duty(args);
  return {};
}

consteval DirectiveRow duty(std::string_view name, Result<> (*parse)(const Args&, Builder&)) {
  return {{.name = name,
           .arity = {1, base::config::kMany},
           .doc = "The app server's; an error where ProxyPass takes the request away from it."},
          parse};
}
consteval DirectiveRow section_duty(std::string_view name) {
  DirectiveRow row = duty(name, note);
  row.info.section = true;
  row.info.arity = {0, base::config::kMany};
  return row;
}

constexpr DirectiveRow kRows[] = {
    duty("Allow",
         [](const Args& args, Builder& builder) -> Result<> {
           const bool everybody = args.size() == 2 && equal_no_case(args[1], "all");
           if (!everybody) builder.note_duty(args);
           return {};
         }),
    duty("AuthType", note_unless<'n'>),
    duty("Deny", note),
    duty("ErrorDocument", note),
    duty("Header", note),
    section_duty("Limit"),
    section_duty("LimitExcept"),
    duty("Redirect", note),
    duty("RedirectMatch", note),
    duty("RedirectPermanent", note),
    duty("RedirectTemp", note),
    duty("RequestHeader", note),
    duty("Require", apply_require),
    section_duty("RequireAll"),
    section_duty("RequireAny"),
    section_duty("RequireNone"),
    duty("RewriteEngine", note_unless<'f'>),
    duty("SSLRequire", note),
    {{.name = "SSLRequireSSL",
      .arity = {0, 0},
      .doc = "The app server's; an error where ProxyPass takes the request away from it."},
     note},
};
static_assert(base::config::well_formed(kRows));

}  // namespace

std::span<const DirectiveRow> duty_rows() {
  return kRows;
}

}  // namespace proxy::config
