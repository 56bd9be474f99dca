// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/proxy/http2_client.hpp"

namespace tests::proxy {

namespace {
constexpr std::size_t kHeadBytes = 9;

void append_length(std::string& out, std::size_t size) {
  // An integer with a prefix of 7 bits (RFC 7541 section 5.1); the top bit, Huffman, stays 0.
  if (size < 127) {
    out.push_back(static_cast<char>(size));
    return;
  }
  out.push_back(127);
  size -= 127;
  for (; size >= 128; size >>= 7U) out.push_back(static_cast<char>((size & 127U) | 128U));
  out.push_back(static_cast<char>(size));
}

std::uint32_t number_at(std::string_view bytes, std::size_t offset, std::size_t size) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < size; ++i)
    out = out << 8U | static_cast<std::uint8_t>(bytes[offset + i]);
  return out;
}
}  // namespace

std::uint32_t Frame::number(std::size_t offset) const {
  return offset + 4 <= payload.size() ? number_at(payload, offset, 4) : 0xffffffff;
}

std::string u32(std::uint32_t value) {
  return {static_cast<char>(value >> 24U), static_cast<char>(value >> 16U),
          static_cast<char>(value >> 8U), static_cast<char>(value)};
}

std::string frame(FrameType type, std::uint8_t flags, std::uint32_t stream,
                  std::string_view payload) {
  std::string out = u32(static_cast<std::uint32_t>(payload.size())).substr(1);
  out.push_back(static_cast<char>(type));
  out.push_back(static_cast<char>(flags));
  out += u32(stream);
  out += payload;
  return out;
}

std::string hpack(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    out.push_back(0x10);
    append_length(out, name.size());
    out += name;
    append_length(out, value.size());
    out += value;
  }
  return out;
}

Http2Client::Http2Client(const base::net::Endpoint& endpoint) : tls_(endpoint, "h2") {
  tls_.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(FrameType::settings, 0, 0));
}

bool Http2Client::request(std::uint32_t stream, std::string_view method, bool end_stream,
                          const Fields& more) {
  Fields fields{{":method", std::string(method)},
                {":scheme", "https"},
                {":authority", "localhost"},
                {":path", "/"}};
  fields.insert(fields.end(), more.begin(), more.end());
  const std::uint8_t flags = static_cast<std::uint8_t>(kEndHeaders | (end_stream ? kEndStream : 0));
  return send(frame(FrameType::headers, flags, stream, hpack(fields)));
}

bool Http2Client::receive(Frame& out) {
  const auto have = [this](std::size_t size) {
    while (buffer_.size() < size) {
      const std::string piece = tls_.receive();
      if (piece.empty()) return false;
      buffer_ += piece;
    }
    return true;
  };
  if (!have(kHeadBytes)) return false;
  const std::size_t size = number_at(buffer_, 0, 3);
  if (!have(kHeadBytes + size)) return false;
  out.type = static_cast<FrameType>(buffer_[3]);
  out.flags = static_cast<std::uint8_t>(buffer_[4]);
  out.stream = number_at(buffer_, 5, 4);
  out.payload = buffer_.substr(kHeadBytes, size);
  buffer_.erase(0, kHeadBytes + size);
  return true;
}

bool Http2Client::wait_for(FrameType type, std::uint32_t stream, Frame& out) {
  while (receive(out)) {
    if (out.type == type && (stream == 0 || out.stream == stream)) return true;
  }
  return false;
}

bool Http2Client::goaway(std::uint32_t& error_code) {
  Frame last;
  if (!wait_for(FrameType::goaway, 0, last)) return false;
  error_code = last.number(4);
  return true;
}

}  // namespace tests::proxy
