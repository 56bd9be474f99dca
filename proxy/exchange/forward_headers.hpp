// SPDX-License-Identifier: Apache-2.0
// Which request head goes to the backend: drops what must not pass, stamps what the proxy knows,
// sets the framing anew. Pure. Sources: architecture section 5; wsgi-hosting 5.2, 5.5; RFC 9110
// section 7.6.1; RFC 9113 section 8.2.3.
#pragma once

#include "base/http/head.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace proxy::exchange {

/// What the rules need to know beside the request. All views hold during the call.
struct ForwardContext {
  bool trusted =
      false;  ///< the client is in `trusted_proxies`: its forwarded fields are kept and added to
  bool tls = false;
  std::string_view client_ip;  ///< empty for a Unix peer: no address to stamp
  std::string_view
      local_port;  ///< port the client connected to, as text; empty for a Unix listener
  std::string_view
      target;  ///< origin form to send: differs from the request's when ProxyPass maps it
  std::string_view host_override;  ///< `ProxyPreserveHost off`: the backend's own name
  std::string_view default_host;   ///< for an HTTP/1.0 request without a Host field
  std::string_view
      hop;  ///< value of Gatehouse-Hop without the request id; empty: not for the app server
  std::string_view fresh_id;  ///< 32 lower-case hex digits, unique: request id and trace id when
                              ///< none is taken over
  bool chunked = false;       ///< the body goes on in chunks
  bool has_length = false;    ///< the body goes on with Content-Length
  std::uint64_t length = 0;
};

struct ForwardOutcome {
  int status = 0;               ///< 0: done; else refuse the request with this
  const char* reason = "";      ///< fixed sentence for the log
  std::uint32_t dropped = 0;    ///< fields dropped because the client may not say them
  std::string_view request_id;  ///< view into the request or into `fresh_id`
};

/// Appends the whole head, empty line included, to `out`.
/// Dropped always: fields of one connection and those that `Connection` names, Gatehouse-Hop, names
/// with other characters than letters, digits and `-` (`X_Real_IP` would pose as `X-Real-IP` in an
/// environ), `Proxy`. Dropped from clients that are not trusted: the forwarded registry, Forwarded,
/// every X-Forwarded-*, X-Request-ID. Refused with 400: a `Connection` that names a field which is
/// not one connection's own (Host, X-Forwarded-For, Content-Length, Authorization...): somebody
/// wants to see it removed.
ForwardOutcome append_backend_head(std::string& out, const base::http::RequestHead& head,
                                   const ForwardContext& context);

/// 1 to 128 letters, digits, `-`, `_`, `.`: what is taken over as a request id.
bool is_request_id(std::string_view text) noexcept;
/// A traceparent of version 00 as W3C Trace Context says.
bool is_traceparent(std::string_view text) noexcept;

}  // namespace proxy::exchange
