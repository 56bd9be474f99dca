// SPDX-License-Identifier: Apache-2.0
// Giving up root once the listeners, logs and certificates are open.
#pragma once

#include "base/result.hpp"

#include <string>

namespace proxy::server {

/// Becomes `user` and `group` (names or `#number`; an empty group is the user's primary one), with
/// the user's supplementary groups and no way back. Nothing to do without root or without a user.
base::Result<> drop_privileges(const std::string& user, const std::string& group);

}  // namespace proxy::server
