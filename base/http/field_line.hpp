// SPDX-License-Identifier: Apache-2.0
// One line of a head at a time: what request and response parser share. Not for others.
#pragma once

#include "base/http/head.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace base::http::detail {

/// First byte in [p, end) that is a control byte other than tab; `end` when there is none.
const char* find_control(const char* p, const char* end) noexcept;
/// The same, counting tab and blank too.
const char* find_blank_or_control(const char* p, const char* end) noexcept;

/// Finds the end of the line at `progress.line`. False: it has not arrived yet.
bool line_has_arrived(std::string_view buffer, HeadProgress& progress) noexcept;

struct LineResult {
  ParseStatus status = ParseStatus::complete;
  bool last = false;        ///< the empty line was read
  bool over_limit = false;  ///< the line is longer than `limit`
  const char* reason = "";  ///< for error
};

/// Reads the field line at `progress.line` into `fields`; on complete moves `progress.line` behind
/// it. On incomplete nothing has changed but `progress.scanned`.
LineResult read_field_line(std::string_view buffer, const HeadLimits& limits,
                           HeadProgress& progress, std::vector<Field>& fields);

/// Trouble in an unfinished line waits until the line is whole: so the verdict does not depend on
/// how bytes arrive. Says what a line that is not (yet) good means.
LineResult settle_line(std::string_view buffer, std::size_t limit, HeadProgress& progress,
                       const char* reason) noexcept;

/// Repeated fields count as one, joined by ", " (wsgi-hosting 1.4). True when one is longer than
/// `limit`.
bool merged_field_over(const std::vector<Field>& fields, std::size_t limit) noexcept;

/// Moves the views of `fields` after the buffer moved from `progress.base` to `now`.
std::string_view moved(std::string_view view, const char* from, const char* to) noexcept;
void move_fields(std::vector<Field>& fields, const char* from, const char* to) noexcept;

/// What the fields say about framing, before anyone draws conclusions.
struct FramingFields {
  unsigned content_lengths = 0;
  bool bad_content_length = false;
  std::uint64_t content_length = 0;
  bool has_transfer_encoding = false;
  bool exactly_chunked = false;  ///< one Transfer-Encoding field whose value is `chunked`
  bool ends_in_chunked = false;  ///< the last coding of the last Transfer-Encoding field
  bool close = false;            ///< members of Connection
  bool keep_alive = false;
  bool upgrade = false;
};
FramingFields read_framing(const std::vector<Field>& fields) noexcept;

/// A room for fields that needs no growth in common requests.
inline constexpr std::size_t kFieldReserve = 32;

}  // namespace base::http::detail
