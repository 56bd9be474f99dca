// SPDX-License-Identifier: Apache-2.0
// Where OpenSSL reads and writes ciphertext: memory of ours, so that a turn of the loop costs one
// recv and one send.
#pragma once

#include "proxy/memory/byte_buffer.hpp"
#include "proxy/tls/handles.hpp"

#include <string_view>

namespace proxy::tls {

/// The two directions of one connection's ciphertext. Must outlive the SSL.
struct CipherStreams {
  std::string_view in;    ///< not yet read by OpenSSL; stands in somebody else's memory
  bool in_ended = false;  ///< the peer's stream has ended: reading past `in` is the end, not "wait"
  memory::ByteBuffer
      out;  ///< to be sent; never refuses (the caller looks at its size before it encrypts more)
};

/// Attaches `streams` to `ssl` for both directions.
void attach_streams(SSL* ssl, CipherStreams& streams);

}  // namespace proxy::tls
