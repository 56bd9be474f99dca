// SPDX-License-Identifier: Apache-2.0
// The request's body as bytes, wherever it comes from. No Python in it: wsgi.input gives it its
// face. Source: wsgi-hosting 4.7.
#pragma once

#include "appserver/daemon/request_message.hpp"
#include "appserver/wsgi/exchange.hpp"
#include "base/result.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace appserver::wsgi {

class BodyReader {
 public:
  static constexpr std::size_t kBufferBytes =
      std::size_t{16} * 1024;  ///< for lines and small reads

  void begin(const daemon::RequestMessage& message, Exchange& exchange) noexcept;

  /// Bytes at hand without blocking.
  [[nodiscard]] std::string_view at_hand() const noexcept { return at_hand_; }
  void consume(std::size_t bytes) noexcept { at_hand_.remove_prefix(bytes); }
  /// True when nothing will follow what is at hand.
  [[nodiscard]] bool last() const noexcept { return exchange_ == nullptr; }
  /// How many bytes follow what is at hand, as far as the client said; -1: it did not.
  [[nodiscard]] std::int64_t expected() const noexcept { return expected_; }

  /// *Blocks* until more bytes are at hand or the end; nothing may be at hand before.
  base::Result<> fill();
  /// *Blocks* for bytes that go straight to the caller; nothing may be at hand before. 0: the end.
  base::Result<std::size_t> read(std::span<char> into);
  /// Set after an error, which every later read repeats.
  [[nodiscard]] const std::string& error() const noexcept { return error_; }
  [[nodiscard]] bool too_large() const noexcept { return too_large_; }

  /// The response is on its way: the exchange brings no more of the body.
  void stop(std::string_view why);

  // Applications may read on a helper thread. The request's thread must not end while it does.
  [[nodiscard]] bool busy() const noexcept { return busy_.load(std::memory_order_relaxed); }
  void set_busy(bool busy) noexcept {
    busy_.store(busy);
    if (!busy) busy_.notify_all();
  }
  /// *Blocks* while a read runs on another thread.
  void wait_until_idle() const noexcept { busy_.wait(true); }

 private:
  Exchange* exchange_ = nullptr;  // null: no more to read
  std::string_view at_hand_;
  std::int64_t expected_ = 0;
  std::unique_ptr<char[]> buffer_;  // made when first needed
  std::string error_;
  bool too_large_ = false;
  std::atomic<bool> busy_ = false;
};

}  // namespace appserver::wsgi
