// SPDX-License-Identifier: Apache-2.0
// nghttp2's callbacks: each finds its stream and notes what happened. None writes, begins or ends
// an exchange.
#pragma once

#include "proxy/frontend/http2_session.hpp"

namespace proxy::frontend {

/// A server session that reports to `session`; limits and settings are set and queued.
H2SessionPtr make_h2_session(Http2Session& session);
/// Where a response's DATA frames come from.
nghttp2_data_provider data_provider_of(Http2Stream& stream);

}  // namespace proxy::frontend
