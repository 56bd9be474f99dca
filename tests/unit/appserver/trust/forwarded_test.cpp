// SPDX-License-Identifier: Apache-2.0
// The algorithm of wsgi-hosting 5.3 and the walk of 5.4, as the application sees their outcome.
#include "appserver/trust/forwarded.hpp"

#include "base/http/field_name.hpp"
#include "tests/unit/appserver/trust/head_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace appserver::trust {
namespace {

using base::http::FieldName;
using config::Origin;
using test::address;
using test::HeadText;
using test::networks;
using test::unix_address;

struct Settings {
  std::vector<std::string_view> proxies;
  std::vector<std::string> headers;
  bool has_proxies = true;
  bool unix_peers = false;
  bool pass = false;
};

TrustPolicy policy_of(const Settings& settings) {
  config::Scope scope;
  if (settings.has_proxies) {
    base::net::IpNetworkSet set;
    for (const std::string_view text : settings.proxies)
      set.add(base::net::parse_network(text).value());
    scope.trusted_proxies = {set, Origin{}};
  }
  if (settings.unix_peers) scope.trusted_unix_peers = {true, Origin{}};
  if (!settings.headers.empty()) scope.trusted_proxy_headers = {settings.headers, Origin{}};
  if (settings.pass) scope.untrusted_forwarded_pass = {true, Origin{}};
  return make_policy(scope);
}

/// "REMOTE_ADDR=1.1.1.1 HTTPS=on visible: X-Forwarded-For=..": everything that is not as it was, in
/// a fixed order.
std::string outcome_text(const TrustPolicy& policy, const ClientIdentity& client,
                         const base::http::RequestHead& head) {
  ForwardedOutcome outcome;
  apply_forwarded(policy, client, head, outcome);
  std::string out;
  const auto add = [&out](std::string_view name, const std::optional<std::string>& value) {
    if (value) out.append(name).append("=").append(*value).append(" ");
  };
  std::optional<std::string> forwarded_for;
  if (outcome.overrides) {
    const Overrides& o = *outcome.overrides;
    add("REMOTE_ADDR", o.remote_addr);
    add("HTTP_HOST", o.http_host);
    add("SERVER_NAME", o.server_name);
    add("SERVER_PORT", o.server_port);
    add("SCRIPT_NAME", o.script_name);
    const char* const https[] = {"", "HTTPS=on ", "HTTPS=off ", "HTTPS=this-hop-ignored "};
    out.append(https[static_cast<std::size_t>(o.https)]);
    forwarded_for = o.forwarded_for;
  }
  out.append("|");
  FieldSet shown;
  for (const base::http::Field& field : head.fields) {
    if (!kForwardedFields.has(field.id) || outcome.hidden.has(field.id) || shown.has(field.id))
      continue;
    shown.add(field.id);
    const bool rewritten = field.id == FieldName::x_forwarded_for && forwarded_for;
    out.append(" ").append(base::http::text_of(field.id));
    if (rewritten) out.append("=").append(*forwarded_for);
  }
  EXPECT_TRUE(outcome.hidden.has(FieldName::gatehouse_hop));
  return out;
}

ClientIdentity client_at(const base::net::SocketAddress& peer, const base::http::RequestHead& head,
                         bool from_hop = false) {
  ClientIdentity client;
  const ConnectionFacts facts = connection_facts(peer, address("10.0.0.9", 80), ListenerKind::plain,
                                                 PeerCredentials::none, {});
  EXPECT_TRUE(identify(facts, head, client));
  client.from_hop = from_hop;
  return client;
}

std::string run(const Settings& settings, std::string_view peer, std::string_view lines,
                bool from_hop = false) {
  const HeadText text("GET / HTTP/1.1", "Host: a\n" + std::string(lines));
  const auto from = peer == "unix" ? unix_address() : address(peer, 40000);
  return outcome_text(policy_of(settings), client_at(from, text.head(), from_hop), text.head());
}

const std::vector<std::string_view> kTen = {"10.0.0.0/8"};

TEST(ForwardedFor, worked_examples_of_the_specification) {
  struct Case {
    const char* lines;
    const char* expected;
  };
  const Case cases[] = {
      {"X-Forwarded-For: 203.0.113.9\n", "REMOTE_ADDR=203.0.113.9 | X-Forwarded-For=203.0.113.9"},
      {"X-Forwarded-For: 1.1.1.1, 203.0.113.9\n",
       "REMOTE_ADDR=203.0.113.9 | X-Forwarded-For=203.0.113.9"},
      {"X-Forwarded-For: 1.1.1.1, 203.0.113.9, 10.2.2.2\n",
       "REMOTE_ADDR=203.0.113.9 | X-Forwarded-For=203.0.113.9, 10.2.2.2"},
      {"X-Forwarded-For: 10.9.9.9, 10.2.2.2\n",
       "REMOTE_ADDR=10.9.9.9 | X-Forwarded-For=10.9.9.9, 10.2.2.2"},
      {"X-Forwarded-For: , ,\n", "| X-Forwarded-For"},
      {"X-Forwarded-For: 1.2.3.4\nX-Forwarded-For: 5.6.7.8\n",
       "REMOTE_ADDR=5.6.7.8 | X-Forwarded-For=5.6.7.8"},
      {"", "|"},
      // Where the reference takes what is no address, the last valid one stands (5.4, gatehouse).
      {"X-Forwarded-For: evil, 10.2.2.2\n", "REMOTE_ADDR=10.2.2.2 | X-Forwarded-For=10.2.2.2"},
      {"X-Forwarded-For: 1.2.3.4:80, 10.1.1.1\n",
       "REMOTE_ADDR=10.1.1.1 | X-Forwarded-For=10.1.1.1"},
      {"X-Forwarded-For: evil\n", "|"},
      {"X-Forwarded-For: 1.1.1.1, unknown\n", "|"},
      // Blanks, empty elements, IPv6 in its spellings.
      {"X-Forwarded-For: 1.1.1.1 ,, \t203.0.113.9\t ,10.2.2.2,\n",
       "REMOTE_ADDR=203.0.113.9 | X-Forwarded-For=203.0.113.9, 10.2.2.2"},
      {"X-Forwarded-For: 2001:db8::7, 10.2.2.2\n",
       "REMOTE_ADDR=2001:db8::7 | X-Forwarded-For=2001:db8::7, 10.2.2.2"},
      {"X-Forwarded-For: 1.1.1.1, ::ffff:10.2.2.2\n",
       "REMOTE_ADDR=1.1.1.1 | X-Forwarded-For=1.1.1.1, ::ffff:10.2.2.2"},
      {"X-Forwarded-For: 1.1.1.1, [2001:db8::7], 10.2.2.2\n",
       "REMOTE_ADDR=10.2.2.2 | X-Forwarded-For=10.2.2.2"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(run({kTen, {"X-Forwarded-For"}}, "10.0.0.1", c.lines), c.expected) << c.lines;
  EXPECT_EQ(run({kTen, {"X-Forwarded-For"}}, "192.0.2.5", "X-Forwarded-For: 203.0.113.9\n"), "|");
}

TEST(ForwardedFor, an_element_that_is_no_address_is_reported) {
  const auto networks_ten = networks({"10.0.0.0/8"});
  EXPECT_TRUE(walk_forwarded_for("evil, 10.2.2.2", networks_ten).found_invalid);
  EXPECT_FALSE(walk_forwarded_for("1.1.1.1, 10.2.2.2", networks_ten).found_invalid);
  // What stands left of the client was never vouched for: it may be anything.
  EXPECT_FALSE(walk_forwarded_for("evil, 1.1.1.1", networks_ten).found_invalid);
  EXPECT_FALSE(walk_forwarded_for(" , ", networks_ten).has_elements);
}

TEST(Forwarded, checklist_81_to_84_and_the_safer_defaults) {
  struct Case {
    const char* name;
    Settings settings;
    const char* peer;
    const char* lines;
    const char* expected;
  };
  const Settings only_peer = {{"10.0.0.1"}, {"X-Forwarded-For"}};
  const char* const spoofed =
      "X-Forwarded-For: 1.1.1.1\nX-Real-IP: 2.2.2.2\nX-Forwarded-Host: evil\nX-HTTPS: on\n"
      "Forwarded: for=3.3.3.3\nX-Script-Name: /x\n";
  const Case cases[] = {
      {"81: only the peer is trusted", only_peer, "10.0.0.1", "X-Forwarded-For: 1.1.1.1, 2.2.2.2\n",
       "REMOTE_ADDR=2.2.2.2 | X-Forwarded-For=2.2.2.2"},
      {"82: untrusted peer", only_peer, "192.0.2.5", spoofed, "|"},
      {"83: trusted peer without the declared header", only_peer, "10.0.0.1",
       "X-Real-IP: 2.2.2.2\n", "|"},
      {"84: nothing declared, untrusted", {{"10.0.0.1"}, {}}, "192.0.2.5", spoofed, "|"},
      {"84: nothing configured at all", {{}, {}, false}, "10.0.0.1", spoofed, "|"},
      {"84 with pass: everything is visible, nothing is taken",
       {{}, {}, false, false, true},
       "192.0.2.5",
       spoofed,
       "| X-Forwarded-For X-Real-IP X-Forwarded-Host X-HTTPS Forwarded X-Script-Name"},
      {"82 with pass: a declared category is removed whole",
       {{"10.0.0.1"}, {"X-Forwarded-For"}, true, false, true},
       "192.0.2.5",
       spoofed,
       "| X-Forwarded-Host X-HTTPS Forwarded X-Script-Name"},
      {"85: headers without proxies are honoured from nobody",
       {{}, {"X-Forwarded-For"}, false},
       "192.0.2.5",
       "X-Forwarded-For: 1.1.1.1, 2.2.2.2\n",
       "|"},
      {"85 with pass: still from nobody",
       {{}, {"X-Forwarded-For"}, false, false, true},
       "192.0.2.5",
       "X-Forwarded-For: 1.1.1.1\nX-Forwarded-Host: h\n",
       "| X-Forwarded-Host"},
      {"trusted peer, nothing declared: all pass, none counts",
       {kTen, {}},
       "10.0.0.1",
       spoofed,
       "| X-Forwarded-For X-Real-IP X-Forwarded-Host X-HTTPS Forwarded X-Script-Name"},
      {"categories not declared stay",
       {kTen, {"X-Forwarded-Host"}},
       "10.0.0.1",
       "X-Forwarded-Host: pub:81\nX-Host: other\nX-Real-IP: 2.2.2.2\nForwarded: a\n",
       "HTTP_HOST=pub:81 | X-Forwarded-Host X-Real-IP Forwarded"},
      {"mapped IPv4 peer is the IPv4 peer",
       {kTen, {"X-Real-IP"}},
       "::ffff:10.0.0.1",
       "X-Real-IP: 2.2.2.2\n",
       "REMOTE_ADDR=2.2.2.2 | X-Real-IP"},
      {"unix peer is not trusted by networks",
       {{"0.0.0.0/0", "::/0"}, {"X-Real-IP"}},
       "unix",
       "X-Real-IP: 2.2.2.2\n",
       "|"},
      {"unix peer listed as unix:",
       {{}, {"X-Real-IP"}, true, true},
       "unix",
       "X-Real-IP: 2.2.2.2\n",
       "REMOTE_ADDR=2.2.2.2 | X-Real-IP"},
      {"`unix:` trusts no IP peer",
       {{}, {"X-Real-IP"}, true, true},
       "10.0.0.1",
       "X-Real-IP: 2.2.2.2\n",
       "|"},
  };
  for (const Case& c : cases) EXPECT_EQ(run(c.settings, c.peer, c.lines), c.expected) << c.name;
}

TEST(Forwarded, each_header_has_its_effect) {
  struct Case {
    const char* header;
    const char* value;
    const char* effect;
  };
  const Case cases[] = {
      {"X-Client-IP", "not checked", "REMOTE_ADDR=not checked "},
      {"X-Real-IP", "1.1.1.1", "REMOTE_ADDR=1.1.1.1 "},
      {"X-Forwarded-Host", "a:1, b", "HTTP_HOST=a:1, b "},
      {"X-Host", "h", "HTTP_HOST=h "},
      {"X-Forwarded-Server", "s", "SERVER_NAME=s "},
      {"X-Forwarded-Port", "8443", "SERVER_PORT=8443 "},
      {"X-Script-Name", "/x", "SCRIPT_NAME=/x "},
      {"X-Forwarded-Script-Name", "/y", "SCRIPT_NAME=/y "},
      {"X-Forwarded-Proto", "HTTPS", "HTTPS=on "},
      {"X-Forwarded-Proto", "http", "HTTPS=off "},
      {"X-Forwarded-Proto", "wss", "HTTPS=this-hop-ignored "},
      {"X-Forwarded-Proto", "on", "HTTPS=this-hop-ignored "},
      {"X-Forwarded-Scheme", "https", "HTTPS=on "},
      {"X-Scheme", "http", "HTTPS=off "},
      {"X-Forwarded-HTTPS", "True", "HTTPS=on "},
      {"X-Forwarded-HTTPS", "https", "HTTPS=this-hop-ignored "},
      {"X-Forwarded-SSL", "1", "HTTPS=on "},
      {"X-Forwarded-SSL", "off", "HTTPS=off "},
      {"X-HTTPS", "false", "HTTPS=off "},
      {"X-HTTPS", "0", "HTTPS=off "},
  };
  for (const Case& c : cases) {
    const std::string line = std::string(c.header) + ": " + c.value + "\n";
    EXPECT_EQ(run({kTen, {c.header}}, "10.0.0.1", line), std::string(c.effect) + "| " + c.header)
        << line;
    EXPECT_EQ(run({kTen, {c.header}}, "192.0.2.5", line), "|") << line;
  }
}

TEST(Forwarded, of_synonyms_the_last_configured_and_present_wins) {
  const std::string both = "X-Real-IP: 1.1.1.1\nX-Client-IP: 2.2.2.2\nX-Forwarded-For: 3.3.3.3\n";
  EXPECT_EQ(run({kTen, {"X-Real-IP", "X-Client-IP"}}, "10.0.0.1", both),
            "REMOTE_ADDR=2.2.2.2 | X-Client-IP");
  EXPECT_EQ(run({kTen, {"X-Client-IP", "X-Real-IP"}}, "10.0.0.1", both),
            "REMOTE_ADDR=1.1.1.1 | X-Real-IP");
  EXPECT_EQ(run({kTen, {"X-Client-IP", "X-Real-IP"}}, "10.0.0.1", "X-Client-IP: 2.2.2.2\n"),
            "REMOTE_ADDR=2.2.2.2 | X-Client-IP");
  // The effects run one after the other: what the last one does not understand, an earlier one has
  // said.
  EXPECT_EQ(run({kTen, {"X-Forwarded-Proto", "X-HTTPS"}}, "10.0.0.1",
                "X-Forwarded-Proto: https\nX-HTTPS: what\n"),
            "HTTPS=on | X-HTTPS");
}

TEST(Forwarded, unknown_and_impossible_names_are_ignored) {
  EXPECT_EQ(run({kTen, {"X-Forwarded-Prefix", "Forwarded", "Via", "X_Real_IP", "X Real IP"}},
                "10.0.0.1", "X-Real-IP: 1.1.1.1\nForwarded: for=1.1.1.1\n"),
            "| X-Real-IP Forwarded");
}

TEST(Forwarded, of_our_own_proxy_only_the_stamps_are_seen_and_none_is_taken) {
  const char* const stamped =
      "X-Forwarded-For: 192.0.2.5\nX-Forwarded-Proto: https\nX-Forwarded-Host: a\n"
      "X-Forwarded-Port: 443\nForwarded: for=192.0.2.5\nX-Real-IP: 6.6.6.6\nX-Script-Name: /x\n";
  const char* const stamps =
      "| X-Forwarded-For X-Forwarded-Proto X-Forwarded-Host X-Forwarded-Port Forwarded";
  EXPECT_EQ(run({{}, {}, false}, "192.0.2.5", stamped, true), stamps);
  EXPECT_EQ(run({kTen, {"X-Forwarded-For", "X-Forwarded-Proto"}}, "192.0.2.5", stamped, true),
            stamps);
}

TEST(Forwarded, a_balancer_before_our_own_proxy_is_judged_like_any_peer) {
  EXPECT_EQ(run({kTen, {"X-Forwarded-For", "X-Forwarded-Proto"}}, "10.0.0.7",
                "X-Forwarded-For: 203.0.113.9, 10.0.0.7\nX-Forwarded-Proto: https\n"
                "X-Real-IP: 6.6.6.6\n",
                true),
            "REMOTE_ADDR=203.0.113.9 HTTPS=on | X-Forwarded-For=203.0.113.9, 10.0.0.7 "
            "X-Forwarded-Proto");
}

TEST(ForwardedAttack, look_alikes_never_count) {
  // Underscore and dot become no variable at all (wsgi-hosting 4.4); here they must have no effect
  // either.
  EXPECT_EQ(run({kTen, {"X-Forwarded-For", "X-Forwarded-Proto", "X-Script-Name"}}, "10.0.0.1",
                "X_Forwarded_For: 1.1.1.1\nX.Forwarded.Proto: https\nX-Script_Name: /x\n"
                "XX-Forwarded-For: 1.1.1.1\nX-Forwarded-For-: 1.1.1.1\n"),
            "|");
}

TEST(ForwardedAttack, case_and_repetition_hide_nothing) {
  EXPECT_EQ(run({{}, {}, false}, "192.0.2.5",
                "x-forwarded-for: 1\nX-FORWARDED-FOR: 2\nx-Real-ip: 3\nFORWARDED: 4\n"),
            "|");
}

TEST(Forwarded, drops_are_counted_by_reason) {
  const auto count = [](const Settings& settings, std::string_view peer, std::string_view lines) {
    const HeadText text("GET / HTTP/1.1", "Host: a\n" + std::string(lines));
    ForwardedOutcome outcome;
    apply_forwarded(policy_of(settings), client_at(address(peer, 1), text.head()), text.head(),
                    outcome);
    return outcome.dropped;
  };
  using Counts = std::array<std::uint16_t, 3>;  // untrusted, synonym, invalid
  EXPECT_EQ(count({kTen, {"X-Real-IP"}}, "192.0.2.5", "X-Real-IP: 1\nX-Host: 2\nX-Host: 3\n"),
            (Counts{2, 0, 0}));
  EXPECT_EQ(count({kTen, {"X-Real-IP"}}, "10.0.0.1", "X-Real-IP: 1\nX-Client-IP: 2\n"),
            (Counts{0, 1, 0}));
  EXPECT_EQ(count({kTen, {"X-Forwarded-For"}}, "10.0.0.1", "X-Forwarded-For: evil\n"),
            (Counts{0, 0, 1}));
  EXPECT_EQ(count({kTen, {"X-Forwarded-For"}}, "10.0.0.1", ""), (Counts{0, 0, 0}));
}

}  // namespace
}  // namespace appserver::trust
