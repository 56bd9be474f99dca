// SPDX-License-Identifier: Apache-2.0
// The connections of one front: who owns them, and when a closed one is destroyed.
#pragma once

#include "appserver/net/connection.hpp"
#include "appserver/net/front_context.hpp"

#include <memory>

namespace appserver::net {

/// Puts a new connection into the context's list and starts it.
void adopt_connection(FrontContext& context, std::unique_ptr<Connection> connection);
/// Takes a closed one out; it is destroyed at the end of the loop's turn, for its own functions may
/// be running.
void forget_connection(FrontContext& context, Connection& connection);

}  // namespace appserver::net
