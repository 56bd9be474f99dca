// SPDX-License-Identifier: Apache-2.0
#include "base/http/chunked.hpp"

#include "base/http/tokens.hpp"

#include <algorithm>

namespace base::http {

namespace {
constexpr std::uint32_t kMaxDigits = 16;
constexpr std::uint64_t kMaxChunk = INT64_MAX;
}  // namespace

/// One byte of the size line. Returns what is wrong with it, or nullptr.
const char* ChunkedDecoder::take_size(char c) noexcept {
  if (is_hex_digit(c)) {
    if (++digits_ > kMaxDigits || left_ > (kMaxChunk >> 4)) return "chunk size too large";
    left_ = left_ << 4 | hex_value(c);
    return nullptr;
  }
  if (digits_ == 0) return "chunk without a size";
  if (c == ';') {
    state_ = State::extension;
  } else if (c == '\r') {
    state_ = State::size_lf;
  } else {
    return "bad byte in a chunk size";
  }
  return nullptr;
}

const char* ChunkedDecoder::take_trailer(char c) noexcept {
  if (++extra_bytes_ > kChunkExtraLimit) return "trailers too long";
  if (state_ == State::trailer_start) {
    if (c == '\r') {
      state_ = State::last_lf;
      return nullptr;
    }
    state_ = State::trailer_name;
    return is_token_char(c) ? nullptr : "bad trailer";
  }
  if (state_ == State::trailer_name) {
    if (c == ':') {
      state_ = State::trailer_value;
    } else if (!is_token_char(c)) {
      return "bad trailer";
    }
    return nullptr;
  }
  if (c == '\r') {
    state_ = State::trailer_lf;
    return nullptr;
  }
  return is_value_char(c) ? nullptr : "control byte in a trailer";
}

/// One byte that is not data. Returns what is wrong with it, or nullptr.
const char* ChunkedDecoder::take(char c) noexcept {
  const auto expect = [this, c](char wanted, State next) -> const char* {
    state_ = next;
    return c == wanted ? nullptr : "bad line end in a chunked body";
  };
  switch (state_) {
    case State::size:
      return take_size(c);
    case State::extension:
      if (++extra_bytes_ > kChunkExtraLimit) return "chunk extensions too long";
      if (c == '\r') {
        state_ = State::size_lf;
        return nullptr;
      }
      return is_value_char(c) ? nullptr : "control byte in a chunk extension";
    case State::size_lf:
      if (left_ == 0) extra_bytes_ = 0;  // the trailers have a limit of their own
      digits_ = 0;
      return expect('\n', left_ == 0 ? State::trailer_start : State::body);
    case State::body_cr:
      return expect('\r', State::body_lf);
    case State::body_lf:
      return expect('\n', State::size);
    case State::trailer_start:
    case State::trailer_name:
    case State::trailer_value:
      return take_trailer(c);
    case State::trailer_lf:
      return expect('\n', State::trailer_start);
    case State::last_lf:
      return expect('\n', State::done);
    case State::body:
    case State::done:
    case State::bad:
      break;
  }
  return "bad chunked body";
}

ChunkedDecoder::Step ChunkedDecoder::next(std::string_view input) noexcept {
  Step step;
  for (; step.consumed < input.size() && state_ != State::done; ++step.consumed) {
    if (state_ == State::body) {
      step.data =
          input.substr(step.consumed, std::min<std::uint64_t>(left_, input.size() - step.consumed));
      step.consumed += step.data.size();
      left_ -= step.data.size();
      extra_bytes_ -= std::min<std::uint64_t>(extra_bytes_, step.data.size());
      if (left_ == 0) state_ = State::body_cr;
      step.status = Status::data;
      return step;
    }
    if (const char* reason = take(input[step.consumed]); reason != nullptr) {
      state_ = State::bad;
      step.status = Status::error;
      step.reason = reason;
      return step;
    }
  }
  if (state_ == State::done) step.status = Status::end;
  if (state_ == State::bad) {
    step.status = Status::error;
    step.reason = "bad chunked body";
  }
  return step;
}

std::size_t write_chunk_size(char* out, std::uint64_t size) noexcept {
  constexpr char kDigits[] = "0123456789abcdef";
  std::size_t digits = 1;
  while (digits < kMaxDigits && size >> (4 * digits) != 0) ++digits;
  for (std::size_t i = digits; i-- > 0; size >>= 4) out[i] = kDigits[size & 15];
  out[digits] = '\r';
  out[digits + 1] = '\n';
  return digits + 2;
}

}  // namespace base::http
