// SPDX-License-Identifier: Apache-2.0
// What this server is called in a request: scheme, name and port for environ, for group names and
// for redirects. Sources: wsgi-hosting 3.2, 4.3 (SERVER_NAME, SERVER_PORT, REQUEST_SCHEME), 5.5;
// UseCanonicalName Off.
#pragma once

#include "appserver/mapping/mapper.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace appserver::mapping {

/// Of the connection the client made; `ServerName https://...` makes it "https".
std::string_view request_scheme(const MapResult& result) noexcept;
/// Port of the Host field, else the scheme's; without any Host the ServerName's, else the scheme's.
/// Never the socket's.
std::uint16_t server_port(const MapResult& result) noexcept;
/// The request's Host name in lower case, else ServerName, else the local address.
std::string_view server_name(const MapResult& result) noexcept;

/// `name[:port]` for a group name: no port for 80 and 443.
void set_group_host(std::string& out, std::string_view name, std::uint16_t port);

/// scheme://host[:port] of a redirect to ourselves and the path, escaped anew; `query` is appended
/// as it is.
std::string own_url(const MapResult& result, std::string_view path, std::string_view query,
                    bool has_query);

}  // namespace appserver::mapping
