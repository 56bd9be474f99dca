// SPDX-License-Identifier: Apache-2.0
// What Python needs of the transport for one request. Implemented by daemon/worker (the channel)
// and by a fake in tests. Functions are called on the request's thread, with two exceptions: an
// application may hand wsgi.input or write() to a helper thread of its own, so `read_body` and the
// writing functions may come from there; never two reads or two writes at once, but a read beside a
// write. finish, fail and reject come last, from the request's thread, when no helper is inside.
// Those marked *blocks* are called without the GIL.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace appserver::wsgi {

struct HeaderView {
  std::string_view name;
  std::string_view value;  ///< latin-1 bytes
};

/// How the end of a response is told to the client.
enum class End : std::uint8_t {
  complete,
  truncated,  ///< HTTP/1.1: close without last chunk; HTTP/2: RST_STREAM
};

class Exchange {
 public:
  /// This process runs the request: called once, after the script was found fresh and before the
  /// application (a client that waits for 100 Continue gets it now: wsgi-hosting 4.9). Only for
  /// BodyMode::stream.
  virtual void accepted() {}

  // --- request body (BodyMode::stream only; inline bodies are read from the message) ---
  /// *Blocks* until at least one byte, the end or an error. Returns 0 at the end of a complete
  /// body. Errors: peer_closed (client gone, bad chunking), timeout, too_large (LimitRequestBody
  /// while reading).
  virtual base::Result<std::size_t> read_body(std::span<char> into) = 0;

  // --- response ---
  /// Gives status and headers; nothing is sent yet. Called once, before the first `write` (the
  /// layer above has already let a second start_response replace the first). `reason` may be empty.
  /// Names and values were checked (PEP 3333).
  virtual void set_head(int status, std::string_view reason,
                        std::span<const HeaderView> headers) = 0;
  /// Takes body bytes without blocking; returns how many it took (possibly fewer: then
  /// `write_blocking` the rest). Error peer_closed: the client is gone, nothing more will be taken.
  virtual base::Result<std::size_t> write(std::string_view data) = 0;
  /// *Blocks* until all is taken or the client is gone.
  virtual base::Result<> write_blocking(std::string_view data) = 0;
  /// Sends what was written so far to the client now. Cheap when it went out already. May block
  /// briefly: call without the GIL.
  virtual void flush() = 0;
  /// Hands a regular file over: `length` bytes from `offset` become the whole body. The descriptor
  /// stays the caller's.
  virtual base::Result<> send_file(int fd, std::uint64_t offset, std::uint64_t length) = 0;
  /// Ends the response. Without a head before it: `truncated` means that the front answers 500 (or
  /// the one of `fail`).
  virtual void finish(End end) = 0;
  /// Instead of a response: the front makes an error page with this status (500, 502, 503, 504,
  /// 404, 413).
  virtual void fail(int status) = 0;
  /// Instead of a response: this process must not run it; another one will (script changed:
  /// wsgi-hosting 6.2).
  virtual void reject() = 0;

  [[nodiscard]] virtual bool head_sent() const noexcept = 0;
  /// The client is known to be gone.
  [[nodiscard]] virtual bool aborted() const noexcept = 0;

 protected:
  ~Exchange() = default;
};

}  // namespace appserver::wsgi
