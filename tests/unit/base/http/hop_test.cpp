// SPDX-License-Identifier: Apache-2.0
// The hop field: what goes in comes out; anything odd is refused.
#include "base/http/hop.hpp"

#include <gtest/gtest.h>

#include <string>

namespace base::http {
namespace {

net::SocketAddress address(std::string_view ip, std::uint16_t port) {
  net::SocketAddress out;
  out.ip = *net::parse_ip(ip);
  out.port = port;
  return out;
}

Hop tls_hop() {
  Hop hop;
  hop.local = address("10.0.0.1", 8443);
  hop.client = address("2001:db8::7", 51000);
  hop.tls = true;
  hop.tls_protocol = "TLSv1.3";
  hop.tls_cipher = "TLS_AES_256_GCM_SHA384";
  hop.sni = "www.example.org";
  hop.protocol = "HTTP/2.0";
  hop.request_id = "3f2a-1";
  return hop;
}

constexpr std::string_view kTlsText =
    "v=1;l=10.0.0.1,8443;c=2001:db8::7,51000;t=TLSv1.3;k=TLS_AES_256_GCM_SHA384;s=www.example.org;"
    "p=HTTP/2.0;i=3f2a-1";

TEST(Hop, is_written_and_read_back) {
  std::string text;
  append_hop(text, tls_hop());
  EXPECT_EQ(text, kTlsText);
  const auto back = parse_hop(text);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->local, tls_hop().local);
  EXPECT_EQ(back->client, tls_hop().client);
  EXPECT_TRUE(back->tls);
  EXPECT_EQ(back->tls_protocol, "TLSv1.3");
  EXPECT_EQ(back->tls_cipher, "TLS_AES_256_GCM_SHA384");
  EXPECT_EQ(back->sni, "www.example.org");
  EXPECT_EQ(back->protocol, "HTTP/2.0");
  EXPECT_EQ(back->request_id, "3f2a-1");
}

TEST(Hop, without_tls_has_no_tls_parts) {
  Hop hop = tls_hop();
  hop.tls = false;
  hop.client = {};
  hop.client.is_unix = true;
  std::string text;
  append_hop(text, hop);
  EXPECT_EQ(text, "v=1;l=10.0.0.1,8443;c=unix,0;p=HTTP/2.0;i=3f2a-1");
  const auto back = parse_hop(text);
  ASSERT_TRUE(back);
  EXPECT_FALSE(back->tls);
  EXPECT_TRUE(back->client.is_unix);
  EXPECT_TRUE(back->sni.empty());
}

TEST(Hop, leaves_out_names_that_could_forge_a_part) {
  for (const std::string_view sni :
       {"a;p=HTTP/1.1", "a=b", "a,b", "a b", "a\r\nX: y", "a\xc3\xa9", "\"a\""}) {
    Hop hop = tls_hop();
    hop.sni = sni;
    std::string text;
    append_hop(text, hop);
    const auto back = parse_hop(text);
    ASSERT_TRUE(back) << sni;
    EXPECT_EQ(back->sni, "") << sni;
    EXPECT_EQ(back->protocol, "HTTP/2.0");
  }
  Hop hop = tls_hop();
  const std::string long_name(300, 'a');
  hop.sni = long_name;
  std::string text;
  append_hop(text, hop);
  EXPECT_EQ(text.find("aaa"), std::string::npos);
}

TEST(Hop, refuses_any_deviation) {
  const std::string_view rows[] = {
      "",
      "v=1",
      "v=2;l=10.0.0.1,8443;c=10.0.0.2,1;p=HTTP/1.1;i=",
      "l=10.0.0.1,8443;c=10.0.0.2,1;p=HTTP/1.1;i=",
      " v=1;l=10.0.0.1,8443;c=10.0.0.2,1;p=HTTP/1.1;i=",
      "v=1;l=10.0.0.1;c=10.0.0.2,1;p=HTTP/1.1;i=",
      "v=1;l=10.0.0.1,;c=10.0.0.2,1;p=HTTP/1.1;i=",
      "v=1;l=10.0.0.1,65536;c=10.0.0.2,1;p=HTTP/1.1;i=",
      "v=1;l=10.0.0.1,080;c=10.0.0.2,1;p=HTTP/1.1;i=",
      "v=1;l=10.0.0.1,-1;c=10.0.0.2,1;p=HTTP/1.1;i=",
      "v=1;l=[::1],80;c=10.0.0.2,1;p=HTTP/1.1;i=",
      "v=1;l=name,80;c=10.0.0.2,1;p=HTTP/1.1;i=",
      "v=1;l=unix,1;c=10.0.0.2,1;p=HTTP/1.1;i=",
      "v=1;c=10.0.0.1,8443;l=10.0.0.2,1;p=HTTP/1.1;i=",
      "v=1;l=10.0.0.1,8443;c=10.0.0.2,1;p=HTTP/1.1",
      "v=1;l=10.0.0.1,8443;c=10.0.0.2,1;i=;p=HTTP/1.1",
      "v=1;l=10.0.0.1,8443;c=10.0.0.2,1;p=HTTP/1.1;i=;",
      "v=1;l=10.0.0.1,8443;c=10.0.0.2,1;p=HTTP/1.1;i=;x=1",
      "v=1;l=10.0.0.1,8443;c=10.0.0.2,1;p=HTTP/1.1;i=a, v=1",
      "v=1;l=10.0.0.1,8443;c=10.0.0.2,1;t=TLSv1.3;p=HTTP/1.1;i=",
      "v=1;l=10.0.0.1,8443;c=10.0.0.2,1;s=a;p=HTTP/1.1;i=",
      "v=1;l=10.0.0.1,8443;c=10.0.0.2,1;t=a b;p=HTTP/1.1;i=",
      "v=1;l=10.0.0.1,8443;c=10.0.0.2,1;t=TLSv1.3,k=c,s=d;p=HTTP/1.1;i=",
      "v=1;l=10.0.0.1,8443;c=10.0.0.2,1;t=a b;k=c;s=d;p=HTTP/1.1;i=",
  };
  ASSERT_TRUE(parse_hop("v=1;l=10.0.0.1,8443;c=10.0.0.2,1;p=HTTP/1.1;i="));
  for (const std::string_view row : rows) EXPECT_FALSE(parse_hop(row)) << row;
  for (std::size_t size = 0; size < kTlsText.size() - 6; ++size)
    EXPECT_FALSE(parse_hop(kTlsText.substr(0, size))) << size;
}

}  // namespace
}  // namespace base::http
