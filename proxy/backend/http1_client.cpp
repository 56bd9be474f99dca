// SPDX-License-Identifier: Apache-2.0
// The connection's life; http1_client_request.cpp and http1_client_response.cpp are its two
// directions.
#include "proxy/backend/http1_client.hpp"

#include "base/assert.hpp"
#include "proxy/backend/limits.hpp"

#include <algorithm>
#include <sys/socket.h>
#include <utility>

namespace proxy::backend {

using metrics::BackendFailure;

Http1Client::Http1Client(ConnectionPool& pool, ConnectionPool::Group& group, base::Fd fd)
    : pool_(pool),
      group_(group),
      fd_(std::move(fd)),
      is_unix_(group.endpoint.kind == base::net::Endpoint::Kind::unix_path) {
  // A Unix socket is connected or refused at once; TCP tells by EPOLLOUT.
  if (is_unix_) state_ = State::active;
}

Http1Client::~Http1Client() {
  if (fd_) pool_.loop_.remove(fd_.get(), *this);
}

std::uint32_t Http1Client::interest() const noexcept {
  return is_unix_ && !watching_writable_ ? EPOLLIN | EPOLLRDHUP : EPOLLIN | EPOLLOUT | EPOLLRDHUP;
}

void Http1Client::begin(exchange::Exchange& exchange) {
  GH_ASSERT(exchange_ == nullptr && exchange.back == nullptr);
  exchange_ = &exchange;
  exchange.back = this;
  head_sent_ = sent_bytes_ = piece_left_ = 0;
  lead_ = tail_ = {};
  last_chunk_staged_ = write_blocked_ = write_failed_ = false;
  parser_.reset();
  head_.clear();
  decoder_.reset();
  body_left_ = 0;
  got_bytes_ = head_done_ = readable_ = paused_ = large_ = false;
  reusable_ = true;
  if (state_ == State::connecting) {
    pool_.loop_.arm(*this, pool_.loop_.now() + std::min(kConnectTimeout, exchange.backend_timeout));
    return;
  }
  state_ = State::active;
  arm_backend_timeout();
  write_request();
}

void Http1Client::on_events(std::uint32_t events) {
  if (state_ == State::connecting) {
    if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) == 0) return;
    finish_connect();
    if (state_ != State::active) return;
  }
  const bool ends = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  if (state_ == State::idle) {
    // Bytes that nobody asked for, or the end.
    if (ends || (events & EPOLLIN) != 0) close();
    return;
  }
  if (state_ != State::active) return;
  hung_up_ |= ends;
  if (ends || (events & EPOLLIN) != 0) {
    readable_ = true;
    read_response();
  }
  if (exchange_ != nullptr && (events & EPOLLOUT) != 0) {
    write_blocked_ = false;
    write_request();
  }
}

void Http1Client::finish_connect() {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0)
    return fail(BackendFailure::connect, 503, "backend.connect");
  state_ = State::active;
  arm_backend_timeout();
  write_request();
}

void Http1Client::close() {
  if (state_ == State::closed) return;
  GH_ASSERT(exchange_ == nullptr);
  if (state_ == State::idle) pool_.unrest(*this);
  state_ = State::closed;
  pool_.loop_.disarm(*this);
  pool_.loop_.remove(fd_.get(), *this);
  fd_.reset();
  pool_.bury(*this);
}

void Http1Client::on_deadline() {
  switch (state_) {
    case State::connecting:
      return fail(BackendFailure::timeout, 504, "backend.connect_timeout");
    case State::active:
      return fail(BackendFailure::timeout, 504, "backend.timeout");
    case State::idle:
      return close();
    case State::closed:
      return;
  }
}

void Http1Client::arm_backend_timeout() {
  pool_.loop_.arm(*this, pool_.loop_.now() + exchange_->backend_timeout);
}

exchange::Exchange& Http1Client::detach() noexcept {
  exchange::Exchange& exchange = *std::exchange(exchange_, nullptr);
  exchange.back = nullptr;
  return exchange;
}

void Http1Client::on_abort() {
  detach();
  close();
}

void Http1Client::fail(BackendFailure kind, int status, const char* reason) {
  pool_.counters_.backend_failures[static_cast<std::size_t>(kind)].add();
  exchange::Exchange& exchange = detach();
  close();
  exchange.front->on_failure({status, reason});
}

bool Http1Client::may_retry() const noexcept {
  using base::http::Method;
  if (!reused_ || got_bytes_ || exchange_->retried || exchange_->request.taken_bytes() > 0)
    return false;
  if (sent_bytes_ == 0) return true;
  switch (exchange_->head.method) {
    case Method::get:
    case Method::head:
    case Method::put:
    case Method::delete_:
    case Method::options:
    case Method::trace:
      return true;
    default:
      return false;
  }
}

void Http1Client::retry_or_fail() {
  if (!may_retry()) return fail(BackendFailure::closed, 502, "backend.closed");
  pool_.counters_.backend_retries.add();
  exchange::Exchange& exchange = detach();
  exchange.retried = true;
  close();
  pool_.start_fresh(exchange, group_);
}

}  // namespace proxy::backend
