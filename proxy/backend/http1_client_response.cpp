// SPDX-License-Identifier: Apache-2.0
// The response's way in: received straight into the exchange's pipe, framing taken off in place.
#include "proxy/backend/http1_client.hpp"
#include "proxy/backend/limits.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>

namespace proxy::backend {

using base::http::BodyKind;
using base::http::ChunkedDecoder;
using base::http::ParseStatus;
using metrics::BackendFailure;

namespace {
constexpr base::http::HeadLimits kLimits{65'536, 65'536, 200, 65'536};
}

void Http1Client::on_next_turn() {
  if (exchange_ != nullptr) read_response();
}

void Http1Client::on_response_taken() {
  if (!paused_ || exchange_->response.room() < exchange::BodyPipe::kResumeBytes) return;
  paused_ = false;
  arm_backend_timeout();
  read_response();
}

void Http1Client::read_response() {
  while (exchange_ != nullptr && readable_) {
    exchange::BodyPipe& body = exchange_->response;
    if (body.room() == 0) {
      if (!head_done_) return fail(BackendFailure::protocol, 502, "backend.head_too_large");
      paused_ = true;
      pool_.loop_.disarm(*this);
      return;
    }
    if (!share_.left(pool_.loop_.now())) return pool_.next_turn_.ask(*this);
    const std::size_t wanted =
        std::min(body.room(), large_ ? exchange::BodyPipe::kLimitBytes : kFirstReadBytes);
    const auto into = body.buffer.reserve(wanted).first(wanted);
    const ssize_t got = ::recv(fd_.get(), into.data(), into.size(), 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) {
        readable_ = false;
        if (write_failed_) return retry_or_fail();
        return;
      }
      hung_up_ = true;
      if (head_done_ && head_.body == BodyKind::until_close)
        return fail(BackendFailure::closed, 502, "backend.reset");
      return on_end_of_input();
    }
    if (got == 0) return on_end_of_input();
    const auto bytes = static_cast<std::size_t>(got);
    share_.use(bytes);
    large_ |= bytes == wanted;
    // A short read has emptied the socket, unless its end follows.
    if (bytes < wanted && !hung_up_) readable_ = false;
    got_bytes_ = true;
    arm_backend_timeout();
    body.buffer.commit(bytes);
    on_received(bytes);
  }
}

void Http1Client::on_received(std::size_t bytes) {
  if (!head_done_) {
    if (!read_heads() || !head_done_) return;
    bytes = exchange_->response.buffer.size();
  }
  on_body(bytes);
}

bool Http1Client::read_heads() {
  auto& buffer = exchange_->response.buffer;
  while (!head_done_ && !buffer.empty()) {
    switch (parser_.parse(buffer.view(), kLimits, exchange_->head.method, head_)) {
      case ParseStatus::incomplete:
        return true;
      case ParseStatus::error:
        fail(BackendFailure::protocol, 502, "backend.bad_head");
        return false;
      case ParseStatus::complete:
        break;
    }
    if (head_.status == 101) {  // nobody asked for it: Upgrade is never passed on
      fail(BackendFailure::protocol, 502, "backend.upgrade");
      return false;
    }
    if (head_.status < 200) {
      exchange_->front->on_interim(head_);
      buffer.consume(parser_.consumed());
      parser_.reset();
      head_.clear();
      continue;
    }
    head_done_ = true;
    body_left_ = head_.body == BodyKind::length ? head_.content_length : 0;
    exchange_->status = head_.status;
    exchange_->response_started = true;
    exchange_->front->on_response_head(head_);
    buffer.consume(parser_.consumed());
  }
  return true;
}

// The last `bytes` of the pipe came just now.
void Http1Client::on_body(std::size_t bytes) {
  auto& buffer = exchange_->response.buffer;
  bool ended = false;
  switch (head_.body) {
    case BodyKind::none:
      ended = true;
      reusable_ &= bytes == 0;
      buffer.drop_tail(bytes);
      break;
    case BodyKind::length:
      if (bytes > body_left_) {  // more than it announced: nothing after it can be believed
        buffer.drop_tail(bytes - static_cast<std::size_t>(body_left_));
        bytes = static_cast<std::size_t>(body_left_);
        reusable_ = false;
      }
      body_left_ -= bytes;
      ended = body_left_ == 0;
      break;
    case BodyKind::chunked:
      if (!decode_chunks(bytes, ended))
        return fail(BackendFailure::protocol, 502, "backend.bad_chunk");
      break;
    case BodyKind::until_close:
      reusable_ = false;
      break;
  }
  if (ended) return finish();
  exchange_->front->on_response_progress();
}

bool Http1Client::decode_chunks(std::size_t bytes, bool& ended) {
  auto& buffer = exchange_->response.buffer;
  const auto fresh = buffer.mutable_view().last(bytes);
  std::size_t in = 0;
  std::size_t out = 0;
  while (in < bytes) {
    const auto step = decoder_.next({fresh.data() + in, bytes - in});
    if (step.status == ChunkedDecoder::Status::error) {
      buffer.drop_tail(bytes - out);
      return false;
    }
    if (!step.data.empty()) {
      if (step.data.data() != fresh.data() + out)
        std::memmove(fresh.data() + out, step.data.data(), step.data.size());
      out += step.data.size();
    }
    in += step.consumed;
    if (step.status == ChunkedDecoder::Status::end) {
      ended = true;
      reusable_ &= in == bytes;
      break;
    }
    if (step.status == ChunkedDecoder::Status::need_more) break;
  }
  buffer.drop_tail(bytes - out);
  return true;
}

void Http1Client::on_end_of_input() {
  if (!got_bytes_) return retry_or_fail();
  if (head_done_ && head_.body == BodyKind::until_close) {
    reusable_ = false;
    return finish();
  }
  fail(BackendFailure::closed, 502, "backend.truncated");
}

// The response is whole. An upload that still runs is not waited for: the connection cannot be used
// again then.
void Http1Client::finish() {
  const bool keep = reusable_ && head_.keep_alive && upload_done() && !hung_up_;
  exchange::Exchange& exchange = detach();
  exchange.response.end();
  if (keep) {
    reused_ = true;
    state_ = State::idle;
    pool_.loop_.arm(*this, pool_.loop_.now() + kIdleTimeout);
    pool_.rest(*this);
    if (state_ == State::idle) watch_writable(false);
  } else {
    close();
  }
  exchange.front->on_response_progress();
}

}  // namespace proxy::backend
