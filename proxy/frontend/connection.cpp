// SPDX-License-Identifier: Apache-2.0
#include "proxy/frontend/connection.hpp"

#include "proxy/frontend/http1_session.hpp"
#include "proxy/frontend/http2_session.hpp"

#include <algorithm>
#include <sys/epoll.h>
#include <utility>

namespace proxy::frontend {

using base::net::TimePoint;
using metrics::HandshakeResult;

Connection::Connection(ConnectionSet& set, ThreadServices& services,
                       std::shared_ptr<const Generation> generation, base::Fd fd,
                       const base::net::SocketAddress& client,
                       const base::net::SocketAddress& local)
    : set_(set), services_(services), transport_(*services.scratch, std::move(fd)) {
  facts_.hosts = &generation->host_table->select(local);
  facts_.generation = std::move(generation);
  facts_.client = client;
  facts_.local = local;
}

Connection::~Connection() {
  services_.loop.cancel(*this);
  if (state_ != State::dead) services_.loop.remove(transport_.fd(), *this);
}

void Connection::begin(bool tls) {
  if (!tls) {
    facts_.settle("HTTP/1.1");
    start_session(false);
    return set_deadline();
  }
  facts_.tls = true;
  const HostRuntime& host = facts_.generation->hosts[facts_.hosts->default_tls_host()];
  if (!host.tls) return end(End::cut);  // a TLS listener without any certificate for this address
  facts_.tls_context = host.tls.get();
  transport_.use_tls(*host.tls, *this);
  handshake_deadline_ = now() + settings().head_timeout;
  set_deadline();
}

tls::Choice Connection::choose(std::string_view sni) noexcept {
  // Nothing here throws but for memory, and then the process ends as it would anywhere else.
  std::uint32_t index = sni.empty() ? facts_.hosts->default_tls_host() : facts_.hosts->find(sni);
  if (!facts_.generation->hosts[index].tls) index = facts_.hosts->default_tls_host();
  facts_.sni = sni;
  const config::VirtualHost& host = settings().hosts[index];
  facts_.tls_context = facts_.generation->hosts[index].tls.get();
  return {facts_.tls_context, host.http2, host.http1};
}

void Connection::count_handshake(HandshakeResult result) {
  const int version = SSL_version(transport_.ssl());
  auto kind = metrics::TlsVersion::none;
  if (result != HandshakeResult::failed && result != HandshakeResult::timeout)
    kind = version == TLS1_3_VERSION ? metrics::TlsVersion::tls13 : metrics::TlsVersion::tls12;
  services_.counters.handshakes[static_cast<std::size_t>(kind)][static_cast<std::size_t>(result)]
      .add();
}

void Connection::go_on_with_handshake() {
  switch (transport_.handshake()) {
    case Transport::Handshake::wait:
      return;
    case Transport::Handshake::failed: {
      count_handshake(HandshakeResult::failed);
      const auto& log = *facts_.generation->hosts[facts_.hosts->default_tls_host()].error_log;
      base::observe::LogLine(log, base::observe::LogLevel::info, "tls.handshake_failed")
          .add("client", facts_.client.is_unix ? std::string("unix") : facts_.client.ip.text())
          .add("error", transport_.error_text());
      return end(End::cut);  // OpenSSL's alert goes out first
    }
    case Transport::Handshake::done:
      break;
  }
  SSL* ssl = transport_.ssl();
  count_handshake(SSL_session_reused(ssl) != 0 ? HandshakeResult::resumed : HandshakeResult::full);
  facts_.tls_protocol = SSL_get_version(ssl);
  facts_.tls_cipher = SSL_get_cipher_name(ssl);
  const unsigned char* alpn = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl, &alpn, &size);
  const bool http2 = size == 2 && alpn[0] == 'h' && alpn[1] == '2';
  facts_.settle(http2 ? "HTTP/2.0" : "HTTP/1.1");
  start_session(http2);
  if (transport_.readable()) session_->on_input();
}

void Connection::start_session(bool http2) {
  state_ = State::open;
  if (http2) {
    services_.counters.h2_connections.add();
    session_ = std::make_unique<Http2Session>(*this);
  } else {
    session_ = std::make_unique<Http1Session>(*this);
  }
  if (services_.draining) session_->drain();
}

void Connection::on_events(std::uint32_t events) {
  transport_.note_events(events);
  switch (state_) {
    case State::handshake:
      if (!ending()) go_on_with_handshake();
      break;
    case State::open:
      if (ending()) break;
      if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
        session_->on_hang_up();
      } else if ((events & (EPOLLIN | EPOLLRDHUP)) != 0) {
        session_->on_input();
      }
      break;
    case State::lingering: {
      bool ended = false;
      lingered_bytes_ += transport_.discard_input(ended);
      if (ended || lingered_bytes_ > kLingerBytes) die();
      return;
    }
    case State::dead:
      return;
  }
  schedule();
}

void Connection::on_next_turn() {
  if (state_ == State::open && !ending()) session_->on_input();
  schedule();
}

void Connection::end(End how) {
  // A cut goes before all else: what was to end properly has gone wrong after all.
  if (end_ == End::no || how == End::cut) end_ = how;
  schedule();
}

void Connection::drain() {
  if (state_ == State::open && !ending()) session_->drain();
  if (state_ == State::open) schedule();
}

void Connection::on_turn_end() {
  if (state_ == State::dead || state_ == State::lingering) return;
  if (state_ == State::open && !ending()) session_->on_turn_end();
  if (ending()) return finish_output();
  transport_.flush();
  if (transport_.failed()) return die();
  set_deadline();
}

void Connection::finish_output() {
  if (end_ != End::cut && !output_ended_) {
    output_ended_ = true;
    transport_.end_output();
  }
  transport_.flush();
  if (end_ == End::cut || transport_.failed()) return die();
  if (transport_.pending() > 0) return set_deadline();
  if (end_ == End::clean) return die();
  session_.reset();
  transport_.shut_down();
  state_ = State::lingering;
  services_.loop.arm(*this, now() + kLingerTimeout);
  bool ended = false;
  lingered_bytes_ += transport_.discard_input(ended);
  if (ended || lingered_bytes_ > kLingerBytes) die();
}

void Connection::set_deadline() {
  TimePoint at = TimePoint::max();
  if (transport_.blocked()) {
    // Every byte that the client takes gives it more time.
    if (blocked_until_ == TimePoint::max() || bytes_out_seen_ != transport_.bytes_out()) {
      bytes_out_seen_ = transport_.bytes_out();
      blocked_until_ = now() + settings().io_timeout;
    }
    at = blocked_until_;
  } else {
    blocked_until_ = TimePoint::max();
    if (state_ == State::handshake) {
      at = handshake_deadline_;
    } else if (session_ && !ending()) {
      at = session_->deadline();
    }
  }
  if (at == TimePoint::max()) {
    services_.loop.disarm(*this);
  } else {
    services_.loop.arm(*this, at);
  }
}

void Connection::on_deadline() {
  if (state_ == State::dead) return;
  if (state_ == State::open && !transport_.blocked() && !ending()) {
    session_->on_deadline();
    return schedule();
  }
  if (state_ == State::handshake) count_handshake(HandshakeResult::timeout);
  die();
}

void Connection::die() {
  if (state_ == State::dead) return;
  session_.reset();
  services_.loop.disarm(*this);
  services_.loop.remove(transport_.fd(), *this);
  state_ = State::dead;
  set_.bury(*this);
}

ConnectionSet::~ConnectionSet() {
  services_.loop.cancel(*this);
}

void ConnectionSet::add(std::shared_ptr<const Generation> generation, base::Fd fd,
                        const base::net::SocketAddress& client,
                        const base::net::SocketAddress& local, bool tls) {
  auto made = std::make_unique<Connection>(*this, services_, std::move(generation), std::move(fd),
                                           client, local);
  if (!services_.loop.add(made->transport().fd(), *made)) {
    services_.counters.accept_errors.add();
    made->state_ = Connection::State::dead;  // not registered: nothing to take back
    return;
  }
  made->place_ = connections_.size();
  connections_.push_back(std::move(made));
  services_.counters.connections_open.add();
  connections_.back()->begin(tls);
}

void ConnectionSet::bury(Connection& connection) {
  services_.counters.connections_open.subtract();
  const std::size_t place = connection.place_;
  graves_.push_back(std::move(connections_[place]));
  if (place + 1 != connections_.size()) {
    connections_[place] = std::move(connections_.back());
    connections_[place]->place_ = place;
  }
  connections_.pop_back();
  services_.loop.at_turn_end(*this);
}

void ConnectionSet::drain() {
  for (std::size_t i = 0; i < connections_.size(); ++i) connections_[i]->drain();
}

void ConnectionSet::clear() {
  services_.counters.connections_open.subtract(static_cast<std::int64_t>(connections_.size()));
  connections_.clear();
  graves_.clear();
}

void ConnectionSet::on_turn_end() {
  graves_.clear();
}

}  // namespace proxy::frontend
