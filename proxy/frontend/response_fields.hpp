// SPDX-License-Identifier: Apache-2.0
// Which fields of a backend's response the client gets. Pure. Source: RFC 9110 section 7.6.1.
#pragma once

#include "base/http/head.hpp"

namespace proxy::frontend {

/// Whether a `Connection` field of the response names anything but the usual words.
bool connection_names_fields(const base::http::ResponseHead& head) noexcept;
/// `names_fields`: what connection_names_fields said.
bool passes_to_client(const base::http::ResponseHead& head, const base::http::Field& field,
                      bool names_fields) noexcept;

}  // namespace proxy::frontend
