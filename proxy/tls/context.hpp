// SPDX-License-Identifier: Apache-2.0
// One SSL_CTX for each certificate set: protocols, ciphers, tickets, and the choice by server name
// and ALPN. Defaults: Mozilla's "intermediate" profile.
#pragma once

#include "base/result.hpp"
#include "proxy/config/settings.hpp"
#include "proxy/tls/handles.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace proxy::tls {

/// Secret of the session tickets: one for all threads and certificates of the process, so that any
/// may resume.
struct TicketKeys {
  std::array<unsigned char, 80> bytes{};
  static TicketKeys random();
};

/// Shared by all threads: OpenSSL counts the references of SSL_CTX itself.
struct Context {
  SslCtxPtr ctx;
  int min_version = TLS1_2_VERSION;
  int max_version = TLS1_3_VERSION;
};

/// Reads certificate and key. Errors name the file: not readable, not PEM, key does not fit the
/// certificate, no such cipher.
base::Result<std::shared_ptr<const Context>> make_context(const config::TlsSettings& settings,
                                                          const TicketKeys& tickets);

/// What a handshake chooses by the name that the client asked for.
struct Choice {
  const Context* context = nullptr;  ///< nullptr: refuse with unrecognized_name
  bool http2 = true;
  bool http1 = true;
};
/// Asked once a handshake, inside OpenSSL: must not throw. `sni` is lower-case, empty without one.
class Chooser {
 public:
  virtual Choice choose(std::string_view sni) noexcept = 0;

 protected:
  ~Chooser() = default;
};

/// A server's SSL on `initial`; `chooser` must outlive the handshake.
SslPtr make_ssl(const Context& initial, Chooser& chooser);

}  // namespace proxy::tls
