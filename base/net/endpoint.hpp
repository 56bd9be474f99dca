// SPDX-License-Identifier: Apache-2.0
// A place to listen on or connect to: `[addr:]port`, `unix:/path`. And a socket address as text.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>

namespace base::net {

/// An IP address: IPv4 stands in its mapped form (::ffff:a.b.c.d), so one comparison serves both.
struct IpAddress {
  std::uint8_t bytes[16] = {};

  [[nodiscard]] bool is_v4() const noexcept;
  [[nodiscard]] bool is_unspecified() const noexcept;  ///< 0.0.0.0 or ::
  [[nodiscard]] std::string text() const;  ///< "10.0.0.1" or "2001:db8::1", without brackets
  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

/// Parses "10.0.0.1", "2001:db8::1" or "::ffff:10.0.0.1" (which equals 10.0.0.1). No brackets, port
/// or zone.
Result<IpAddress> parse_ip(std::string_view text);

/// One end of a connection as the kernel tells it. A Unix peer has no address and port 0.
struct SocketAddress {
  bool is_unix = false;
  IpAddress ip;
  std::uint16_t port = 0;

  static SocketAddress from(const sockaddr_storage& storage);
  friend bool operator==(const SocketAddress&, const SocketAddress&) = default;
};

struct Endpoint {
  enum class Kind : std::uint8_t { any, ip, unix_path };
  Kind kind = Kind::any;   ///< any: both families, IPv6 socket with V6ONLY off
  IpAddress ip;            ///< for Kind::ip
  std::uint16_t port = 0;  ///< 0 lets the kernel choose (tests)
  std::string path;        ///< for Kind::unix_path

  [[nodiscard]] std::string text() const;  ///< as written in configuration
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// Parses "80", "*:80", "10.0.0.1:80", "[::1]:80", "unix:/run/x.sock".
Result<Endpoint> parse_endpoint(std::string_view text);

struct ListenOptions {
  int backlog = 1024;
  bool reuse_port = false;    ///< one socket a thread or process: the kernel spreads connections
  unsigned unix_mode = 0660;  ///< permissions of a Unix socket's file
};
/// Non-blocking, close-on-exec listening socket. A stale Unix socket (nobody listens) is replaced,
/// a live one is an error, and so is a path that is not a socket.
Result<Fd> listen_on(const Endpoint& endpoint, const ListenOptions& options);
/// The address a socket is bound to: what port 0 became.
Result<Endpoint> bound_endpoint(int fd);
/// Starts a non-blocking connect; the socket is writable when it is established (or failed:
/// SO_ERROR).
Result<Fd> start_connect(const Endpoint& endpoint);

}  // namespace base::net
