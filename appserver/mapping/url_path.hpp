// SPDX-License-Identifier: Apache-2.0
// First half of the mapping: what the head says about host and path (wsgi-hosting 1.6, 4.1 steps 2
// and 3, 4.9).
#pragma once

#include "appserver/config/model/model.hpp"
#include "appserver/mapping/mapper.hpp"
#include "appserver/mapping/virtual_host.hpp"
#include "base/http/head.hpp"

namespace appserver::mapping {

/// Fills host, authority, path and query of `out`, whose `client` is known. False: `out.target`
/// holds the answer already (400, 404, 405, or `OPTIONS *`).
bool read_url(const base::http::RequestHead& head, const config::Model& model,
              const HostIndex& hosts, MapResult& out);

}  // namespace appserver::mapping
