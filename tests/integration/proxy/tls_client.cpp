// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/proxy/tls_client.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <fcntl.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>

namespace tests::proxy {

TlsClient::TlsClient(const base::net::Endpoint& endpoint, std::string_view alpn,
                     const std::string& sni, int max_version) {
  auto fd = base::net::start_connect(endpoint);
  if (!fd) throw std::runtime_error(fd.error().detail);
  fd_ = std::move(*fd);
  pollfd waiting{fd_.get(), POLLOUT, 0};
  (void)::poll(&waiting, 1, 20'000);
  // Blocking from here on, with a limit.
  const int flags = ::fcntl(fd_.get(), F_GETFL);
  (void)::fcntl(fd_.get(), F_SETFL, flags & ~O_NONBLOCK);
  const timeval patience{20, 0};
  (void)::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  (void)::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  ctx_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_max_proto_version(ctx_.get(), max_version);
  SSL_CTX_set_min_proto_version(ctx_.get(), TLS1_VERSION);
  SSL_CTX_set_security_level(ctx_.get(), 0);
  ssl_.reset(SSL_new(ctx_.get()));
  SSL_set_fd(ssl_.get(), fd_.get());
  if (!sni.empty()) SSL_set_tlsext_host_name(ssl_.get(), sni.c_str());
  if (!alpn.empty()) {
    std::string wire(1, static_cast<char>(alpn.size()));
    wire += alpn;
    SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(wire.data()),
                        static_cast<unsigned>(wire.size()));
  }
  if (SSL_connect(ssl_.get()) != 1) throw std::runtime_error("TLS handshake failed");
}

bool TlsClient::send(std::string_view bytes) {
  ERR_clear_error();
  std::size_t written = 0;
  return bytes.empty() || SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written) == 1;
}

std::string TlsClient::receive() {
  char piece[16384];
  std::size_t got = 0;
  ERR_clear_error();
  const int done = SSL_read_ex(ssl_.get(), piece, sizeof piece, &got);
  if (done == 1) return {piece, got};
  const int why = SSL_get_error(ssl_.get(), done);
  if (why == SSL_ERROR_WANT_READ) throw std::runtime_error("nothing came");
  ended_properly_ = why == SSL_ERROR_ZERO_RETURN;
  return {};
}

std::string TlsClient::receive_until(std::string_view text) {
  std::string out;
  while (out.find(text) == std::string::npos) {
    const std::string piece = receive();
    if (piece.empty()) throw std::runtime_error("stream ended after: " + out);
    out += piece;
  }
  return out;
}

std::string TlsClient::receive_all() {
  std::string out;
  for (std::string piece = receive(); !piece.empty(); piece = receive()) out += piece;
  return out;
}

void TlsClient::truncate() {
  (void)::shutdown(fd_.get(), SHUT_WR);
}

std::string TlsClient::alpn() const {
  const unsigned char* data = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &data, &size);
  return {reinterpret_cast<const char*>(data), size};
}

std::string TlsClient::version() const {
  return SSL_get_version(ssl_.get());
}

std::string TlsClient::common_name() const {
  const base::Handle<X509, X509_free> certificate(SSL_get1_peer_certificate(ssl_.get()));
  char name[256] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name,
                            sizeof name);
  return name;
}

}  // namespace tests::proxy
