// SPDX-License-Identifier: Apache-2.0
// Chunked transfer coding (RFC 9112 section 7.1): a decoder that keeps its place in any split, and size lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace base::http {

/// Strict: hex digits, optional extensions (bounded, ignored), CRLF only; trailers are read, checked and dropped.
class ChunkedDecoder {
 public:
  enum class Status : std::uint8_t {
    need_more,  ///< everything given was consumed
    data,       ///< `data` is a piece of body; call again with the rest
    end,        ///< the last chunk and the trailers were read
    error,
  };
  struct Step {
    Status status = Status::need_more;
    std::size_t consumed = 0;  ///< bytes of the input used by this step, `data` included
    std::string_view data;     ///< view into the input
    const char* reason = "";   ///< for error
  };
  Step next(std::string_view input) noexcept;
  void reset() noexcept { *this = ChunkedDecoder(); }

 private:
  enum class State : std::uint8_t { size, extension, size_lf, body, body_cr, body_lf, trailer, trailer_lf, done, bad };
  State state_ = State::size;
  std::uint64_t left_ = 0;
  std::uint32_t digits_ = 0;
  std::uint32_t extra_bytes_ = 0;  // of extension or trailers: bounded
  bool line_empty_ = true;
};

/// Writes "<hex>\r\n" into `out` (at least 18 bytes); returns its length.
std::size_t write_chunk_size(char* out, std::uint64_t size) noexcept;

}  // namespace base::http
