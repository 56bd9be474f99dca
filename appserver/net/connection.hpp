// SPDX-License-Identifier: Apache-2.0
// One client connection: reads heads, asks mapping what they mean, lets a handler answer, keeps
// alive or closes. Stage 1 and last of the path. One thread; owned by FrontContext::connections.
#pragma once

#include "appserver/mapping/mapper.hpp"
#include "appserver/net/front_context.hpp"
#include "appserver/net/input_buffer.hpp"
#include "appserver/net/output.hpp"
#include "appserver/net/response_head.hpp"
#include "appserver/trust/client_identity.hpp"
#include "base/fd.hpp"
#include "base/http/chunked.hpp"
#include "base/http/head.hpp"
#include "base/net/event_loop.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace appserver::net {

class WsgiExchange;

class Connection final : public base::net::EventHandler, public base::net::Deadline {
 public:
  Connection(FrontContext& context, base::Fd socket, trust::ConnectionFacts facts);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Registers with the loop; data may be waiting already.
  void start();
  void on_events(std::uint32_t events) override;
  void on_deadline() override;
  /// The server stops or its configuration was replaced: close when idle, else after the running
  /// response.
  void drain();

  // --- for the exchange that answers the current request ---
  [[nodiscard]] FrontContext& context() noexcept { return context_; }
  [[nodiscard]] const base::http::RequestHead& head() const noexcept { return head_; }
  [[nodiscard]] const mapping::MapResult& mapped() const noexcept { return mapped_; }
  [[nodiscard]] std::string_view connection_id();
  [[nodiscard]] std::string_view request_id();
  [[nodiscard]] std::int64_t start_us() const noexcept { return start_us_; }
  /// The inline body, once it is complete.
  [[nodiscard]] std::string_view inline_body() const noexcept;
  [[nodiscard]] bool keep_alive() const noexcept { return keep_alive_; }
  void refuse_keep_alive() noexcept { keep_alive_ = false; }
  [[nodiscard]] bool output_waits() const noexcept { return !output_.empty(); }
  /// Notes what the response is, for logs and metrics.
  void note_status(int status) noexcept { status_ = status; }
  void note_body_bytes(std::uint64_t bytes) noexcept { body_bytes_out_ += bytes; }
  void note_fields(std::string_view fields);
  void send(std::string_view head, std::string_view body = {}, std::string_view tail = {});
  void send_file(std::shared_ptr<const void> keep, int fd, std::uint64_t offset,
                 std::uint64_t length);
  /// All of the response has been given to `send`.
  void response_complete();
  /// Answers with a built-in page. Only when nothing of a response was sent.
  void send_error(int status, std::string_view detail, base::observe::LogLevel level);
  /// Ends the connection so that the client sees that the response is not whole.
  void truncate();
  /// Reads the next piece of a streamed body into the context's scratch; empty: nothing there now,
  /// or `closed`.
  std::string_view read_body_bytes(bool& closed);
  /// Body bytes that arrived with the head, then none.
  std::string_view take_early_body_bytes();
  /// What was read beyond the body: the next request's.
  void put_back(std::string_view bytes);
  void await_body() { wait_until(context_.loop.now() + context_.model.timeouts.io); }
  void stop_waiting() { context_.loop.disarm(*this); }

 private:
  enum class State : std::uint8_t {
    reading,     ///< a head
    collecting,  ///< a small body that travels with the request
    running,     ///< the application
    flushing,    ///< the response's last bytes
    discarding,  ///< a body that nobody wanted
    lingering,   ///< the response is sent, the rest of the request must not reset it
    closed,
  };
  void wait_until(base::net::TimePoint at);
  /// EPOLLOUT for Unix sockets, which would report it all the time otherwise.
  void watch_output(bool wanted);
  void read_and_process();
  bool fill();  ///< one recv into in_; false: nothing came
  void process();
  void begin_request();
  void answer_target();
  void answer_static(const mapping::StaticTarget& target);
  void answer_wsgi(const mapping::WsgiTarget& target);
  void start_wsgi(bool streamed);
  void answer_plain(int status, std::string_view fields, std::string_view body);
  void parse_failed();
  void refuse_head(int status, std::string_view detail);
  void finish_request();
  void finish_accounting();
  void ready_for_next();
  void after_flush();
  void begin_discard();
  void discard(std::string_view bytes);
  void linger();
  void close();
  void write_access_log(std::int64_t duration_us);
  [[nodiscard]] bool body_unread() const noexcept;

  FrontContext& context_;
  base::Fd socket_;
  trust::ConnectionFacts facts_;
  State state_ = State::reading;
  InputBuffer in_;
  base::http::RequestParser parser_;
  base::http::RequestHead head_;
  mapping::MapResult mapped_;
  Output output_;
  std::unique_ptr<WsgiExchange> wsgi_;
  std::string connection_id_;
  std::string request_id_;
  std::string logged_fields_;
  std::string next_bytes_;  // read beyond a streamed body: the next request's
  base::http::ChunkedDecoder discarded_chunks_;
  std::size_t head_bytes_ = 0;    // of the current request, in in_
  std::size_t inline_bytes_ = 0;  // of a body that travels with the request, behind the head
  std::uint64_t body_left_ = 0;   // of a body being discarded
  std::uint64_t discard_budget_ = 0;
  std::uint64_t body_bytes_out_ = 0;
  std::uint64_t body_bytes_in_ = 0;
  base::net::TimePoint start_;
  base::net::TimePoint head_started_ =
      base::net::TimePoint::max();  // of a head that is not whole yet
  std::int64_t start_us_ = 0;
  std::uint32_t requests_ = 0;
  int status_ = 0;
  bool keep_alive_ = true;
  bool readable_ = false;  // the socket may hold bytes that were not read
  bool peer_closed_ = false;
  bool hung_up_ = false;
  bool output_watched_ = false;
  bool processing_ = false;
  bool body_taken_ = false;  // somebody read the request body to its end
  bool accounted_ = true;    // the current request stands in metrics and log
  std::size_t index_ = 0;    // in FrontContext::connections
  friend void adopt_connection(FrontContext&, std::unique_ptr<Connection>);
  friend void forget_connection(FrontContext&, Connection&);
};

}  // namespace appserver::net
