// SPDX-License-Identifier: Apache-2.0
// Whether a POST to the admin listener may come from where it says it comes: a web page must not be
// able to make the browser of an operator reload the server, not even by DNS rebinding. Pure.
#pragma once

#include <string_view>

namespace base::observe {

/// Programs send no `Origin` and may. A browser sends one: then it must be this listener's own,
/// reached by an address or as `localhost`, since a name may be an attacker's that resolves to us.
/// Empty: the field is absent.
bool may_post(std::string_view host, std::string_view origin, std::string_view fetch_site) noexcept;

}  // namespace base::observe
