// SPDX-License-Identifier: Apache-2.0
// HTTP/2 frame by frame: nothing is checked on the way out, so that every rule can be broken.
#pragma once

#include "tests/integration/proxy/tls_client.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tests::proxy {

enum class FrameType : std::uint8_t {
  data = 0,
  headers = 1,
  priority = 2,
  rst_stream = 3,
  settings = 4,
  push_promise = 5,
  ping = 6,
  goaway = 7,
  window_update = 8,
  continuation = 9,
};
inline constexpr std::uint8_t kEndStream = 1;
inline constexpr std::uint8_t kEndHeaders = 4;

struct Frame {
  FrameType type{};
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
  std::string payload;

  /// The 32-bit number at `offset` of the payload: error codes of RST_STREAM (0) and GOAWAY (4).
  [[nodiscard]] std::uint32_t number(std::size_t offset) const;
};

std::string frame(FrameType type, std::uint8_t flags, std::uint32_t stream,
                  std::string_view payload = {});
/// Fields as HPACK literals that are never indexed and not compressed.
std::string hpack(const std::vector<std::pair<std::string, std::string>>& fields);
std::string u32(std::uint32_t value);

class Http2Client {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;
  /// Connects and sends preface and SETTINGS.
  explicit Http2Client(const base::net::Endpoint& endpoint);

  bool send(std::string_view bytes) { return tls_.send(bytes); }
  /// HEADERS of a request for /, with `more` behind the pseudo-fields.
  bool request(std::uint32_t stream, std::string_view method, bool end_stream,
               const Fields& more = {});
  /// The next frame. False at the end of the stream.
  bool receive(Frame& out);
  /// Reads until a frame of this type comes (on this stream, unless 0). False when the connection
  /// ends before.
  bool wait_for(FrameType type, std::uint32_t stream, Frame& out);
  /// Whether the connection ends with GOAWAY; its error code.
  bool goaway(std::uint32_t& error_code);
  TlsClient& tls() { return tls_; }

 private:
  TlsClient tls_;
  std::string buffer_;
};

}  // namespace tests::proxy
