// SPDX-License-Identifier: Apache-2.0
// A TLS client that sends exactly what it is told, and can leave without saying goodbye.
#pragma once

#include "base/fd.hpp"
#include "base/handle.hpp"
#include "base/net/endpoint.hpp"

#include <openssl/ssl.h>

#include <chrono>
#include <string>
#include <string_view>

namespace tests::proxy {

class TlsClient {
 public:
  /// Connects and shakes hands, offering `alpn` ("h2", "http/1.1", "" for none). Throws when that
  /// fails.
  TlsClient(const base::net::Endpoint& endpoint, std::string_view alpn,
            const std::string& sni = "localhost", int max_version = TLS1_3_VERSION);

  /// False when the proxy has closed.
  bool send(std::string_view bytes);
  /// At least one byte; "" at the end of the stream. Throws when nothing comes for 20 s.
  std::string receive();
  std::string receive_until(std::string_view text);
  std::string receive_all();
  /// The stream ended with TLS's close_notify, not just with TCP.
  [[nodiscard]] bool ended_properly() const noexcept { return ended_properly_; }
  /// FIN without close_notify.
  void truncate();
  [[nodiscard]] std::string alpn() const;
  [[nodiscard]] std::string version() const;
  /// Common name of the certificate that was shown.
  [[nodiscard]] std::string common_name() const;
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  base::Fd fd_;
  base::Handle<SSL_CTX, SSL_CTX_free> ctx_;
  base::Handle<SSL, SSL_free> ssl_;
  bool ended_properly_ = false;
};

}  // namespace tests::proxy
