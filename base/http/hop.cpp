// SPDX-License-Identifier: Apache-2.0
#include "base/http/hop.hpp"

#include "base/http/tokens.hpp"

#include <charconv>
#include <cstddef>

namespace base::http {

namespace {

constexpr std::size_t kMaxPart = 255;

/// Letters, digits and what names, versions and ciphers are made of: no separator of ours among
/// them.
bool is_plain(std::string_view text) noexcept {
  if (text.size() > kMaxPart) return false;
  for (const char c : text)
    if (!is_alpha(c) && !is_digit(c) &&
        std::string_view("-_./:+~").find(c) == std::string_view::npos)
      return false;
  return true;
}

void append_address(std::string& out, const net::SocketAddress& address) {
  if (address.is_unix) {
    out += "unix,0";
    return;
  }
  out += address.ip.text();
  out += ',';
  char digits[5];
  const auto end = std::to_chars(digits, digits + sizeof digits, address.port).ptr;
  out.append(digits, end);
}

/// What a client chose (a name in its hello) may be anything: what is not plain is left out, not
/// repaired.
void append_part(std::string& out, std::string_view key, std::string_view value) {
  out += key;
  if (is_plain(value)) out += value;
}

bool parse_address(std::string_view text, net::SocketAddress& out) {
  if (text == "unix,0") {
    out.is_unix = true;
    return true;
  }
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos) return false;
  const std::string_view port = text.substr(comma + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (error != std::errc() || end != port.data() + port.size()) return false;
  if (port.size() > 1 && port.front() == '0') return false;
  auto ip = net::parse_ip(text.substr(0, comma));
  if (!ip) return false;
  out.ip = *ip;
  return true;
}

/// Takes `key` and its value, up to the next `;`, off the front.
bool take_part(std::string_view& rest, std::string_view key, std::string_view& value) noexcept {
  if (rest.substr(0, key.size()) != key) return false;
  rest.remove_prefix(key.size());
  const std::size_t end = rest.find(';');
  value = rest.substr(0, end);
  rest.remove_prefix(value.size());
  return true;
}

bool take_plain(std::string_view& rest, std::string_view key, std::string_view& value) noexcept {
  return take_part(rest, key, value) && is_plain(value);
}

}  // namespace

void append_hop(std::string& out, const Hop& hop) {
  out += "v=1;l=";
  append_address(out, hop.local);
  out += ";c=";
  append_address(out, hop.client);
  if (hop.tls) {
    append_part(out, ";t=", hop.tls_protocol);
    append_part(out, ";k=", hop.tls_cipher);
    append_part(out, ";s=", hop.sni);
  }
  append_part(out, ";p=", hop.protocol);
  append_part(out, ";i=", hop.request_id);
}

Result<Hop> parse_hop(std::string_view value) {
  Hop out;
  std::string_view rest = value;
  std::string_view local;
  std::string_view client;
  bool good = take_part(rest, "v=1;l=", local) && parse_address(local, out.local) &&
              take_part(rest, ";c=", client) && parse_address(client, out.client);
  if (good && rest.substr(0, 3) == ";t=") {
    out.tls = true;
    good = take_plain(rest, ";t=", out.tls_protocol) && take_plain(rest, ";k=", out.tls_cipher) &&
           take_plain(rest, ";s=", out.sni);
  }
  good = good && take_plain(rest, ";p=", out.protocol) && take_plain(rest, ";i=", out.request_id) &&
         rest.empty();
  if (!good) return fail(ErrorCode::invalid, "bad " + std::string(kHopFieldName) + " field");
  return out;
}

}  // namespace base::http
