// SPDX-License-Identifier: Apache-2.0
// The kinds of argument that directives of both programs take, each read and checked in one place.
// An error says what was expected and what was written.
#pragma once

#include "base/net/endpoint.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace base::config {

/// Relative names are looked up below ServerRoot; "" stays.
[[nodiscard]] std::string resolve_path(std::string_view path, std::string_view server_root);
/// Without slashes at the end ("/" stays).
[[nodiscard]] std::string without_trailing_slash(std::string path);

Result<bool> parse_on_off(std::string_view word);  ///< case-blind; any other word is an error
/// A decimal number between the bounds; signs, blanks and trailing text are errors.
Result<std::uint64_t> parse_number(std::string_view word, std::uint64_t least, std::uint64_t most);
/// Whole seconds up to ten years.
Result<std::chrono::milliseconds> parse_seconds(std::string_view word);
/// Seconds, or a number with a unit: `5s`, `300ms`, `1min`, `2h`.
Result<std::chrono::milliseconds> parse_duration(std::string_view word);

/// `ServerName [scheme://]name[:port]`.
struct ServerIdentity {
  std::string scheme;
  std::string name;
  std::uint16_t port = 0;  ///< 0: none written
};
Result<ServerIdentity> parse_server_name(std::string_view word);

/// `<VirtualHost addr[:port]>`: address, `*`, `_default_`, or a name that the system resolves; port
/// `*` or none: every port. Kind::any with port 0 is "everything".
Result<net::Endpoint> parse_host_address(std::string_view word);

/// Where a backend listens: `unix:/path` or `host:port`; a name is resolved once, IPv4 before IPv6.
Result<net::Endpoint> parse_backend_address(std::string_view word);

/// A user or group: "name" or "#id". Looks it up; `allow_root` decides whether id 0 will do.
enum class RootAllowed : bool { no, yes };
Result<> check_user(const std::string& word, RootAllowed root);
Result<> check_group(const std::string& word, RootAllowed root);

}  // namespace base::config
