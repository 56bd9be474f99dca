// SPDX-License-Identifier: Apache-2.0
// The Range field: which slices of a file were asked for. Pure.
// Sources: RFC 9110 section 14; wsgi-hosting 7.4.
#pragma once

#include "base/http/head.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace appserver::http {

struct Slice {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  friend bool operator==(const Slice&, const Slice&) = default;
};

struct Ranges {
  enum class Kind : std::uint8_t {
    whole,   ///< no Range, one that does not apply, or one that is not worth following: answer 200
    slices,  ///< 206
    unsatisfiable,  ///< 416
  };
  Kind kind = Kind::whole;
  std::vector<Slice> slices;  ///< in the order asked for; neighbours that touch are merged
};

inline constexpr std::size_t kMaxRanges = 200;        ///< after merging; more: the whole file
inline constexpr std::size_t kMaxRangeOverlaps = 20;  ///< more: the whole file

/// Reads one Range field's value for a file of `size` bytes. A header with one bad element is
/// ignored as a whole.
Ranges parse_ranges(std::string_view value, std::uint64_t size);
/// The same for a request: no Range, or two of them, is the whole file.
Ranges requested_ranges(const base::http::RequestHead& head, std::uint64_t size);

}  // namespace appserver::http
