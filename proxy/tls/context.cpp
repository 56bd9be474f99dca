// SPDX-License-Identifier: Apache-2.0
#include "proxy/tls/context.hpp"

#include "base/assert.hpp"
#include "base/http/tokens.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <string>

namespace proxy::tls {

namespace {

constexpr const char* kIntermediateCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* kGroups = "X25519:P-256:P-384";

/// What one SSL remembers between the callbacks of its handshake.
Chooser* chooser_of(SSL* ssl) {
  return static_cast<Chooser*>(SSL_get_app_data(ssl));
}

// The host name of a ClientHello's server_name extension (RFC 6066 section 3); empty when there is
// none or it is malformed.
std::string_view server_name_of(SSL* ssl) {
  const unsigned char* data = nullptr;
  std::size_t size = 0;
  if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &data, &size) != 1) return {};
  // list length (2), type (1, host_name is 0), name length (2), name
  constexpr std::size_t kBeforeName = 5;
  if (size < kBeforeName || data[2] != 0) return {};
  const std::size_t length = static_cast<std::size_t>(data[3]) << 8U | data[4];
  if (length > size - kBeforeName || length > 255) return {};
  return {reinterpret_cast<const char*>(data + kBeforeName), length};
}

// Chooses the certificate before OpenSSL looks at tickets, so that a ticket is checked against the
// host it was made for.
int on_client_hello(SSL* ssl, int* alert, void*) noexcept {
  std::array<char, 256> lower{};
  const std::string_view sni = server_name_of(ssl);
  std::transform(sni.begin(), sni.end(), lower.begin(), base::http::to_lower);
  const Choice choice = chooser_of(ssl)->choose({lower.data(), sni.size()});
  if (choice.context == nullptr) {
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_CLIENT_HELLO_ERROR;
  }
  if (SSL_get_SSL_CTX(ssl) != choice.context->ctx.get())
    SSL_set_SSL_CTX(ssl, choice.context->ctx.get());
  SSL_set_min_proto_version(ssl, choice.context->min_version);
  SSL_set_max_proto_version(ssl, choice.context->max_version);
  return SSL_CLIENT_HELLO_SUCCESS;
}

// Only tells OpenSSL to acknowledge the name: the choice was made above.
int on_server_name(SSL* ssl, int*, void*) noexcept {
  return SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) != nullptr ? SSL_TLSEXT_ERR_OK
                                                                       : SSL_TLSEXT_ERR_NOACK;
}

int on_alpn(SSL* ssl, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
            unsigned int in_size, void*) noexcept {
  const char* sni = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  std::string_view name = sni == nullptr ? std::string_view{} : std::string_view(sni);
  std::array<char, 256> lower{};
  name = name.substr(0, lower.size());
  std::transform(name.begin(), name.end(), lower.begin(), base::http::to_lower);
  const Choice choice = chooser_of(ssl)->choose({lower.data(), name.size()});
  const auto offered = [&](std::string_view wanted) {
    for (unsigned at = 0; at < in_size; at += 1U + in[at]) {
      if (at + 1U + in[at] > in_size) return false;
      if (std::string_view(reinterpret_cast<const char*>(in) + at + 1, in[at]) == wanted) {
        *out = in + at + 1;
        *out_size = in[at];
        return true;
      }
    }
    return false;
  };
  if (choice.http2 && offered("h2")) return SSL_TLSEXT_ERR_OK;
  if (choice.http1 && offered("http/1.1")) return SSL_TLSEXT_ERR_OK;
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

base::Result<> load_certificate(SSL_CTX* ctx, const config::TlsSettings& settings) {
  const std::string& key =
      settings.key_file.empty() ? settings.certificate_file : settings.key_file;
  if (SSL_CTX_use_certificate_chain_file(ctx, settings.certificate_file.c_str()) != 1)
    return base::fail(base::ErrorCode::invalid,
                      "certificate " + settings.certificate_file + ": " + take_error_text());
  if (SSL_CTX_use_PrivateKey_file(ctx, key.c_str(), SSL_FILETYPE_PEM) != 1)
    return base::fail(base::ErrorCode::invalid, "key " + key + ": " + take_error_text());
  if (SSL_CTX_check_private_key(ctx) != 1)
    return base::fail(base::ErrorCode::invalid, "key " + key + " does not belong to " +
                                                    settings.certificate_file + ": " +
                                                    take_error_text());
  return {};
}

base::Result<> set_ciphers(SSL_CTX* ctx, const config::TlsSettings& settings) {
  const char* list =
      settings.cipher_list.empty() ? kIntermediateCiphers : settings.cipher_list.c_str();
  if (SSL_CTX_set_cipher_list(ctx, list) != 1)
    return base::fail(base::ErrorCode::invalid,
                      "cipher list `" + settings.cipher_list + "`: " + take_error_text());
  if (!settings.cipher_suites.empty() &&
      SSL_CTX_set_ciphersuites(ctx, settings.cipher_suites.c_str()) != 1)
    return base::fail(base::ErrorCode::invalid,
                      "TLS 1.3 suites `" + settings.cipher_suites + "`: " + take_error_text());
  (void)SSL_CTX_set1_groups_list(ctx, kGroups);
  SSL_CTX_set_dh_auto(ctx, 1);
  return {};
}

void set_options(SSL_CTX* ctx, const config::TlsSettings& settings) {
  SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  if (settings.honor_cipher_order) SSL_CTX_set_options(ctx, SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_min_proto_version(ctx, settings.min_version);
  SSL_CTX_set_max_proto_version(ctx, settings.max_version);
  SSL_CTX_set_max_early_data(ctx, 0);  // early data could be replayed to the application
}

void set_resumption(SSL_CTX* ctx, const config::TlsSettings& settings, const TicketKeys& tickets) {
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);  // tickets only: no memory, no lock
  SSL_CTX_set_num_tickets(ctx, 1);
  TicketKeys copy = tickets;
  SSL_CTX_set_tlsext_ticket_keys(ctx, copy.bytes.data(), copy.bytes.size());
  // A session made under one certificate is not resumed under another.
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(settings.certificate_file.data(), settings.certificate_file.size(), digest.data(),
             &size, EVP_sha256(), nullptr);
  SSL_CTX_set_session_id_context(ctx, digest.data(), std::min(size, 32U));
}

}  // namespace

std::string take_error_text() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "no detail";
  const char* reason = ERR_reason_error_string(code);
  if (reason != nullptr) return reason;
  std::array<char, 256> text{};
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

TicketKeys TicketKeys::random() {
  TicketKeys keys;
  GH_ASSERT(RAND_bytes(keys.bytes.data(), static_cast<int>(keys.bytes.size())) == 1);
  return keys;
}

base::Result<std::shared_ptr<const Context>> make_context(const config::TlsSettings& settings,
                                                          const TicketKeys& tickets) {
  auto made = std::make_shared<Context>();
  made->ctx.reset(SSL_CTX_new(TLS_server_method()));
  if (!made->ctx)
    return base::fail(base::ErrorCode::exhausted, "SSL_CTX_new: " + take_error_text());
  made->min_version = settings.min_version;
  made->max_version = settings.max_version;
  SSL_CTX* ctx = made->ctx.get();
  GH_CHECK(load_certificate(ctx, settings));
  GH_CHECK(set_ciphers(ctx, settings));
  set_options(ctx, settings);
  set_resumption(ctx, settings, tickets);
  SSL_CTX_set_client_hello_cb(ctx, on_client_hello, nullptr);
  SSL_CTX_set_tlsext_servername_callback(ctx, on_server_name);
  SSL_CTX_set_alpn_select_cb(ctx, on_alpn, nullptr);
  return std::shared_ptr<const Context>(std::move(made));
}

SslPtr make_ssl(const Context& initial, Chooser& chooser) {
  SslPtr ssl(SSL_new(initial.ctx.get()));
  GH_ASSERT(ssl != nullptr);
  SSL_set_app_data(ssl.get(), &chooser);
  SSL_set_accept_state(ssl.get());
  return ssl;
}

}  // namespace proxy::tls
