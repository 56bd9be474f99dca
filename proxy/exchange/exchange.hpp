// SPDX-License-Identifier: Apache-2.0
// One request and its response, free of the protocol version the client speaks.
// A frontend (HTTP/1 session or HTTP/2 stream) fills the request and takes the response; a backend
// connection does the opposite. Both touch it in one thread only.
#pragma once

#include "base/http/head.hpp"
#include "proxy/exchange/body_pipe.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace proxy::exchange {

class Exchange;

/// Why no (whole) response came.
struct Failure {
  int status = 502;         ///< what the client is told when nothing was sent yet: 502, 503 or 504
  const char* reason = "";  ///< fixed word for the log, e.g. "backend.connect"
};

/// The client's side. Calls only note what happened and ask for the end of the turn: an
/// implementation neither writes to its socket nor ends the exchange inside one, so a backend may
/// call at any moment.
class Front {
 public:
  /// An interim response (1xx but 101); views hold during the call.
  virtual void on_interim(const base::http::ResponseHead& head) = 0;
  /// The final head; `exchange.response` follows. Views hold during the call.
  virtual void on_response_head(const base::http::ResponseHead& head) = 0;
  /// Bytes entered `exchange.response`, or it ended.
  virtual void on_response_progress() = 0;
  /// The backend took bytes out of `exchange.request`.
  virtual void on_request_taken(std::size_t bytes) = 0;
  /// No more will come; the backend has let go of the exchange. After the head: the response is cut
  /// short.
  virtual void on_failure(const Failure& failure) = 0;

 protected:
  ~Front() = default;
};

/// The backend's side.
class Back {
 public:
  /// Bytes entered `exchange.request`, or it ended.
  virtual void on_request_progress() = 0;
  /// The frontend took bytes out of `exchange.response`.
  virtual void on_response_taken() = 0;
  /// The frontend gives up: let go of the exchange at once.
  virtual void on_abort() = 0;

 protected:
  ~Back() = default;
};

class Exchange {
 public:
  // The request. `head` has views into `head_text`.
  std::string head_text;
  base::http::RequestHead head;
  std::string_view protocol = "HTTP/1.1";  ///< what the client speaks
  std::string_view path, query;            ///< parts of head.target, for logs
  BodyPipe request;
  /// The head for the backend, kept until the response begins: a stale connection may need it
  /// twice.
  std::string backend_head;
  bool request_chunked = false;  ///< framing towards the backend

  // The response.
  BodyPipe response;
  int status = 0;                 ///< final status, once known
  bool response_started = false;  ///< the final head was passed to the front

  Front* front = nullptr;
  Back* back = nullptr;

  // For logs and metrics.
  std::uint32_t host = 0;  ///< index of the virtual host
  std::int64_t start_us = 0;
  std::chrono::steady_clock::time_point started{};
  std::string request_id;
  std::string response_fields;  ///< raw lines, filled only if a log wants them
  std::uint32_t keep_alive_count = 0;
  std::uint64_t head_bytes_out = 0;  ///< response heads sent to the client
  char connection_status = '-';      ///< %X: `X` cut short, `+` kept alive, `-` closed afterwards

  std::chrono::milliseconds backend_timeout{60'000};
  bool retried = false;

  /// Ready for the next request; small blocks are kept.
  void reset();

  /// Tells the backend that the request has grown or ended.
  void request_progress() {
    if (back != nullptr) back->on_request_progress();
  }
  void response_taken() {
    if (back != nullptr) back->on_response_taken();
  }
  /// Cuts the exchange off its backend, if there is one still.
  void abort_backend() {
    if (back != nullptr) back->on_abort();
  }
  /// Fixes the views of `head` after its text was copied from `old_text` to `head_text`.
  void adopt_head_text(std::string_view old_text);
};

}  // namespace proxy::exchange
