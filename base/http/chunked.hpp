// SPDX-License-Identifier: Apache-2.0
// Chunked transfer coding (RFC 9112 section 7.1): a decoder that keeps its place in any split, and
// size lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace base::http {

/// Strict: hex digits, optional extensions (bounded, ignored), CRLF only; trailers are read,
/// checked and dropped.
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
  enum class State : std::uint8_t {
    size,
    extension,
    size_lf,
    body,
    body_cr,
    body_lf,
    trailer_start,
    trailer_name,
    trailer_value,
    trailer_lf,
    last_lf,
    done,
    bad,
  };
  [[nodiscard]] const char* take(char c) noexcept;
  [[nodiscard]] const char* take_size(char c) noexcept;
  [[nodiscard]] const char* take_trailer(char c) noexcept;

  State state_ = State::size;
  std::uint32_t digits_ = 0;
  std::uint64_t left_ = 0;
  std::uint64_t extra_bytes_ = 0;  // of extensions beyond the data they came with, and of trailers
};

/// Extensions may not outweigh the data by more than this, nor may trailers be longer.
inline constexpr std::uint64_t kChunkExtraLimit = 8192;

/// Writes "<hex>\r\n" into `out` (at least 18 bytes); returns its length.
std::size_t write_chunk_size(char* out, std::uint64_t size) noexcept;

}  // namespace base::http
