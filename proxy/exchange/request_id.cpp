// SPDX-License-Identifier: Apache-2.0
#include "proxy/exchange/request_id.hpp"

#include "base/assert.hpp"

#include <sys/random.h>

namespace proxy::exchange {

namespace {

// The finaliser of splitmix64: a bijection on 64 bits, so that neighbours do not look alike and
// none collide.
std::uint64_t scramble(std::uint64_t x) {
  x ^= x >> 30U;
  x *= 0xbf58476d1ce4e5b9ULL;
  x ^= x >> 27U;
  x *= 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

void write_hex(char* out, std::uint64_t value) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (int i = 15; i >= 0; --i) {
    out[i] = kDigits[value & 15U];
    value >>= 4U;
  }
}

}  // namespace

RequestIds::RequestIds() {
  std::uint64_t seed[2] = {};
  GH_ASSERT(::getrandom(seed, sizeof seed, 0) == static_cast<ssize_t>(sizeof seed));
  thread_ = seed[0] | 1U;
  counter_ = seed[1];
  write_hex(text_, thread_);
}

std::string_view RequestIds::next() noexcept {
  if (++counter_ == 0) ++counter_;  // zero stays zero when scrambled
  write_hex(text_ + 16, scramble(counter_));
  return {text_, sizeof text_};
}

}  // namespace proxy::exchange
