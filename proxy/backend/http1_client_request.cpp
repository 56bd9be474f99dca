// SPDX-License-Identifier: Apache-2.0
// The request's way out: head, body pieces and chunk framing in one gather write.
#include "base/http/chunked.hpp"
#include "proxy/backend/http1_client.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <sys/uio.h>

namespace proxy::backend {

namespace {
constexpr std::string_view kAfterChunk = "\r\n";
constexpr std::string_view kAfterLastChunk = "\r\n0\r\n\r\n";
constexpr std::string_view kLastChunk = "0\r\n\r\n";
}  // namespace

void Http1Client::on_request_progress() {
  write_request();
}

bool Http1Client::upload_done() const noexcept {
  return head_sent_ == exchange_->backend_head.size() && exchange_->request.finished() &&
         lead_.empty() && piece_left_ == 0 && tail_.empty() &&
         (!exchange_->request_chunked || last_chunk_staged_);
}

// Decides what follows the piece that was sent whole.
void Http1Client::stage_piece() {
  if (!lead_.empty() || piece_left_ > 0 || !tail_.empty()) return;
  const auto& request = exchange_->request;
  piece_left_ = request.buffer.size();
  if (!exchange_->request_chunked || last_chunk_staged_) return;
  if (piece_left_ > 0) {
    lead_ = {lead_text_.data(), base::http::write_chunk_size(lead_text_.data(), piece_left_)};
    tail_ = request.ended() ? kAfterLastChunk : kAfterChunk;
    last_chunk_staged_ = request.ended();
  } else if (request.ended()) {
    lead_ = kLastChunk;
    last_chunk_staged_ = true;
  }
}

void Http1Client::write_request() {
  if (state_ != State::active || write_blocked_ || write_failed_) return;
  for (;;) {
    stage_piece();
    const std::array<std::string_view, 4> parts{
        std::string_view(exchange_->backend_head).substr(head_sent_), lead_,
        exchange_->request.buffer.view().substr(0, piece_left_), tail_};
    std::array<iovec, 4> pieces{};
    std::size_t count = 0;
    std::size_t total = 0;
    for (const std::string_view part : parts) {
      if (part.empty()) continue;
      pieces[count++] = {const_cast<char*>(part.data()), part.size()};  // sendmsg only reads
      total += part.size();
    }
    if (total == 0) break;
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = count;
    const ssize_t sent = ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return on_write_error();
      write_blocked_ = true;
      watch_writable(true);
      return;
    }
    account_sent(static_cast<std::size_t>(sent));
    if (!paused_) arm_backend_timeout();
    if (static_cast<std::size_t>(sent) < total) {
      write_blocked_ = true;
      watch_writable(true);
      return;
    }
  }
  // Everything there is was sent. While the client owes the rest of its body, its side keeps the
  // time.
  if (!exchange_->request.ended() && !head_done_) pool_.loop_.disarm(*this);
}

void Http1Client::account_sent(std::size_t bytes) {
  sent_bytes_ += bytes;
  const auto use = [&bytes](std::size_t size) {
    const std::size_t used = std::min(bytes, size);
    bytes -= used;
    return used;
  };
  head_sent_ += use(exchange_->backend_head.size() - head_sent_);
  lead_.remove_prefix(use(lead_.size()));
  const std::size_t body = use(piece_left_);
  piece_left_ -= body;
  tail_.remove_prefix(use(tail_.size()));
  if (body == 0) return;
  exchange_->request.take(body);
  exchange_->front->on_request_taken(body);
}

// The backend reads no more. It may have answered before it closed (413, say): that answer counts.
void Http1Client::on_write_error() {
  write_failed_ = true;
  reusable_ = false;
  readable_ = hung_up_ = true;
  read_response();
}

void Http1Client::watch_writable(bool wanted) {
  if (!is_unix_ || watching_writable_ == wanted) return;
  watching_writable_ = wanted;
  pool_.loop_.remove(fd_.get(), *this);
  // Registering anew reports what is ready now, so nothing is missed between the two.
  if (!pool_.loop_.add(fd_.get(), *this, interest()) && exchange_ != nullptr)
    fail(metrics::BackendFailure::closed, 502, "backend.watch");
}

}  // namespace proxy::backend
