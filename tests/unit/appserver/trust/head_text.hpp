// SPDX-License-Identifier: Apache-2.0
// A request head parsed from text, its buffer beside it; and addresses written short.
#pragma once

#include "base/http/head.hpp"
#include "base/net/endpoint.hpp"
#include "base/net/ip_network.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

namespace appserver::test {

/// `lines`: the head's field lines, each ended by "\n" (made CRLF), after `request_line`.
class HeadText {
 public:
  explicit HeadText(std::string_view request_line, std::string_view lines = {}) {
    for (const std::string_view part : {request_line, std::string_view("\n"), lines})
      for (const char c : part) {
        if (c == '\n') text_.push_back('\r');
        text_.push_back(c);
      }
    text_.append("\r\n");
    base::http::RequestParser parser;
    base::http::HeadLimits limits;
    limits.head_bytes = text_.size() + 1;
    status_ = parser.parse(text_, limits, head_);
    error_ = parser.error();
  }
  HeadText(const HeadText&) = delete;
  HeadText& operator=(const HeadText&) = delete;

  /// The head; the text must have been one.
  [[nodiscard]] const base::http::RequestHead& head() const {
    if (status_ != base::http::ParseStatus::complete)
      throw std::invalid_argument("not a head: " + std::string(error_.reason) + "\n" + text_);
    return head_;
  }

 private:
  std::string text_;
  base::http::RequestHead head_;
  base::http::ParseStatus status_ = base::http::ParseStatus::incomplete;
  base::http::ParseError error_;
};

inline base::net::SocketAddress address(std::string_view ip, std::uint16_t port) {
  base::net::SocketAddress out;
  out.ip = base::net::parse_ip(ip).value();
  out.port = port;
  return out;
}

inline base::net::SocketAddress unix_address() {
  base::net::SocketAddress out;
  out.is_unix = true;
  return out;
}

inline base::net::IpNetworkSet networks(std::initializer_list<std::string_view> texts) {
  base::net::IpNetworkSet out;
  for (const std::string_view text : texts) out.add(base::net::parse_network(text).value());
  return out;
}

}  // namespace appserver::test
