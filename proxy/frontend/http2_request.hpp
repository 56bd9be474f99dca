// SPDX-License-Identifier: Apache-2.0
// The hand-over from HTTP/2 to HTTP/1: a field list becomes a request head, or is refused. Nothing
// that an HTTP/1 parser could read differently gets through, whatever the HTTP/2 library has let
// pass. Pure. Source: RFC 9113 sections 8.1 to 8.3.
#pragma once

#include "base/http/head.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace proxy::frontend {

/// The fields of one HEADERS frame in order, pseudo-fields included; texts one after the other in
/// `text`.
struct Http2FieldList {
  struct Place {
    std::uint32_t name_at, name_size, value_at, value_size;
  };
  std::string text;
  std::vector<Place> places;

  void add(std::string_view name, std::string_view value);
  [[nodiscard]] std::string_view name(const Place& place) const noexcept {
    return std::string_view(text).substr(place.name_at, place.name_size);
  }
  [[nodiscard]] std::string_view value(const Place& place) const noexcept {
    return std::string_view(text).substr(place.value_at, place.value_size);
  }
  void clear() noexcept {
    text.clear();
    places.clear();
  }
};

struct Http2Problem {
  enum class Kind : std::uint8_t {
    none,
    malformed,  ///< RFC 9113 section 8.1.1: a stream error of type PROTOCOL_ERROR
    refused,    ///< well-formed and not served: answered with `status`
  };
  Kind kind = Kind::none;
  int status = 400;
  const char* reason = "";
};

/// Fills `head` (views into `list.text`): pseudo-fields become method, target and host; framing
/// from content-length and `end_stream`. A Host field beside :authority must be equal to it.
Http2Problem read_http2_request(const Http2FieldList& list, bool end_stream,
                                base::http::RequestHead& head);

}  // namespace proxy::frontend
