// SPDX-License-Identifier: Apache-2.0
// Chunked bodies in every split, and what is refused.
#include "base/http/chunked.hpp"

#include <gtest/gtest.h>

#include <string>

namespace base::http {
namespace {

struct Decoded {
  ChunkedDecoder::Status status = ChunkedDecoder::Status::need_more;
  std::string data;
  std::size_t consumed = 0;
  friend bool operator==(const Decoded&, const Decoded&) = default;
};
std::ostream& operator<<(std::ostream& out, const Decoded& d) {
  return out << static_cast<int>(d.status) << ' ' << d.consumed << ' ' << d.data;
}

Decoded decode(std::string_view input, std::size_t step) {
  ChunkedDecoder decoder;
  Decoded out;
  for (std::size_t at = 0; at < input.size(); at += step) {
    std::string_view piece = input.substr(at, step);
    while (!piece.empty()) {
      const auto taken = decoder.next(piece);
      out.status = taken.status;
      out.data += taken.data;
      out.consumed += taken.consumed;
      if (taken.status == ChunkedDecoder::Status::error ||
          taken.status == ChunkedDecoder::Status::end)
        return out;
      if (taken.status == ChunkedDecoder::Status::need_more) {
        EXPECT_EQ(taken.consumed, piece.size());
        break;
      }
      EXPECT_FALSE(taken.data.empty());
      piece.remove_prefix(taken.consumed);
    }
  }
  return out;
}

struct Row {
  const char* name;
  std::string input;
  ChunkedDecoder::Status status;
  std::string data;
};

TEST(ChunkedDecoder, reads_and_refuses) {
  using namespace std::string_literals;
  using Status = ChunkedDecoder::Status;
  const std::string flood(kChunkExtraLimit, 'x');
  std::string many_extensions;
  for (int i = 0; i < 2000; ++i) many_extensions += "1;abcdef\r\nx\r\n";
  std::string balanced_extensions;
  std::string balanced_data;
  for (int i = 0; i < 1000; ++i) {
    balanced_extensions += "a;0123456789\r\nxxxxxxxxxx\r\n";
    balanced_data += "xxxxxxxxxx";
  }
  const Row rows[] = {
      {"empty", "0\r\n\r\n", Status::end, ""},
      {"one", "3\r\nabc\r\n0\r\n\r\n", Status::end, "abc"},
      {"two", "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n", Status::end, "abc0123456789"},
      {"lower-case hex, leading zeros", "00a\r\n0123456789\r\n000\r\n\r\n", Status::end,
       "0123456789"},
      {"data with line ends", "4\r\n\r\n\r\n\r\n0\r\n\r\n", Status::end, "\r\n\r\n"},
      {"extension", "3;a=b;c=\"d\"\r\nabc\r\n0;x\r\n\r\n", Status::end, "abc"},
      {"trailers", "0\r\nA: b\r\nC:\r\n\r\n", Status::end, ""},
      {"extensions no heavier than the data", balanced_extensions + "0\r\n\r\n", Status::end,
       balanced_data},
      {"unfinished size", "3", Status::need_more, ""},
      {"unfinished end", "3\r\nabc\r\n0\r\n\r", Status::need_more, "abc"},
      {"no size", "\r\nabc\r\n", Status::error, ""},
      {"blank before the size", " 3\r\nabc\r\n", Status::error, ""},
      {"blank after the size", "3 \r\nabc\r\n", Status::error, ""},
      {"0x", "0x3\r\nabc\r\n", Status::error, ""},
      {"negative", "-3\r\nabc\r\n", Status::error, ""},
      {"plus", "+3\r\nabc\r\n", Status::error, ""},
      {"letter", "g\r\n", Status::error, ""},
      {"bare LF after the size", "3\nabc\r\n", Status::error, ""},
      {"bare CR after the size", "3\rabc\r\n", Status::error, ""},
      {"bare LF after the data", "3\r\nabc\n0\r\n\r\n", Status::error, "abc"},
      {"more data than announced", "3\r\nabcd\r\n0\r\n\r\n", Status::error, "abc"},
      {"bare LF in an extension", "3;a\nabc\r\n0\r\n\r\n", Status::error, ""},
      {"NUL in an extension", "3;a\0\r\nabc\r\n"s, Status::error, ""},
      {"2^63", "8000000000000000\r\n", Status::error, ""},
      {"2^64 wraps to 3", "10000000000000003\r\nabc\r\n0\r\n\r\n", Status::error, ""},
      {"many leading zeros", "00000000000000003\r\nabc\r\n", Status::error, ""},
      {"one long extension", "3;" + flood + "\r\nabc\r\n0\r\n\r\n", Status::error, ""},
      {"one long trailer", "0\r\nA: " + flood + "\r\n\r\n", Status::error, ""},
      {"trailer without a colon", "0\r\nabc\r\n\r\n", Status::error, ""},
      {"folded trailer", "0\r\nA: b\r\n c\r\n\r\n", Status::error, ""},
      {"blank before a trailer's colon", "0\r\nA : b\r\n\r\n", Status::error, ""},
      {"control byte in a trailer", "0\r\nA: \x01\r\n\r\n", Status::error, ""},
      {"bare LF in trailers", "0\r\nA: b\n\r\n", Status::error, ""},
      {"bare LF at the end", "0\r\n\n", Status::error, ""},
  };
  for (const Row& row : rows) {
    const Decoded whole = decode(row.input, row.input.size());
    EXPECT_EQ(whole.status, row.status) << row.name;
    EXPECT_EQ(whole.data, row.data) << row.name;
    for (const std::size_t step : {1U, 2U, 3U, 5U})
      EXPECT_EQ(decode(row.input, step), whole) << row.name << ' ' << step;
  }
  const Decoded flood_of_extensions = decode(many_extensions, 100);
  EXPECT_EQ(flood_of_extensions.status, Status::error);
  EXPECT_LT(flood_of_extensions.data.size(), 2000U);
}

TEST(ChunkedDecoder, leaves_what_follows_the_end) {
  const std::string body = "1\r\nx\r\n0\r\nT: u\r\n\r\n";
  const Decoded whole = decode(body + "GET / HTTP/1.1\r\n", 1000);
  EXPECT_EQ(whole.status, ChunkedDecoder::Status::end);
  EXPECT_EQ(whole.consumed, body.size());
}

TEST(ChunkedDecoder, stays_at_its_end_or_error_until_reset) {
  ChunkedDecoder decoder;
  ASSERT_EQ(decoder.next("0\r\n\r\n").status, ChunkedDecoder::Status::end);
  EXPECT_EQ(decoder.next("3\r\n").status, ChunkedDecoder::Status::end);
  EXPECT_EQ(decoder.next("3\r\n").consumed, 0U);
  decoder.reset();
  ASSERT_EQ(decoder.next("x").status, ChunkedDecoder::Status::error);
  EXPECT_EQ(decoder.next("").status, ChunkedDecoder::Status::error);
  EXPECT_EQ(decoder.next("0\r\n\r\n").status, ChunkedDecoder::Status::error);
}

TEST(ChunkSize, is_written_in_hex) {
  const std::pair<std::uint64_t, std::string> rows[] = {
      {0, "0\r\n"},    {9, "9\r\n"},       {16, "10\r\n"},
      {255, "ff\r\n"}, {4096, "1000\r\n"}, {UINT64_MAX, "ffffffffffffffff\r\n"}};
  for (const auto& [size, text] : rows) {
    char buffer[18];
    EXPECT_EQ(std::string(buffer, write_chunk_size(buffer, size)), text);
  }
}

}  // namespace
}  // namespace base::http
