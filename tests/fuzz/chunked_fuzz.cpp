// SPDX-License-Identifier: Apache-2.0
// Chunked bodies: the same data, end and error in any split; and what was written is read back.
// The first byte picks the size of the pieces.
#include "base/assert.hpp"
#include "base/http/chunked.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace {

using base::http::ChunkedDecoder;

struct Decoded {
  ChunkedDecoder::Status status = ChunkedDecoder::Status::need_more;
  std::size_t consumed = 0;
  std::string data;
  friend bool operator==(const Decoded&, const Decoded&) = default;
};

Decoded decode(std::string_view input, std::size_t step) {
  ChunkedDecoder decoder;
  Decoded out;
  for (std::size_t at = 0; at < input.size(); at += step) {
    for (std::string_view piece = input.substr(at, step); !piece.empty();) {
      const auto taken = decoder.next(piece);
      GH_ASSERT(taken.consumed <= piece.size());
      out.status = taken.status;
      out.consumed += taken.consumed;
      out.data += taken.data;
      if (taken.status == ChunkedDecoder::Status::end ||
          taken.status == ChunkedDecoder::Status::error)
        return out;
      GH_ASSERT(taken.consumed > 0);
      piece.remove_prefix(taken.consumed);
    }
  }
  // Whether the last step brought data or only line ends depends on the split.
  out.status = ChunkedDecoder::Status::need_more;
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = 1 + data[0] % 31;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Decoded whole = decode(input, input.size() + 1);
  GH_ASSERT(whole == decode(input, step));
  GH_ASSERT(whole.data.size() <= input.size());

  std::string encoded;
  for (std::size_t at = 0; at < input.size(); at += step) {
    const std::string_view piece = input.substr(at, step);
    char line[18];
    encoded.append(line, base::http::write_chunk_size(line, piece.size()));
    encoded += piece;
    encoded += "\r\n";
  }
  encoded += "0\r\n\r\n";
  const Decoded back = decode(encoded, 7);
  GH_ASSERT(back.status == ChunkedDecoder::Status::end && back.data == input &&
            back.consumed == encoded.size());
  return 0;
}
