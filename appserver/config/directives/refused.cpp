// SPDX-License-Identifier: Apache-2.0
// Directives that are known and not done yet, and must not be passed over: without them other
// people would see other things. Making one honoured means moving its row.
#include "appserver/config/directives/rows.hpp"

namespace appserver::config {
namespace {

consteval DirectiveRow refuse(std::string_view name, std::string_view reason) {
  return base::config::refused<Builder>(name, reason);
}
consteval DirectiveRow refuse_section(std::string_view name, std::string_view reason) {
  return base::config::refused_section<Builder>(name, reason);
}

constexpr std::string_view kAddresses =
    "clients are not told apart by address; say Require all granted or denied.";
constexpr std::string_view kAuthentication = "users are not authenticated.";
constexpr std::string_view kCgi = "CGI programs are not run.";
constexpr std::string_view kContainers = "requirements cannot be combined.";
constexpr std::string_view kExpires = "no expiry is added to responses.";
constexpr std::string_view kExpressions = "conditions on requests are not evaluated.";
constexpr std::string_view kFilters = "responses are not filtered.";
constexpr std::string_view kHeaders = "header fields are not edited.";
constexpr std::string_view kMacros = "macros are not expanded.";
constexpr std::string_view kPhp = "PHP is not run.";
constexpr std::string_view kRedirects = "redirects are not sent.";
constexpr std::string_view kRemoteIp = "the client's address is taken from the connection.";
constexpr std::string_view kScripts = "requests are not handed to such scripts.";
constexpr std::string_view kTlsOnly = "clients are not refused for how they connected.";
constexpr std::string_view kTypes = "media types come from TypesConfig alone.";
constexpr std::string_view kVariables = "variables are not set by request.";

constexpr DirectiveRow kRows[] = {
    refuse("Action", kCgi),
    refuse("AddCharset", kTypes),
    refuse("AddDefaultCharset", kTypes),
    refuse("AddEncoding", kTypes),
    refuse("AddInputFilter", kFilters),
    refuse("AddOutputFilter", kFilters),
    refuse("AddType", kTypes),
    refuse("Allow", kAddresses),
    refuse("AllowMethods", "methods are not restricted."),
    refuse("AllowOverrideList", "no .htaccess is read."),
    refuse("AuthFormProvider", kAuthentication),
    refuse("AuthLDAPURL", kAuthentication),
    refuse("AuthMerging", kContainers),
    refuse_section("AuthnProviderAlias", kAuthentication),
    refuse_section("AuthzProviderAlias", kAuthentication),
    refuse("CGIPassAuth", kCgi),
    refuse("Deny", kAddresses),
    refuse_section("Else", kExpressions),
    refuse_section("ElseIf", kExpressions),
    refuse("ErrorDocument", "error pages are the built-in ones."),
    refuse("ExpiresActive", kExpires),
    refuse("ExpiresByType", kExpires),
    refuse("ExpiresDefault", kExpires),
    refuse("ForceType", kTypes),
    refuse("Header", kHeaders),
    refuse_section("If", kExpressions),
    refuse_section("Limit", "access does not depend on the method."),
    refuse_section("LimitExcept", "access does not depend on the method."),
    refuse_section("Macro", kMacros),
    refuse("Order", kAddresses),
    refuse("PassEnv", "variables of the server are not shown to applications."),
    refuse("php_admin_flag", kPhp),
    refuse("php_admin_value", kPhp),
    refuse("php_flag", kPhp),
    refuse("php_value", kPhp),
    refuse("QualifyRedirectURL", kRedirects),
    refuse("Redirect", kRedirects),
    refuse("RedirectMatch", kRedirects),
    refuse("RedirectPermanent", kRedirects),
    refuse("RedirectTemp", kRedirects),
    refuse("RemoteIPHeader", kRemoteIp),
    refuse("RemoteIPInternalProxy", kRemoteIp),
    refuse("RemoteIPTrustedProxy", kRemoteIp),
    refuse("RemoveHandler", "handlers are not chosen by file name."),
    refuse("RemoveType", kTypes),
    refuse("RequestHeader", kHeaders),
    refuse_section("RequireAll", kContainers),
    refuse_section("RequireAny", kContainers),
    refuse_section("RequireNone", kContainers),
    refuse("ScriptAlias", kCgi),
    refuse("ScriptAliasMatch", kCgi),
    refuse("SetEnvIf", kVariables),
    refuse("SetEnvIfExpr", kVariables),
    refuse("SetEnvIfNoCase", kVariables),
    refuse("SetInputFilter", kFilters),
    refuse("SetOutputFilter", kFilters),
    refuse("SSLRequire", kTlsOnly),
    refuse("SSLRequireSSL", kTlsOnly),
    refuse("UnsetEnv", kVariables),
    refuse("Use", kMacros),
    refuse("WSGIAccessScript", kScripts),
    refuse("WSGIAuthGroupScript", kScripts),
    refuse("WSGIAuthUserScript", kScripts),
    refuse("WSGIDispatchScript", kScripts),
    refuse("WSGIHandlerScript", kScripts),
    refuse_section("WSGIInterpreterOptions", "interpreters cannot be told apart."),
    refuse("WSGIRestrictProcess", "every declared group may be used."),
};
static_assert(base::config::well_formed(kRows));

}  // namespace

std::span<const DirectiveRow> refused_rows() {
  return kRows;
}

}  // namespace appserver::config
