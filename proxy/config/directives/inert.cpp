// SPDX-License-Identifier: Apache-2.0
// The proxy's directives that are accepted with a notice, and those that are known and not done
// yet. Making one honoured means moving its row.
#include "proxy/config/directives/rows.hpp"

namespace proxy::config {
namespace {

consteval DirectiveRow inert(std::string_view name, std::string_view reason) {
  return base::config::no_effect<Builder>(name, reason);
}
consteval DirectiveRow refuse(std::string_view name, std::string_view reason) {
  return base::config::refused<Builder>(name, reason);
}

constexpr std::string_view kClientCertificates = "client certificates are not asked for.";
constexpr std::string_view kHttp2 = "the limits of HTTP/2 are fixed.";
constexpr std::string_view kPool = "connections to backends are kept as they come.";
constexpr std::string_view kPlainBackends = "backends are spoken to without TLS.";
constexpr std::string_view kSessions = "TLS sessions are resumed by tickets.";
constexpr std::string_view kStapling = "certificate status is not stapled.";
constexpr std::string_view kTlsLibrary = "OpenSSL's default is used.";

constexpr DirectiveRow kInert[] = {
    inert("H2CopyFiles", kHttp2),
    inert("H2Direct", "HTTP/2 is offered over TLS."),
    inert("H2EarlyHints", kHttp2),
    inert("H2MaxSessionStreams", kHttp2),
    inert("H2MaxWorkerIdleSeconds", kHttp2),
    inert("H2MaxWorkers", kHttp2),
    inert("H2MinWorkers", kHttp2),
    inert("H2ModernTLSOnly", kHttp2),
    inert("H2Push", "nothing is pushed."),
    inert("H2PushDiarySize", "nothing is pushed."),
    inert("H2PushPriority", "nothing is pushed."),
    inert("H2SerializeHeaders", kHttp2),
    inert("H2StreamMaxMemSize", kHttp2),
    inert("H2TLSCoolDownSecs", kHttp2),
    inert("H2TLSWarmUpSize", kHttp2),
    inert("H2Upgrade", "HTTP/2 is offered over TLS."),
    inert("H2WindowSize", kHttp2),
    inert("KeepAlive", "connections to the proxy are kept; what it says holds for the app server."),
    inert("MaxKeepAliveRequests",
          "connections to the proxy have no limit; what it says holds for the app server."),
    inert("ProtocolsHonorOrder", "HTTP/2 goes before HTTP/1.1."),
    inert("ProxyBadHeader", "a backend's bad header is answered 502."),
    inert("ProxyIOBufferSize", kPool),
    inert("ProxyMaxForwards", "there is no forward proxy."),
    inert("ProxyPassReverse", "backends get the client's Host, and their redirects are passed on."),
    inert("ProxyReceiveBufferSize", kPool),
    inert("ProxySet", kPool),
    inert("ProxyStatus", "the admin listener shows the status."),
    inert("ProxyVia", "no Via is added."),
    inert("SSLCACertificateFile", kClientCertificates),
    inert("SSLCACertificatePath", kClientCertificates),
    inert("SSLCADNRequestFile", kClientCertificates),
    inert("SSLCADNRequestPath", kClientCertificates),
    inert("SSLCARevocationCheck", kClientCertificates),
    inert("SSLCARevocationFile", kClientCertificates),
    inert("SSLCARevocationPath", kClientCertificates),
    inert("SSLCompression", "TLS compression is never used."),
    inert("SSLCryptoDevice", kTlsLibrary),
    inert("SSLFIPS", kTlsLibrary),
    inert("SSLInsecureRenegotiation", "clients never renegotiate."),
    inert("SSLOCSPDefaultResponder", kClientCertificates),
    inert("SSLOCSPEnable", kClientCertificates),
    inert("SSLOpenSSLConfCmd", kTlsLibrary),
    inert("SSLPassPhraseDialog", "keys are read without a pass phrase."),
    inert("SSLProxyCACertificateFile", kPlainBackends),
    inert("SSLProxyCheckPeerCN", kPlainBackends),
    inert("SSLProxyCheckPeerExpire", kPlainBackends),
    inert("SSLProxyCheckPeerName", kPlainBackends),
    inert("SSLProxyCipherSuite", kPlainBackends),
    inert("SSLProxyEngine", kPlainBackends),
    inert("SSLProxyProtocol", kPlainBackends),
    inert("SSLProxyVerify", kPlainBackends),
    inert("SSLRandomSeed", kTlsLibrary),
    inert("SSLRenegBufferSize", "clients never renegotiate."),
    inert("SSLSessionCache", kSessions),
    inert("SSLSessionCacheTimeout", kSessions),
    inert("SSLSessionTickets", kSessions),
    inert("SSLStaplingCache", kStapling),
    inert("SSLStaplingResponderTimeout", kStapling),
    inert("SSLStaplingReturnResponderErrors", kStapling),
    inert("SSLUseStapling", kStapling),
    inert("SSLVerifyDepth", kClientCertificates),
};
static_assert(base::config::well_formed(kInert));

constexpr std::string_view kGnuTls =
    "say SSLEngine, SSLCertificateFile and SSLCertificateKeyFile instead.";

constexpr DirectiveRow kRefused[] = {
    refuse("BalancerMember", "a ProxyPass has one backend."),
    refuse("GnuTLSCertificateFile", kGnuTls),
    refuse("GnuTLSEnable", kGnuTls),
    refuse("GnuTLSKeyFile", kGnuTls),
    refuse("GnuTLSPriorities", kGnuTls),
    refuse("ProxyBlock", "there is no forward proxy."),
    refuse("ProxyPassMatch", "backends are chosen by URL path."),
    refuse("ProxyPassReverseCookieDomain", "cookies are not edited."),
    refuse("ProxyPassReverseCookiePath", "cookies are not edited."),
    refuse("ProxyRemote", "backends are reached directly."),
};
static_assert(base::config::well_formed(kRefused));

}  // namespace

std::span<const DirectiveRow> inert_rows() {
  return kInert;
}
std::span<const DirectiveRow> refused_rows() {
  return kRefused;
}

const base::config::DirectiveTable<Builder>& directive_table() {
  static const base::config::DirectiveTable<Builder> table(
      base::config::Program::proxy, {core_rows(), section_rows(), tls_rows(), route_rows(),
                                     duty_rows(), inert_rows(), refused_rows()});
  return table;
}

}  // namespace proxy::config
