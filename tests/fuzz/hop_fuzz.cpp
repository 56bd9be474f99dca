// SPDX-License-Identifier: Apache-2.0
// The hop field: what is accepted can be written again and means the same; what a client chose
// cannot forge a part.
#include "base/assert.hpp"
#include "base/http/hop.hpp"
#include "base/http/tokens.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace {

bool same(const base::http::Hop& a, const base::http::Hop& b) {
  return a.local == b.local && a.client == b.client && a.tls == b.tls &&
         a.tls_protocol == b.tls_protocol && a.tls_cipher == b.tls_cipher && a.sni == b.sni &&
         a.protocol == b.protocol && a.request_id == b.request_id;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (const auto hop = base::http::parse_hop(input)) {
    std::string again;
    base::http::append_hop(again, *hop);
    const auto back = base::http::parse_hop(again);
    GH_ASSERT(back && same(*hop, *back));
  }
  base::http::Hop hostile;
  hostile.tls = true;
  hostile.sni = input.substr(0, size / 2);
  hostile.request_id = input.substr(size / 2);
  hostile.protocol = "HTTP/2.0";
  std::string text;
  base::http::append_hop(text, hostile);
  GH_ASSERT(base::http::is_field_value(text));
  const auto back = base::http::parse_hop(text);
  GH_ASSERT(back && back->protocol == "HTTP/2.0" && back->local == hostile.local);
  GH_ASSERT(back->sni.empty() || back->sni == hostile.sni);
  GH_ASSERT(back->request_id.empty() || back->request_id == hostile.request_id);
  return 0;
}
