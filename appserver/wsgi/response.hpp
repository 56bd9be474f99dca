// SPDX-License-Identifier: Apache-2.0
// The state of one response between start_response and the exchange: what was announced, what was
// committed, how many bytes went out. Decides what is sent and what is held back (HEAD, 204, 304,
// Content-Length). Sources: PEP 3333 "The start_response() Callable"; wsgi-hosting 4.9, 4.11.
#pragma once

#include "appserver/wsgi/exchange.hpp"
#include "appserver/wsgi/gil.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace appserver::wsgi {

/// What became of a piece of body.
enum class Took : std::uint8_t {
  ok,
  client_gone,  ///< nothing more will be taken
  raised,       ///< a Python exception is set
};

class Response {
 public:
  void begin(Exchange& exchange, bool head_request, std::int64_t begin_us);

  // --- start_response ---
  [[nodiscard]] bool started() const noexcept { return status_ != 0; }
  /// Status and fields can no longer be replaced.
  [[nodiscard]] bool committed() const noexcept { return committed_; }
  /// Forgets fields announced before.
  void start(int status, std::string_view reason);
  /// Adds a checked field; those that are the server's own business are dropped here.
  void add_field(std::string_view name, std::string_view value);

  // --- body ---
  enum class Flush : std::uint8_t { never, by_rule };
  /// Takes one non-empty piece. Flush::by_rule: the first piece goes out at once when the
  /// application was slow, every later one always.
  Took write(const Gil& gil, std::string_view data, Flush flush);
  /// Gives status and fields to the exchange if that was not done yet; false with an exception set
  /// when it cannot be.
  bool commit(const Gil& gil);
  /// A regular file as the whole body, instead of pieces.
  Took send_file(const Gil& gil, int fd, std::uint64_t offset, std::uint64_t available);

  /// True when the client was promised more bytes than it got.
  [[nodiscard]] bool short_of_length() const noexcept;
  [[nodiscard]] std::int64_t content_length() const noexcept { return content_length_; }
  [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }
  [[nodiscard]] bool client_gone() const noexcept { return client_gone_; }

  // write() may be called on a helper thread. The request's thread must not end while it is.
  [[nodiscard]] bool busy() const noexcept { return busy_.load(std::memory_order_relaxed); }
  void set_busy(bool busy) noexcept {
    busy_.store(busy);
    if (!busy) busy_.notify_all();
  }
  void wait_until_idle() const noexcept { busy_.wait(true); }

 private:
  enum class Kind : std::uint8_t { other, content_type, content_length };
  struct Field {
    std::uint32_t name_at, name_size, value_at, value_size;
    Kind kind;
  };
  [[nodiscard]] bool sends_body() const noexcept;
  bool parse_content_length();
  void set_head();
  [[nodiscard]] std::string_view text(std::uint32_t at, std::uint32_t size) const {
    return std::string_view(texts_).substr(at, size);
  }

  Exchange* exchange_ = nullptr;
  std::string texts_;  // of reason and fields; keeps its memory from request to request
  std::vector<Field> fields_;
  std::vector<HeaderView> views_;
  std::uint32_t reason_size_ = 0;
  int status_ = 0;  // 0: start_response was not called
  bool head_request_ = false;
  bool committed_ = false;
  bool client_gone_ = false;
  bool wrote_ = false;
  std::int64_t begin_us_ = 0;
  std::int64_t content_length_ = -1;  // -1: none
  std::uint64_t sent_ = 0;            // counted for HEAD too
  std::atomic<bool> busy_ = false;
};

/// Wall clock in microseconds: what request times, flush rule and script checks share.
std::int64_t now_us() noexcept;

}  // namespace appserver::wsgi
