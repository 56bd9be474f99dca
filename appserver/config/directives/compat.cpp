// SPDX-License-Identifier: Apache-2.0
// Directives of which this version does the default, or a part: harmless values pass, the others
// are errors, because leaving them out silently would change who may see what or what is answered.
#include "appserver/config/directives/rows.hpp"
#include "base/config/conditions.hpp"
#include "base/config/lexer.hpp"
#include "base/config/values.hpp"

#include <algorithm>
#include <iterator>
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

tl::unexpected<base::Error> unsupported(std::string_view text) {
  return fail(ErrorCode::unsupported, "not supported by this version: " + std::string(text));
}

/// One word is what is done anyway.
template <const std::string_view& Word>
Result<> accept_only(const Args& args, Builder&) {
  if (equal_no_case(args[0], Word)) return {};
  return unsupported("only " + std::string(Word) + " is");
}
constexpr std::string_view kOn = "On";
constexpr std::string_view kOff = "Off";
constexpr std::string_view kDefault = "Default";

Result<> apply_directory_index(const Args& args, Builder&) {
  if (args.size() == 1 && args[0] == "index.html") return {};
  return unsupported("only the default index.html is");
}

/// Stock files map `var` to type maps, which nobody writes any more; every other handler runs or
/// hides a file.
Result<> apply_add_handler(const Args& args, Builder& builder) {
  if (equal_no_case(args[0], "type-map")) {
    builder.notice(args, "has no effect: type maps are not read");
    return {};
  }
  return unsupported("handlers are not chosen by file name (" + printable(args[0]) + ")");
}

Result<> apply_set_handler(const Args& args, Builder&) {
  if (equal_no_case(args[0], "None") || equal_no_case(args[0], "default-handler")) return {};
  return unsupported("no handler can be forced (" + printable(args[0]) + ")");
}

Result<> apply_rewrite_engine(const Args& args, Builder&) {
  GH_TRY(const bool on, base::config::parse_on_off(args[0]));
  if (!on) return {};
  return unsupported("URLs are not rewritten");
}

/// Files are served through symbolic links; a line that forbids it must not be passed over.
Result<> apply_options(const Args& args, Builder& builder) {
  constexpr std::string_view kWords[] = {"All",        "ExecCGI",        "FollowSymLinks",
                                         "Includes",   "IncludesNOEXEC", "Indexes",
                                         "MultiViews", "None",           "SymLinksIfOwnerMatch"};
  std::size_t with_sign = 0;
  bool follows = false;
  bool forbids = false;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::string_view word = args[i];
    const char sign = word.starts_with('+') || word.starts_with('-') ? word.front() : ' ';
    const std::string_view name = sign == ' ' ? word : word.substr(1);
    const bool known = std::any_of(std::begin(kWords), std::end(kWords),
                                   [&](std::string_view w) { return equal_no_case(w, name); });
    if (!known) return fail(ErrorCode::invalid, "unknown option \"" + printable(word) + "\"");
    with_sign += sign == ' ' ? 0U : 1U;
    if (equal_no_case(name, "FollowSymLinks") || equal_no_case(name, "All")) {
      (sign == '-' ? forbids : follows) = true;
    }
    const bool missed =
        sign != '-' && (equal_no_case(name, "Indexes") || equal_no_case(name, "MultiViews") ||
                        name.starts_with("Includes"));
    if (missed) builder.notice(args, printable(name) + " has no effect in this version");
  }
  if (with_sign != 0 && with_sign != args.size()) {
    return fail(ErrorCode::invalid, "either all options must start with + or -, or none may");
  }
  if (forbids || (with_sign == 0 && !follows)) {
    return unsupported(
        "symbolic links are always followed; add FollowSymLinks to the line to agree");
  }
  return {};
}

/// Variables that stock files set for browsers of the nineties; nothing here reads them.
bool is_browser_workaround(std::string_view variable) {
  constexpr std::string_view kNames[] = {
      "dont-vary",          "downgrade-1.0",       "force-no-vary",
      "force-response-1.0", "gzip-only-text/html", "no-gzip",
      "nokeepalive",        "redirect-carefully",  "ssl-unclean-shutdown"};
  if (variable.starts_with('!')) variable.remove_prefix(1);
  variable = variable.substr(0, variable.find('='));
  return std::find(std::begin(kNames), std::end(kNames), variable) != std::end(kNames);
}

Result<> apply_browser_match(const Args& args, Builder&) {
  for (std::size_t i = 1; i < args.size(); ++i) {
    if (!is_browser_workaround(args[i])) {
      return unsupported("variables are not set by request (" + printable(args[i]) + ")");
    }
  }
  return {};
}

Result<> apply_load_module(const Args& args, Builder& builder) {
  if (!base::config::is_emulated_module(args[0])) {
    builder.notice(args, "has no effect: " + printable(args[0]) + " is not offered");
  }
  return {};
}

/// Of hosts it is the proxy's business; a section would have to ask the client again.
Result<> apply_ssl_verify_client(const Args& args, Builder& builder) {
  if (!builder.in_section() || equal_no_case(args[0], "none")) return {};
  return unsupported("client certificates are not asked for inside a section");
}

Result<> apply_trace_enable(const Args& args, Builder& builder) {
  if (!equal_no_case(args[0], "off"))
    builder.notice(args, "has no effect: TRACE is always refused");
  return {};
}

constexpr Contexts kHost = context::server | context::vhost;
constexpr base::config::Arity kOne{1, 1};
constexpr base::config::Arity kSome{1, base::config::kMany};

constexpr DirectiveRow kRows[] = {
    {{.name = "AcceptPathInfo",
      .override_class = Override::file_info,
      .arity = kOne,
      .synopsis = "Default",
      .doc = "Only Default is accepted: files reject a trailing path, scripts take it."},
     accept_only<kDefault>},
    {{.name = "AddHandler",
      .override_class = Override::file_info,
      .arity = {2, base::config::kMany},
      .synopsis = "type-map extension...",
      .doc = "Only type-map is accepted, without effect."},
     apply_add_handler},
    {{.name = "AllowEncodedSlashes",
      .contexts = kHost,
      .arity = kOne,
      .synopsis = "Off",
      .doc = "Only Off is accepted: URLs with an encoded slash are answered 404."},
     accept_only<kOff>},
    {{.name = "BrowserMatch",
      .override_class = Override::file_info,
      .arity = {2, base::config::kMany},
      .synopsis = "regex variable...",
      .doc = "Accepted for the variables that work around old browsers, without effect."},
     apply_browser_match},
    {{.name = "BrowserMatchNoCase",
      .override_class = Override::file_info,
      .arity = {2, base::config::kMany},
      .synopsis = "regex variable...",
      .doc = "Accepted for the variables that work around old browsers, without effect."},
     apply_browser_match},
    {{.name = "DirectoryIndex",
      .override_class = Override::indexes,
      .arity = kSome,
      .synopsis = "index.html",
      .doc = "Only the default index.html is accepted."},
     apply_directory_index},
    {{.name = "DirectorySlash",
      .override_class = Override::indexes,
      .arity = kOne,
      .synopsis = "On",
      .doc = "Only On is accepted: a folder asked for without its slash is redirected."},
     accept_only<kOn>},
    {{.name = "FallbackResource",
      .override_class = Override::indexes,
      .arity = {1, 2},
      .synopsis = "disabled",
      .doc = "Only disabled is accepted."},
     [](const Args& args, Builder&) -> Result<> {
       if (equal_no_case(args[0], "disabled")) return {};
       return unsupported("only disabled is");
     }},
    {{.name = "LoadModule",
      .contexts = kHost,
      .arity = {2, 2},
      .synopsis = "identifier file",
      .doc = "Nothing is loaded; a module whose work is not done here is named in a notice."},
     apply_load_module},
    {{.name = "MergeSlashes",
      .contexts = kHost,
      .arity = kOne,
      .synopsis = "On",
      .doc = "Only On is accepted: runs of slashes in URLs count as one."},
     accept_only<kOn>},
    {{.name = "Options",
      .override_class = Override::options,
      .arity = kSome,
      .synopsis = "[+|-]option...",
      .doc = "Accepted where symbolic links may be followed; folder listings and negotiation are "
             "not done."},
     apply_options},
    {{.name = "RewriteEngine",
      .override_class = Override::file_info,
      .arity = kOne,
      .synopsis = "Off",
      .doc = "Only Off is accepted: URLs are not rewritten."},
     apply_rewrite_engine},
    {{.name = "SetHandler",
      .override_class = Override::file_info,
      .arity = kOne,
      .synopsis = "None|default-handler",
      .doc = "Only the default is accepted."},
     apply_set_handler},
    {{.name = "SSLVerifyClient",
      .contexts = kHost | context::section,
      .arity = kOne,
      .synopsis = "none",
      .doc = "Left to the proxy for whole hosts; inside a section only none is accepted."},
     apply_ssl_verify_client},
    {{.name = "TraceEnable",
      .contexts = kHost,
      .arity = kOne,
      .synopsis = "Off",
      .doc = "TRACE is always refused."},
     apply_trace_enable},
    {{.name = "UseCanonicalName",
      .contexts = kHost | context::section,
      .arity = kOne,
      .synopsis = "Off",
      .doc = "Only Off is accepted: SERVER_NAME is the name the client asked for."},
     accept_only<kOff>},
    {{.name = "UseCanonicalPhysicalPort",
      .contexts = kHost | context::section,
      .arity = kOne,
      .synopsis = "Off",
      .doc = "Only Off is accepted."},
     accept_only<kOff>},
    {{.name = "WSGIErrorOverride",
      .override_class = Override::file_info,
      .arity = kOne,
      .synopsis = "Off",
      .doc = "Only Off is accepted: the application's own error pages are sent."},
     accept_only<kOff>},
    {{.name = "XBitHack",
      .override_class = Override::options,
      .arity = kOne,
      .synopsis = "Off",
      .doc = "Only Off is accepted."},
     accept_only<kOff>},
};
static_assert(base::config::well_formed(kRows));

}  // namespace

std::span<const DirectiveRow> compat_rows() {
  return kRows;
}

}  // namespace appserver::config
