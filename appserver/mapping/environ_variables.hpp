// SPDX-License-Identifier: Apache-2.0
// The environ of PEP 3333 as far as the front knows it, in two blocks: what is constant for a site,
// and the request's own. Sources: wsgi-hosting 1.11, 4.3, 4.4, 4.5, 4.6, 5.3. wsgi/environ lays the
// request's block over the site's.
//
// HTTPS travels as a variable: wsgi.url_scheme is "https" when the last value is `on` or `1`, and
// the key itself never reaches the application.
#pragma once

#include "appserver/config/model/model.hpp"
#include "appserver/mapping/mapper.hpp"
#include "appserver/mapping/site.hpp"
#include "base/http/head.hpp"

#include <string>
#include <string_view>

namespace appserver::mapping {

/// What the connection knows beside the head; both end up in environ as they are.
struct RequestIds {
  std::string_view connection_id;
  std::string_view request_id;  ///< used when our proxy sent none
};

/// Writes script.environ_block and environ_id: SERVER_SOFTWARE, DOCUMENT_ROOT, CONTEXT_*, SetEnv
/// and the control entries. `process_group`: the resolved name.
void write_site_block(const config::VirtualHost& host, const config::Scope& scope,
                      std::string_view process_group, const MapperOptions& options,
                      ScriptSettings& script);

/// Appends the request's own variables to `out` (daemon::VariableWriter's format). `result` holds a
/// WsgiTarget.
void write_request_variables(const base::http::RequestHead& head, const MapResult& result,
                             const RequestIds& ids, std::string& out);

}  // namespace appserver::mapping
