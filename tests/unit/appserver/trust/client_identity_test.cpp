// SPDX-License-Identifier: Apache-2.0
// Who is believed when a request says for whom it speaks.
#include "appserver/trust/client_identity.hpp"

#include "base/http/hop.hpp"
#include "tests/unit/appserver/trust/head_text.hpp"

#include <gtest/gtest.h>

namespace appserver::trust {
namespace {

using base::http::FieldName;
using test::address;
using test::HeadText;
using test::networks;
using test::unix_address;

std::string hop_line(std::string_view client = "192.0.2.7", bool tls = true) {
  base::http::Hop hop;
  hop.local = address("203.0.113.1", 8443);
  hop.client = address(client, 51000);
  hop.tls = tls;
  if (tls) {
    hop.tls_protocol = "TLSv1.3";
    hop.tls_cipher = "TLS_AES_256_GCM_SHA384";
    hop.sni = "www.example.com";
  }
  hop.protocol = "HTTP/2.0";
  hop.request_id = "abc123";
  std::string out = "Gatehouse-Hop: ";
  base::http::append_hop(out, hop);
  return out + "\n";
}

ConnectionFacts unix_backend(PeerCredentials credentials) {
  return connection_facts(unix_address(), unix_address(), ListenerKind::backend, credentials, {});
}

TEST(ConnectionFacts, believes_a_proxy_by_listener_and_credentials_or_network) {
  const auto tcp_peer = address("10.0.0.5", 40000);
  const auto local = address("10.0.0.1", 8080);
  struct Case {
    const char* name;
    base::net::SocketAddress peer;
    ListenerKind listener;
    PeerCredentials credentials;
    base::net::IpNetworkSet proxies;
    bool believed;
  };
  const Case cases[] = {
      {"our process on the socket",
       unix_address(),
       ListenerKind::backend,
       PeerCredentials::ours,
       {},
       true},
      {"another process on the socket", unix_address(), ListenerKind::backend,
       PeerCredentials::none, networks({"0.0.0.0/0", "::/0"}), false},
      {"listed network", tcp_peer, ListenerKind::backend, PeerCredentials::none,
       networks({"10.0.0.0/24"}), true},
      {"other network", tcp_peer, ListenerKind::backend, PeerCredentials::none,
       networks({"10.0.1.0/24"}), false},
      {"TCP peer with credentials",
       tcp_peer,
       ListenerKind::backend,
       PeerCredentials::ours,
       {},
       false},
      {"plain listener, our process",
       unix_address(),
       ListenerKind::plain,
       PeerCredentials::ours,
       {},
       false},
      {"plain listener, listed network", tcp_peer, ListenerKind::plain, PeerCredentials::none,
       networks({"10.0.0.0/24"}), false},
  };
  for (const Case& c : cases) {
    const ConnectionFacts facts =
        connection_facts(c.peer, local, c.listener, c.credentials, c.proxies);
    EXPECT_EQ(facts.is_our_proxy, c.believed) << c.name;
  }
}

TEST(Identify, without_a_hop_the_peer_asks) {
  const ConnectionFacts facts =
      connection_facts(address("198.51.100.4", 50000), address("10.0.0.1", 80), ListenerKind::plain,
                       PeerCredentials::none, {});
  ClientIdentity out;
  ASSERT_TRUE(identify(facts, HeadText("GET / HTTP/1.1", "Host: a\n").head(), out));
  EXPECT_EQ(out.client_text, "198.51.100.4");
  EXPECT_EQ(out.local_text, "10.0.0.1");
  EXPECT_EQ(out.client.port, 50000);
  EXPECT_EQ(out.scheme(), "http");
  EXPECT_FALSE(out.from_hop);
  EXPECT_FALSE(out.hop_ignored);
  EXPECT_TRUE(out.forwarded.empty());
}

TEST(Identify, a_believed_hop_replaces_client_address_scheme_and_id) {
  const HeadText text("GET / HTTP/1.1", "Host: a\n" + hop_line());
  ClientIdentity out;
  ASSERT_TRUE(identify(unix_backend(PeerCredentials::ours), text.head(), out));
  EXPECT_TRUE(out.from_hop);
  EXPECT_EQ(out.client, address("192.0.2.7", 51000));
  EXPECT_EQ(out.local, address("203.0.113.1", 8443));
  EXPECT_EQ(out.client_text, "192.0.2.7");
  EXPECT_EQ(out.local_text, "203.0.113.1");
  EXPECT_EQ(out.scheme(), "https");
  EXPECT_EQ(out.tls_protocol, "TLSv1.3");
  EXPECT_EQ(out.tls_cipher, "TLS_AES_256_GCM_SHA384");
  EXPECT_EQ(out.sni, "www.example.com");
  EXPECT_EQ(out.protocol, "HTTP/2.0");
  EXPECT_EQ(out.request_id, "abc123");
}

TEST(Identify, nothing_of_a_former_request_stays) {
  const ConnectionFacts facts = unix_backend(PeerCredentials::ours);
  const HeadText first("GET / HTTP/1.1", "Host: a\nX-Real-IP: 1.1.1.1\n" + hop_line());
  const HeadText second("GET / HTTP/1.1", "Host: a\n");
  ClientIdentity out;
  ASSERT_TRUE(identify(facts, first.head(), out));
  ASSERT_TRUE(identify(facts, second.head(), out));
  EXPECT_FALSE(out.from_hop);
  EXPECT_FALSE(out.tls);
  EXPECT_TRUE(out.client.is_unix);
  EXPECT_EQ(out.client_text, "");
  EXPECT_EQ(out.request_id, "");
  EXPECT_EQ(out.protocol, "");
  EXPECT_TRUE(out.forwarded.empty());
}

TEST(IdentifyAttack, a_hop_from_anybody_else_is_ignored) {
  const ConnectionFacts others[] = {
      connection_facts(address("192.0.2.99", 1), address("10.0.0.1", 80), ListenerKind::plain,
                       PeerCredentials::none, networks({"192.0.2.0/24"})),
      unix_backend(PeerCredentials::none),
  };
  for (const ConnectionFacts& facts : others) {
    for (const std::string& line : {hop_line("127.0.0.1"), std::string("gatehouse-hop: nonsense\n"),
                                    hop_line("127.0.0.1") + hop_line("127.0.0.2")}) {
      const HeadText text("GET / HTTP/1.1", "Host: a\n" + line);
      ClientIdentity out;
      ASSERT_TRUE(identify(facts, text.head(), out)) << line;
      EXPECT_FALSE(out.from_hop) << line;
      EXPECT_FALSE(out.tls) << line;
      EXPECT_EQ(out.client, facts.peer) << line;
      EXPECT_EQ(out.client_text, facts.peer_text) << line;
      EXPECT_TRUE(out.hop_ignored) << line;
    }
  }
}

TEST(IdentifyAttack, a_believed_peer_with_a_broken_or_a_second_hop_is_refused) {
  for (const std::string& line :
       {std::string("Gatehouse-Hop: \n"), std::string("Gatehouse-Hop: v=2\n"),
        std::string("Gatehouse-Hop: v=1;l=10.0.0.1,80\n"), hop_line() + hop_line(),
        hop_line() + "Gatehouse-Hop: x\n"}) {
    const HeadText text("GET / HTTP/1.1", "Host: a\n" + line);
    ClientIdentity out;
    EXPECT_FALSE(identify(unix_backend(PeerCredentials::ours), text.head(), out)) << line;
    EXPECT_FALSE(out.from_hop) << line;
  }
}

TEST(Identify, names_the_forwarded_headers_that_are_there) {
  const HeadText text("GET / HTTP/1.1",
                      "Host: a\nX-FORWARDED-FOR: 1.1.1.1\nx-https: on\nForwarded: for=1.1.1.1\n"
                      "X-Request-ID: 1\nX-Requested-With: x\nVia: 1.1 a\nX-Forwarded-Prefix: /p\n"
                      "X_Real_IP: 1.1.1.1\nX.Host: b\n");
  ClientIdentity out;
  ASSERT_TRUE(identify(unix_backend(PeerCredentials::none), text.head(), out));
  EXPECT_EQ(out.forwarded,
            (FieldSet{FieldName::x_forwarded_for, FieldName::x_https, FieldName::forwarded}));
}

}  // namespace
}  // namespace appserver::trust
