// SPDX-License-Identifier: Apache-2.0
// Whether a request's conditions let the answer through, and whether its Range applies. Pure.
// Sources: RFC 9110 sections 8.8.3, 13; wsgi-hosting 7.3.
#pragma once

#include "base/http/head.hpp"

#include <cstdint>
#include <string_view>

namespace appserver::http {

/// What is known about the resource now.
struct Validators {
  std::string_view etag;           ///< as sent, quotes and `W/` included; empty: none
  std::int64_t last_modified = 0;  ///< seconds since the epoch
};

enum class Verdict : std::uint8_t {
  proceed,
  not_modified,         ///< 304
  precondition_failed,  ///< 412
};

/// `now`: seconds since the epoch.
Verdict evaluate_conditions(const base::http::RequestHead& head, const Validators& validators,
                            std::int64_t now) noexcept;

/// If-Range: true when there is none, or when it names exactly what is here (strong tag or date).
bool if_range_holds(const base::http::RequestHead& head, const Validators& validators,
                    std::int64_t now) noexcept;

}  // namespace appserver::http
