// SPDX-License-Identifier: Apache-2.0
// A client that sends exactly the bytes it is told to: whole, in pieces, or half, over TCP or a
// Unix socket.
#pragma once

#include "base/fd.hpp"
#include "base/net/endpoint.hpp"
#include "tests/support/http_response.hpp"
#include "tests/support/process.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace tests::support {

class RawClient {
 public:
  /// Connects; throws when nobody listens.
  explicit RawClient(const base::net::Endpoint& endpoint);

  /// Sends all of it; false when the other end has closed.
  bool send(std::string_view bytes, std::chrono::milliseconds patience = kPatience);
  /// Sends one byte per segment: every boundary inside `bytes` is met.
  bool send_bytewise(std::string_view bytes);
  /// Sends what goes in without waiting; returns the number of bytes taken by the kernel.
  std::size_t send_available(std::string_view bytes);
  /// No more will be sent; the other direction stays open.
  void half_close();
  /// Ends the connection by a reset (TCP only; a Unix socket is just closed).
  void reset();
  void close() { fd_.reset(); }
  /// Small buffers in the kernel, so that a reader that stalls is felt at once.
  void shrink_receive_buffer(int bytes);

  /// Reads at least one byte; "" at the end of the stream. Throws at the deadline.
  std::string receive(std::chrono::milliseconds patience = kPatience);
  /// Reads until `text` has come; returns all up to its end. Throws at the deadline and at the end
  /// of the stream.
  std::string receive_until(std::string_view text, std::chrono::milliseconds patience = kPatience);
  /// Everything up to the end of the stream. Throws at the deadline.
  std::string receive_all(std::chrono::milliseconds patience = kPatience);
  /// One response; 1xx ones are returned too. Bytes behind it are kept for the next call. Throws at
  /// the deadline.
  HttpResponse read_response(bool head_request = false,
                             std::chrono::milliseconds patience = kPatience);
  /// True when the other end closes (or resets) within `patience`, whatever bytes come before.
  bool closed_by_peer(std::chrono::milliseconds patience = kPatience);
  /// True when nothing arrives and nothing closes for that long.
  bool silent_for(std::chrono::milliseconds duration);

  [[nodiscard]] int fd() const { return fd_.get(); }
  /// Bytes read and not handed out.
  [[nodiscard]] const std::string& pending() const { return buffer_; }

 private:
  /// Waits for input, appends it to the buffer. False at the end of the stream; throws at the
  /// deadline.
  bool fill(std::chrono::steady_clock::time_point deadline);
  [[nodiscard]] bool wait_readable(std::chrono::steady_clock::time_point deadline) const;

  base::Fd fd_;
  std::string buffer_;
  bool end_of_stream_ = false;
};

/// One request on a connection of its own, `Connection: close` added. `head` holds further fields,
/// each with CRLF.
HttpResponse fetch(const base::net::Endpoint& endpoint, std::string_view method,
                   std::string_view target, std::string_view head = {}, std::string_view body = {});
/// GET of `target` with `Host: localhost`.
HttpResponse get(const base::net::Endpoint& endpoint, std::string_view target,
                 std::string_view head = {});

}  // namespace tests::support
