// SPDX-License-Identifier: Apache-2.0
// Asks an admin listener one question: what `status`, `reload` and `healthcheck` do.
#pragma once

#include "base/net/endpoint.hpp"
#include "base/observe/admin_message.hpp"
#include "base/result.hpp"

#include <chrono>
#include <string_view>

namespace base::observe {

/// Sends `method` ("GET", "POST") `path` and waits for the whole reply, at most `timeout`. An
/// endpoint without address
/// (`*:9117`, 0.0.0.0) is asked on the loopback. Any status is a reply; errors are those of the
/// connection: timeout, not_found (no such socket), peer_closed, system, invalid (no HTTP). Blocks.
Result<AdminReply> admin_request(const net::Endpoint& endpoint, std::string_view method,
                                 std::string_view path, std::chrono::milliseconds timeout);

}  // namespace base::observe
