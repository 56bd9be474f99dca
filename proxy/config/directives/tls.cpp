// SPDX-License-Identifier: Apache-2.0
// TLS and the protocols spoken over it. Versions before 1.2 are not offered.
#include "base/config/lexer.hpp"
#include "base/config/values.hpp"
#include "proxy/config/directives/rows.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace proxy::config {
namespace {

using base::ErrorCode;
using base::fail;
using base::config::equal_no_case;
using base::config::printable;
namespace context = base::config::context;

Result<> apply_engine(const Args& args, Builder& builder) {
  GH_TRY(const bool on, base::config::parse_on_off(args[0]));
  builder.host().tls.engine = on;
  builder.host().tls.engine_origin = args.origin();
  return {};
}

/// A missing file is an error here, as in httpd; its name is kept, so that it is the only one.
std::string file(const Args& args, const Builder& builder) {
  std::string path = builder.path(args[0]);
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    builder.error(args, "no such file: " + printable(path));
  }
  return path;
}

template <std::optional<std::string> TlsDraft::*Member>
Result<> apply_file(const Args& args, Builder& builder) {
  std::optional<std::string>& slot = builder.host().tls.*Member;
  std::string path = file(args, builder);
  if (slot) {
    builder.notice(args, "a second file has no effect: " + printable(*slot) + " is used");
    return {};
  }
  slot = std::move(path);
  return {};
}

Result<> apply_chain(const Args& args, Builder& builder) {
  builder.host().tls.chain_file = file(args, builder);
  builder.notice(args,
                 "has no effect: intermediate certificates are read from SSLCertificateFile, "
                 "behind the host's own");
  return {};
}

// OpenSSL's numbers.
constexpr int kTls12 = 0x0303;
constexpr int kTls13 = 0x0304;

struct Versions {
  bool tls12 = false;
  bool tls13 = false;
};

/// A word without sign replaces what was said before it, as in httpd.
Result<> apply_protocol_word(std::string_view word, Versions& versions, const Args& args,
                             Builder& builder) {
  const bool minus = word.starts_with('-');
  const bool plus = word.starts_with('+');
  const std::string_view name = minus || plus ? word.substr(1) : word;
  const bool all = equal_no_case(name, "all");
  const bool is12 = equal_no_case(name, "TLSv1.2");
  const bool is13 = equal_no_case(name, "TLSv1.3");
  const bool old = equal_no_case(name, "SSLv2") || equal_no_case(name, "SSLv3") ||
                   equal_no_case(name, "TLSv1") || equal_no_case(name, "TLSv1.1");
  if (!all && !is12 && !is13 && !old) {
    return fail(ErrorCode::invalid, "unknown protocol \"" + printable(word) + "\"");
  }
  if (!minus && !plus) {
    if (versions.tls12 || versions.tls13) {
      builder.notice(args, printable(word) + " replaces the words before it: is a + missing?");
    }
    versions = {};
  }
  if (old && !minus) builder.notice(args, printable(name) + " is not offered");
  if (all || is12) versions.tls12 = !minus;
  if (all || is13) versions.tls13 = !minus;
  return {};
}

Result<> apply_protocol(const Args& args, Builder& builder) {
  Versions versions;
  for (std::size_t i = 0; i < args.size(); ++i) {
    GH_CHECK(apply_protocol_word(args[i], versions, args, builder));
  }
  if (!versions.tls12 && !versions.tls13) {
    return fail(ErrorCode::invalid, "no protocol is left: TLSv1.2 and TLSv1.3 are offered");
  }
  builder.host().tls.versions = {versions.tls12 ? kTls12 : kTls13,
                                 versions.tls13 ? kTls13 : kTls12};
  return {};
}

Result<> apply_cipher_suite(const Args& args, Builder& builder) {
  if (args.size() == 1 || equal_no_case(args[0], "SSL")) {
    builder.host().tls.cipher_list = args[args.size() - 1];
  } else if (equal_no_case(args[0], "TLSv1.3")) {
    builder.host().tls.cipher_suites = args[1];
  } else {
    return fail(ErrorCode::invalid, "expected SSL or TLSv1.3, got \"" + printable(args[0]) + "\"");
  }
  return {};
}

Result<> apply_honor_cipher_order(const Args& args, Builder& builder) {
  GH_TRY(builder.host().tls.honor_cipher_order, base::config::parse_on_off(args[0]));
  return {};
}

Result<> apply_protocols(const Args& args, Builder& builder) {
  bool http2 = false;
  bool http1 = false;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (equal_no_case(args[i], "h2")) {
      http2 = true;
    } else if (equal_no_case(args[i], "http/1.1")) {
      http1 = true;
    } else if (equal_no_case(args[i], "h2c")) {
      builder.notice(args, "h2c has no effect: HTTP/2 is offered over TLS");
    } else {
      return fail(ErrorCode::invalid, "unknown protocol \"" + printable(args[i]) + "\"");
    }
  }
  if (!http2 && !http1) {
    return fail(ErrorCode::invalid, "no protocol is left: h2 and http/1.1 are offered");
  }
  builder.host().protocols = {http2, http1};
  return {};
}

Result<> apply_verify_client(const Args& args, Builder&) {
  if (equal_no_case(args[0], "none")) return {};
  return fail(ErrorCode::unsupported,
              "not supported by this version: client certificates are not asked for");
}

template <const std::string_view& Word>
Result<> accept_only(const Args& args, Builder&) {
  if (equal_no_case(args[0], Word)) return {};
  return fail(ErrorCode::unsupported,
              "not supported by this version: only " + std::string(Word) + " is");
}
constexpr std::string_view kOff = "Off";

constexpr Contexts kHost = context::server | context::vhost;
constexpr base::config::Arity kOne{1, 1};

constexpr DirectiveRow kRows[] = {
    {{.name = "Protocols",
      .contexts = kHost,
      .arity = {1, base::config::kMany},
      .synopsis = "h2|http/1.1...",
      .doc = "What is offered to clients; without it both."},
     apply_protocols},
    {{.name = "SSLCertificateChainFile",
      .contexts = kHost,
      .arity = kOne,
      .synopsis = "file",
      .doc = "Checked, without effect: put the intermediate certificates into SSLCertificateFile."},
     apply_chain},
    {{.name = "SSLCertificateFile",
      .contexts = kHost,
      .arity = kOne,
      .synopsis = "file",
      .doc = "The host's certificate, followed by the intermediate ones (PEM)."},
     apply_file<&TlsDraft::certificate_file>},
    {{.name = "SSLCertificateKeyFile",
      .contexts = kHost,
      .arity = kOne,
      .synopsis = "file",
      .doc = "The certificate's private key (PEM); without it the key stands in the certificate's "
             "file."},
     apply_file<&TlsDraft::key_file>},
    {{.name = "SSLCipherSuite",
      .contexts = kHost,
      .arity = {1, 2},
      .synopsis = "[SSL|TLSv1.3] list",
      .doc = "Ciphers for TLS 1.2, or cipher suites for TLS 1.3.",
      .elsewhere = context::section},
     apply_cipher_suite},
    {{.name = "SSLEngine",
      .contexts = kHost,
      .arity = kOne,
      .synopsis = "On|Off",
      .doc = "Whether the host speaks TLS."},
     apply_engine},
    {{.name = "SSLHonorCipherOrder",
      .contexts = kHost,
      .arity = kOne,
      .synopsis = "On|Off",
      .doc = "Whether the server's order of ciphers decides (default Off)."},
     apply_honor_cipher_order},
    {{.name = "SSLProtocol",
      .contexts = kHost,
      .arity = {1, base::config::kMany},
      .synopsis = "[+|-]all|TLSv1.2|TLSv1.3...",
      .doc = "TLS versions; those before 1.2 are not offered."},
     apply_protocol},
    {{.name = "SSLStrictSNIVHostCheck",
      .contexts = kHost,
      .arity = kOne,
      .synopsis = "Off",
      .doc = "Only Off is accepted."},
     accept_only<kOff>},
    {{.name = "SSLVerifyClient",
      .contexts = kHost,
      .arity = kOne,
      .synopsis = "none",
      .doc = "Only none is accepted.",
      .elsewhere = context::section},
     apply_verify_client},
};
static_assert(base::config::well_formed(kRows));

}  // namespace

std::span<const DirectiveRow> tls_rows() {
  return kRows;
}

}  // namespace proxy::config
