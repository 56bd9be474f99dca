// SPDX-License-Identifier: Apache-2.0
// Whether a WSGI application may get this request's body at all (wsgi-hosting 4.2).
#pragma once

#include "appserver/mapping/target.hpp"
#include "base/http/head.hpp"

#include <cstdint>
#include <optional>

namespace appserver::mapping {

struct BodyRules {
  bool chunked_request = false;  ///< WSGIChunkedRequest On
  std::uint64_t body_limit_bytes =
      0;  ///< LimitRequestBody; 0: none. For chunked bodies whoever reads them enforces it
};

/// The refusal, in the order of 4.2: 501, 411, 400, 413; the connection closes, its body was not
/// read. Nothing: go on.
std::optional<ErrorTarget> check_body(const base::http::RequestHead& head, const BodyRules& rules);

}  // namespace appserver::mapping
