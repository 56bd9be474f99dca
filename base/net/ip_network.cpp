// SPDX-License-Identifier: Apache-2.0
#include "base/net/ip_network.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace base::net {

namespace {

constexpr unsigned kMappedBits = 96;  // an IPv4 address is the last 32 of 128

bool parse_number(std::string_view text, unsigned limit, unsigned& out) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && out <= limit;
}

/// "10", "10.1", "10.1.2" or a whole address: octets read, 0 when it is none of them.
unsigned parse_octets(std::string_view text, IpAddress& out) {
  out.bytes[10] = out.bytes[11] = 0xff;
  for (unsigned count = 0; count < 4;) {
    const std::size_t dot = text.find('.');
    unsigned octet = 0;
    if (!parse_number(text.substr(0, dot), 255, octet)) return 0;
    out.bytes[12 + count++] = static_cast<std::uint8_t>(octet);
    if (dot == std::string_view::npos) return count;
    text.remove_prefix(dot + 1);
  }
  return 0;
}

/// Bits of a mask such as 255.255.0.0; false when ones follow a zero.
bool parse_mask(std::string_view text, unsigned& bits) {
  IpAddress mask;
  if (parse_octets(text, mask) != 4) return false;
  std::uint32_t value = 0;
  for (int i = 12; i < 16; ++i) value = value << 8 | mask.bytes[i];
  bits = 0;
  while (bits < 32 && (value & 0x80000000U) != 0) {
    value <<= 1;
    ++bits;
  }
  return value == 0;
}

bool host_bits_are_zero(const IpAddress& address, unsigned prefix_bits) {
  for (unsigned bit = prefix_bits; bit < 128; ++bit)
    if ((address.bytes[bit / 8] >> (7 - bit % 8) & 1) != 0) return false;
  return true;
}

}  // namespace

bool IpNetwork::contains(const IpAddress& ip) const noexcept {
  // `::/0` means every IPv6 address; an IPv4 peer is named by IPv4 networks only.
  if (prefix_bits < kMappedBits && ip.is_v4()) return false;
  const unsigned whole = prefix_bits / 8;
  if (std::memcmp(address.bytes, ip.bytes, whole) != 0) return false;
  const unsigned rest = prefix_bits % 8;
  return rest == 0 || ((address.bytes[whole] ^ ip.bytes[whole]) >> (8 - rest)) == 0;
}

std::string IpNetwork::text() const {
  if (prefix_bits == 128) return address.text();
  const bool v4 = address.is_v4() && prefix_bits >= kMappedBits;
  return address.text() + "/" + std::to_string(v4 ? prefix_bits - kMappedBits : prefix_bits);
}

Result<IpNetwork> parse_network(std::string_view text) {
  const auto refuse = [text](const char* why) {
    return fail(ErrorCode::invalid, std::string(text) + ": " + why);
  };
  const std::size_t slash = text.find('/');
  const std::string_view host = text.substr(0, slash);
  const bool has_prefix = slash != std::string_view::npos;
  const std::string_view prefix = has_prefix ? text.substr(slash + 1) : std::string_view();
  IpNetwork out;
  if (host.find(':') != std::string_view::npos) {
    if (std::any_of(host.begin(), host.end(), [](char c) { return c >= 'A' && c <= 'F'; }))
      return refuse("IPv6 is written with lower-case hexadecimal digits");
    auto ip = parse_ip(host);
    if (!ip) return refuse("not an IP address or network");
    out.address = *ip;
    if (has_prefix && !parse_number(prefix, 128, out.prefix_bits))
      return refuse("a prefix of 0 to 128 bits is expected after the slash");
  } else {
    const unsigned octets = parse_octets(host, out.address);
    if (octets == 0) return refuse("not an IP address or network");
    unsigned bits = octets * 8;
    if (has_prefix) {
      if (octets != 4) return refuse("a prefix needs a whole address before it");
      const bool is_mask = prefix.find('.') != std::string_view::npos;
      if (!(is_mask ? parse_mask(prefix, bits) : parse_number(prefix, 32, bits)))
        return refuse(
            "a prefix of 0 to 32 bits or a mask without holes is expected after the slash");
    }
    out.prefix_bits = kMappedBits + bits;
  }
  if (!host_bits_are_zero(out.address, out.prefix_bits))
    return refuse("bits are set beyond the prefix");
  return out;
}

bool IpNetworkSet::contains(const IpAddress& ip) const noexcept {
  return std::any_of(networks_.begin(), networks_.end(),
                     [&ip](const IpNetwork& network) { return network.contains(ip); });
}

}  // namespace base::net
