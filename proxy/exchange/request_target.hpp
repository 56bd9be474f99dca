// SPDX-License-Identifier: Apache-2.0
// The forms of a request target made one: origin form, with the authority in `host`.
// Pure. Sources: RFC 9112 section 3.2; RFC 9110 section 7.1.
#pragma once

#include "base/http/head.hpp"

#include <string>
#include <string_view>

namespace proxy::exchange {

struct TargetProblem {
  int status = 0;  ///< 0: none
  const char* reason = "";
};

/// Rewrites `head.target` to origin form ("/path?query") or "*" and, for the absolute form,
/// `head.host` to the URI's authority. Refused with 400: a Host that is none or differs from the
/// absolute form's authority, a fragment, user information, any scheme but http and https. CONNECT
/// is refused with 405: the proxy is no tunnel.
TargetProblem normalise_target(base::http::RequestHead& head);

}  // namespace proxy::exchange
