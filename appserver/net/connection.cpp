// SPDX-License-Identifier: Apache-2.0
#include "appserver/net/connection.hpp"

#include "appserver/daemon/frame.hpp"
#include "appserver/net/connection_list.hpp"
#include "appserver/net/wsgi_exchange.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>

namespace appserver::net {

namespace {

using base::http::BodyKind;
using base::net::TimePoint;
using std::chrono::milliseconds;

// A body that nobody wanted is read and dropped up to this size to keep the connection; a larger
// one ends it.
constexpr std::uint64_t kDiscardBytes = 256U << 10U;
// After that the response is sent, and what still comes is dropped for so long that it cannot reset
// the connection.
constexpr std::uint64_t kLingerBytes = 64U << 20U;
constexpr milliseconds kLingerTime{10'000};
// While draining, a kept connection stays open for so long: a request that is on its way is
// answered, with `Connection: close`, instead of meeting a closed door.
constexpr milliseconds kDrainGrace{500};

}  // namespace

Connection::Connection(FrontContext& context, base::Fd socket, trust::ConnectionFacts facts)
    : context_(context), socket_(std::move(socket)), facts_(std::move(facts)) {}

Connection::~Connection() = default;

void Connection::start() {
  const std::uint32_t events =
      facts_.peer.is_unix ? EPOLLIN | EPOLLRDHUP : EPOLLIN | EPOLLOUT | EPOLLRDHUP;
  if (auto added = context_.loop.add(socket_.get(), *this, events); !added) {
    base::observe::LogLine(*context_.logs[0].error, base::observe::LogLevel::error,
                           "connection.refused")
        .add("error", added.error().detail);
    close();
    return;
  }
  wait_until(context_.loop.now() + context_.model.timeouts.head);
}

void Connection::wait_until(TimePoint at) {
  context_.loop.arm(*this, at);
}

void Connection::on_events(std::uint32_t events) {
  if ((events & (EPOLLIN | EPOLLRDHUP)) != 0) readable_ = true;
  if ((events & EPOLLRDHUP) != 0) peer_closed_ = true;
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) hung_up_ = readable_ = true;
  if ((events & EPOLLOUT) != 0 && !output_.empty()) after_flush();
  if (state_ == State::closed) return;
  if (hung_up_ && state_ != State::reading) {
    close();
    return;
  }
  if (readable_) read_and_process();
}

bool Connection::fill() {
  if (!readable_) return false;
  in_.make_room(context_.buffers);
  const std::size_t room = in_.room_bytes();
  const ssize_t n = ::recv(socket_.get(), in_.room(), room, MSG_DONTWAIT);
  if (n < 0) {
    if (errno == EINTR) return true;
    readable_ = false;
    if (errno != EAGAIN && errno != EWOULDBLOCK) hung_up_ = true;
    return false;
  }
  if (n == 0) {
    peer_closed_ = true;
    readable_ = false;
    return false;
  }
  in_.filled(static_cast<std::size_t>(n));
  // A short read means that the socket is empty, unless the end of the stream is waiting behind the
  // data.
  if (static_cast<std::size_t>(n) < room && !peer_closed_ && !hung_up_) readable_ = false;
  return true;
}

void Connection::read_and_process() {
  for (;;) {
    switch (state_) {
      case State::reading:
      case State::collecting:
        if (!fill()) {
          if (state_ != State::closed && (hung_up_ || (peer_closed_ && !readable_))) {
            close();  // between requests, or in the middle of one that can never be whole
          } else if (in_.empty()) {
            in_.release(context_.buffers);
          }
          return;
        }
        process();
        break;
      case State::running:
        if (wsgi_->wants_input()) wsgi_->read_client();
        return;
      case State::discarding:
      case State::lingering: {
        bool closed = false;
        const std::string_view bytes = read_body_bytes(closed);
        if (closed) {
          close();
          return;
        }
        if (bytes.empty()) return;
        discard(bytes);
        break;
      }
      case State::flushing:
      case State::closed:
        return;
    }
    if (!readable_ || state_ == State::closed) return;
  }
}

std::string_view Connection::read_body_bytes(bool& closed) {
  closed = false;
  if (!readable_) {
    closed = peer_closed_;
    return {};
  }
  for (;;) {
    const ssize_t n =
        ::recv(socket_.get(), context_.relay.data(), context_.relay.size(), MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      readable_ = false;
      return {};
    }
    if (n <= 0) {
      readable_ = false;
      peer_closed_ = closed = true;
      return {};
    }
    if (static_cast<std::size_t>(n) < context_.relay.size() && !peer_closed_ && !hung_up_)
      readable_ = false;
    body_bytes_in_ += static_cast<std::uint64_t>(n);
    return {context_.relay.data(), static_cast<std::size_t>(n)};
  }
}

std::string_view Connection::take_early_body_bytes() {
  const std::string_view early = in_.view().substr(std::min(head_bytes_, in_.size()));
  // The head stays where it is: its views are in use. What is behind it has been taken.
  in_.drop_tail(early.size());
  return early;
}

void Connection::put_back(std::string_view bytes) {
  if (bytes.empty()) return;
  next_bytes_.assign(bytes);
}

std::string_view Connection::inline_body() const noexcept {
  return in_.view().substr(head_bytes_, inline_bytes_);
}

void Connection::send(std::string_view head, std::string_view body, std::string_view tail) {
  if (state_ == State::closed) return;
  if (output_.send(socket_.get(), head, body, tail) == Output::Sent::broken) {
    close();
    return;
  }
  if (output_.empty()) return;
  watch_output(true);
  wait_until(context_.loop.now() + context_.model.timeouts.io);
}

void Connection::watch_output(bool wanted) {
  if (!facts_.peer.is_unix || wanted == output_watched_ || !socket_) return;
  output_watched_ = wanted;
  context_.loop.modify(socket_.get(), *this,
                       wanted ? EPOLLIN | EPOLLOUT | EPOLLRDHUP : EPOLLIN | EPOLLRDHUP);
}

void Connection::send_file(std::shared_ptr<const void> keep, int fd, std::uint64_t offset,
                           std::uint64_t length) {
  if (state_ == State::closed) return;
  output_.set_file(std::move(keep), fd, offset, length);
  after_flush();
}

void Connection::after_flush() {
  const std::uint64_t before = output_.sent_bytes();
  const Output::Sent sent = output_.flush(socket_.get());
  if (sent == Output::Sent::broken) {
    close();
    return;
  }
  watch_output(sent == Output::Sent::blocked);
  if (sent == Output::Sent::blocked) {
    if (output_.sent_bytes() != before || !armed())
      wait_until(context_.loop.now() + context_.model.timeouts.io);
    return;
  }
  context_.loop.disarm(*this);
  if (state_ == State::running) {
    wsgi_->on_output_empty();
  } else if (state_ == State::flushing) {
    finish_request();
    if (state_ == State::reading) process();
  }
}

void Connection::response_complete() {
  state_ = State::flushing;
  if (output_.empty()) finish_request();
  if (state_ == State::reading && !processing_) {
    process();
    if (readable_ && state_ != State::closed) read_and_process();
  }
}

void Connection::finish_request() {
  finish_accounting();
  if (body_unread()) {
    begin_discard();
    return;
  }
  if (!keep_alive_ || context_.draining) {
    linger();
    return;
  }
  in_.used(head_bytes_ + inline_bytes_);
  if (!next_bytes_.empty()) {
    in_.assign(context_.buffers, next_bytes_);
    next_bytes_.clear();
  }
  ready_for_next();
}

void Connection::ready_for_next() {
  state_ = State::reading;
  head_bytes_ = inline_bytes_ = 0;
  parser_.reset();
  in_.release(context_.buffers);
  head_started_ = TimePoint::max();
  wait_until(context_.loop.now() + context_.model.timeouts.keep_alive);
}

void Connection::begin_discard() {
  // Bytes that came with the head first, then what the socket still holds.
  state_ = State::discarding;
  discard_budget_ = kDiscardBytes;
  discarded_chunks_.reset();
  body_left_ = head_.content_length;
  const bool hopeless =
      !keep_alive_ || (head_.body == BodyKind::length && body_left_ > kDiscardBytes);
  const std::string early(in_.view().substr(std::min(head_bytes_, in_.size())));
  in_.used(in_.size());
  if (hopeless) {
    linger();
    return;
  }
  wait_until(context_.loop.now() + context_.model.timeouts.io);
  if (!early.empty()) discard(early);
}

void Connection::discard(std::string_view bytes) {
  discard_budget_ -= std::min<std::uint64_t>(discard_budget_, bytes.size());
  if (state_ == State::lingering) {
    if (discard_budget_ == 0) close();
    return;
  }
  std::size_t used = 0;
  bool ended = false;
  if (head_.body == BodyKind::length) {
    used = static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, bytes.size()));
    body_left_ -= used;
    ended = body_left_ == 0;
  } else {
    while (used < bytes.size() && !ended) {
      const auto step = discarded_chunks_.next(bytes.substr(used));
      used += step.consumed;
      ended = step.status == base::http::ChunkedDecoder::Status::end;
      if (step.status == base::http::ChunkedDecoder::Status::error) {
        linger();
        return;
      }
    }
  }
  if (ended) {
    in_.assign(context_.buffers, bytes.substr(used));
    ready_for_next();
    if (!processing_) process();
  } else if (discard_budget_ == 0) {
    linger();
  }
}

void Connection::linger() {
  if (state_ == State::closed) return;
  state_ = State::lingering;
  discard_budget_ = kLingerBytes;
  in_.used(in_.size());
  in_.release(context_.buffers);
  if (!body_unread() || peer_closed_ || ::shutdown(socket_.get(), SHUT_WR) != 0) {
    close();
    return;
  }
  wait_until(context_.loop.now() + kLingerTime);
}

void Connection::truncate() {
  if (state_ == State::closed) return;
  // An HTTP/1.0 client knows the end of the body by the end of the connection: only a reset tells
  // it the truth.
  const struct linger reset { 1, 0 };
  if (head_.version_minor == 0)
    (void)::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  finish_accounting();
  close();
}

void Connection::on_deadline() {
  switch (state_) {
    case State::reading:
      if (in_.empty()) {
        close();
      } else {
        context_.metrics.front(context_.front).bad_requests[metrics::BadRequest::timeout].add();
        keep_alive_ = false;
        refuse_head(408, "timeout reading the request head");
      }
      return;
    case State::collecting:
      keep_alive_ = false;
      body_taken_ = false;
      send_error(408, "timeout reading the request body", base::observe::LogLevel::info);
      return;
    case State::running:
      if (!output_.empty()) {
        base::observe::LogLine(*context_.logs[mapped_.host_index].error,
                               base::observe::LogLevel::info, "client.slow")
            .add("target", head_.target);
        close();
      } else {
        wsgi_->body_timeout();
      }
      return;
    case State::flushing:
    case State::discarding:
    case State::lingering:
    case State::closed:
      close();
      return;
  }
}

void Connection::drain() {
  keep_alive_ = false;
  if (state_ != State::reading || !in_.empty()) return;
  if (requests_ == 0) {
    close();
  } else {
    wait_until(context_.loop.now() + kDrainGrace);
  }
}

void Connection::close() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  context_.loop.disarm(*this);
  if (wsgi_) wsgi_->cancel();
  if (socket_) {
    context_.loop.remove(socket_.get(), *this);
    socket_.reset();
  }
  forget_connection(context_, *this);
}

}  // namespace appserver::net
