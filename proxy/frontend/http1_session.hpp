// SPDX-License-Identifier: Apache-2.0
// HTTP/1.0 and 1.1 to a client: one exchange at a time, pipelined requests wait in the buffer.
#pragma once

#include "base/http/chunked.hpp"
#include "base/http/head.hpp"
#include "proxy/exchange/exchange.hpp"
#include "proxy/frontend/connection.hpp"
#include "proxy/frontend/gateway.hpp"
#include "proxy/frontend/session.hpp"
#include "proxy/memory/byte_buffer.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace proxy::frontend {

class Http1Session final : public Session, private exchange::Front {
 public:
  explicit Http1Session(Connection& connection);
  ~Http1Session() override;

  void on_input() override;
  void on_turn_end() override;
  void on_hang_up() override;
  [[nodiscard]] base::net::TimePoint deadline() const override;
  void on_deadline() override;
  void drain() override;

 private:
  enum class Phase : std::uint8_t {
    head,      ///< between requests or in a head
    body,      ///< the request's body is being read
    response,  ///< the request is whole
  };
  enum class Framing : std::uint8_t { none, length, chunked, until_close };

  // Front
  void on_interim(const base::http::ResponseHead& head) override;
  void on_response_head(const base::http::ResponseHead& head) override;
  void on_response_progress() override;
  void on_request_taken(std::size_t bytes) override;
  void on_failure(const exchange::Failure& failure) override;

  // http1_session.cpp: input
  bool step_head();
  bool step_body();
  bool fill_input();
  void begin_request();
  void end_request_body();
  bool take_length_body();
  bool take_chunked_body();
  void on_end_of_input();
  void refuse(int status, const char* reason);
  // http1_response.cpp: output
  void append_head(const base::http::ResponseHead& head, bool final);
  void produce();
  void produce_body();
  void complete();

  Connection& connection_;
  Gateway gateway_;
  memory::ByteBuffer in_;
  memory::ByteBuffer heads_;  // response heads not yet given to the transport
  base::http::RequestParser parser_;
  base::http::ChunkedDecoder decoder_;
  std::unique_ptr<exchange::Exchange> exchange_;  // from the first byte of a request on
  Phase phase_ = Phase::head;
  Framing framing_ = Framing::none;
  std::uint64_t body_left_ = 0;
  std::uint64_t body_bytes_ = 0;
  base::net::TimePoint since_;  // when the present wait for the client began
  bool first_ = true;
  bool keep_alive_ = true;
  bool input_ended_ = false;
  bool after_chunk_ = false;  // the CRLF behind a chunk's data is owed
};

}  // namespace proxy::frontend
