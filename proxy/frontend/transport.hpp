// SPDX-License-Identifier: Apache-2.0
// A client's socket, in the clear or under TLS, as bytes in and bytes out: one recv and one send a
// turn, output gathered into full TLS records.
#pragma once

#include "base/fd.hpp"
#include "proxy/frontend/limits.hpp"
#include "proxy/memory/byte_buffer.hpp"
#include "proxy/tls/context.hpp"
#include "proxy/tls/memory_bio.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace proxy::frontend {

/// Memory that a thread's transports use in turn: none keeps anything in it beyond one call.
struct TransportScratch {
  char received[kReadBytes];  ///< ciphertext just received
  char record[kRecordBytes];  ///< plaintext of the record being filled
};

class Transport {
 public:
  enum class ReadStatus : std::uint8_t {
    more,       ///< there may be more
    empty,      ///< nothing until the next event
    closed,     ///< the client has ended its stream properly
    truncated,  ///< ended without TLS's close_notify, or reset
  };
  enum class Handshake : std::uint8_t { wait, done, failed };

  Transport(TransportScratch& scratch, base::Fd fd) : scratch_(scratch), fd_(std::move(fd)) {}
  /// Over TLS from now on.
  void use_tls(const tls::Context& context, tls::Chooser& chooser);

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  [[nodiscard]] SSL* ssl() const noexcept { return ssl_.get(); }
  void note_events(std::uint32_t events) noexcept;

  Handshake handshake();
  /// Appends at most `limit` bytes to `into`. Bytes may have come with any status.
  ReadStatus read(memory::ByteBuffer& into, std::size_t limit);
  /// Whether read() may find something without another event.
  [[nodiscard]] bool readable() const noexcept;

  /// Takes all of `bytes`; ask `room()` before producing them. Only between the begin of a write
  /// turn and flush().
  void put(std::string_view bytes);
  [[nodiscard]] bool room() const noexcept {
    return !failed_ && !blocked_ && pending() < kPendingOutputBytes;
  }
  /// One send of what has gathered. What the socket does not take waits for EPOLLOUT.
  void flush();
  [[nodiscard]] std::size_t pending() const noexcept {
    return streams().out.size() + record_bytes_;
  }
  [[nodiscard]] bool blocked() const noexcept { return blocked_; }
  /// The connection is of no use any more.
  [[nodiscard]] bool failed() const noexcept { return failed_; }

  /// Adds TLS's close_notify to the output: the client sees a proper end. Not for a response that
  /// was cut short.
  void end_output();
  /// Sends FIN; for lingering.
  void shut_down() noexcept;
  /// Throws input away. Returns bytes; `ended` when the client has closed.
  std::size_t discard_input(bool& ended);

  [[nodiscard]] std::uint64_t bytes_in() const noexcept { return bytes_in_; }
  [[nodiscard]] std::uint64_t bytes_out() const noexcept { return bytes_out_; }
  /// What OpenSSL says about a handshake that failed.
  [[nodiscard]] const std::string& error_text() const noexcept { return error_text_; }

 private:
  [[nodiscard]] tls::CipherStreams& streams() noexcept { return *streams_; }
  [[nodiscard]] const tls::CipherStreams& streams() const noexcept { return *streams_; }
  [[nodiscard]] ssize_t receive(char* into, std::size_t size);
  bool feed();
  void keep_rest();
  void encrypt(std::string_view bytes);
  ReadStatus read_plain(memory::ByteBuffer& into, std::size_t limit);
  ReadStatus read_tls(memory::ByteBuffer& into, std::size_t limit);

  TransportScratch& scratch_;
  base::Fd fd_;
  // Where OpenSSL has its pointer, so at an address that stays. In the clear only its `out` is
  // used.
  std::unique_ptr<tls::CipherStreams> streams_ = std::make_unique<tls::CipherStreams>();
  tls::SslPtr ssl_;
  memory::ByteBuffer rest_;  // ciphertext received and not yet read: only while a session reads
                             // slower than it comes
  std::size_t record_bytes_ = 0;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
  bool socket_readable_ = false;  // registering with the loop reports what is there already
  bool hung_up_ = false;
  bool reset_ = false;
  bool blocked_ = false;
  bool failed_ = false;
  bool close_seen_ = false;
  std::string error_text_;
};

}  // namespace proxy::frontend
