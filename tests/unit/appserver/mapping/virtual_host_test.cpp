// SPDX-License-Identifier: Apache-2.0
// Which host answers: address first, then name (wsgi-hosting 1.6; section 10 items 100, 107-109).
#include "appserver/mapping/virtual_host.hpp"

#include "tests/unit/appserver/mapping/world.hpp"

#include <gtest/gtest.h>

namespace appserver::mapping {
namespace {

using test::address;
using test::World;

config::VirtualHost host(std::vector<std::string_view> addresses, std::string name,
                         std::vector<std::string> aliases = {}) {
  config::VirtualHost out;
  for (const std::string_view text : addresses)
    out.addresses.push_back(text == "*" ? base::net::Endpoint{}
                                        : base::net::parse_endpoint(text).value());
  out.server_name = std::move(name);
  out.aliases = std::move(aliases);
  return out;
}

std::vector<config::VirtualHost> hosts(std::vector<config::VirtualHost> virtual_hosts) {
  virtual_hosts.insert(virtual_hosts.begin(), host({}, "main"));
  return virtual_hosts;
}

TEST(HostIndex, exact_address_beats_port_beats_any) {
  const auto list = hosts({host({"*"}, "any"), host({"80"}, "port"), host({"10.0.0.1:80"}, "exact"),
                           host({"[2001:db8::1]:80"}, "six")});
  const HostIndex index(list);
  struct Case {
    const char* ip;
    std::uint16_t port;
    std::size_t expected;
  };
  const Case cases[] = {{"10.0.0.1", 80, 3}, {"::ffff:10.0.0.1", 80, 3}, {"10.0.0.2", 80, 2},
                        {"10.0.0.1", 81, 1}, {"2001:db8::1", 80, 4},     {"2001:db8::2", 80, 2}};
  // The name of another set's host changes nothing: it is not asked.
  for (const Case& c : cases)
    for (const char* name : {"", "any", "port", "exact", "unknown"})
      EXPECT_EQ(index.select(address(c.ip, c.port), name), c.expected) << c.ip << c.port << name;
}

TEST(HostIndex, no_matching_address_is_the_main_server) {
  const auto list = hosts({host({"10.0.0.1:80"}, "a"), host({"8080"}, "b")});
  const HostIndex index(list);
  EXPECT_EQ(index.select(address("10.0.0.1", 81), "a"), 0U);
  EXPECT_EQ(index.select(address("10.0.0.2", 80), "a"), 0U);
}

TEST(HostIndex, names_in_file_order_first_host_otherwise) {
  const auto list = hosts({
      host({"80"}, "a.example", {"*.wild.example", "al?as.example"}),
      host({"80"}, "B.Example.", {"b2.example", "x.wild.example"}),
      host({"80"}, "b.example"),
      host({"80"}, ""),
  });
  const HostIndex index(list);
  struct Case {
    const char* name;
    std::size_t expected;
  };
  const Case cases[] = {
      {"a.example", 1},
      {"b.example", 2},
      {"b2.example", 2},
      {"x.wild.example", 1},  // 107: the earlier host's wildcard beats the later host's exact name
      {"deep.er.wild.example", 1},
      {"wild.example", 1},  // no match: the first host
      {"alias.example", 1},
      {"unknown", 1},
      {"", 1},
  };
  for (const Case& c : cases)
    EXPECT_EQ(index.select(address("10.0.0.1", 80), c.name), c.expected) << c.name;
  EXPECT_FALSE(index.is_name_of(1, "wild.example"));
  EXPECT_TRUE(index.is_name_of(1, "a.wild.example"));
  EXPECT_FALSE(index.is_name_of(4, ""));
}

TEST(HostIndex, a_later_wildcard_does_not_beat_an_earlier_exact_name) {
  const auto list =
      hosts({host({"80"}, "first"), host({"80"}, "x.example"), host({"80"}, "z", {"*.example"})});
  const HostIndex index(list);
  EXPECT_EQ(index.select(address("10.0.0.1", 80), "x.example"), 2U);
  EXPECT_EQ(index.select(address("10.0.0.1", 80), "y.example"), 3U);
}

TEST(HostIndex, one_host_on_several_addresses) {
  const auto list = hosts({host({"80", "10.0.0.1:81"}, "a"), host({"80"}, "b")});
  const HostIndex index(list);
  EXPECT_EQ(index.select(address("10.0.0.1", 81), "b"), 1U);
  EXPECT_EQ(index.select(address("10.0.0.1", 80), "b"), 2U);
}

TEST(HostIndex, a_unix_socket_has_no_port) {
  const auto all = hosts({host({"10.0.0.1:80"}, "a"), host({"80"}, "b"), host({"443"}, "c")});
  const HostIndex index(all);
  EXPECT_EQ(index.select(test::unix_address(), "c"), 3U);
  EXPECT_EQ(index.select(test::unix_address(), "a"), 2U);
  const auto with_any = hosts({host({"80"}, "b"), host({"*"}, "any")});
  EXPECT_EQ(HostIndex(with_any).select(test::unix_address(), "b"), 2U);
}

class HostQuestions : public testing::Test {
 protected:
  HostQuestions() {
    world.model.hosts.push_back(test::virtual_host("b"));
    for (std::size_t i : {1U, 2U})
      world.model.hosts[i].script_alias_list = {test::script_alias("/", "/s/a.wsgi")};
  }
  World world;
};

TEST_F(HostQuestions, bad_hosts_are_400) {
  // The parser refuses most of them; whatever gets past it is refused here.
  for (const char* line : {"", "Host: a:\n", "Host: a:0\n", "Host: a:65536\n", "Host: a..b\n",
                           "Host: a/b\n", "Host: a@b\n", "Host: :80\n", "Host: a b\n"}) {
    base::http::RequestHead head;
    head.method_text = "GET";
    head.target = "/";
    const std::string_view value = std::string_view(line);
    if (!value.empty()) {
      head.has_host = true;
      head.host = value.substr(6, value.size() - 7);
      head.fields = {{"Host", head.host, base::http::FieldName::host}};
    }
    if (!world.mapper) world.start();
    world.facts =
        trust::connection_facts(world.peer, world.local, world.listener, world.credentials, {});
    world.mapper->map(head, world.facts, world.result);
    EXPECT_EQ(world.text(), "error 400") << line;
    EXPECT_TRUE(std::get<ErrorTarget>(world.result.target).close) << line;
  }
}

TEST_F(HostQuestions, odd_hosts_are_fine) {
  for (const char* name : {"a_b", "-a", "[::1]", "b.", "B", "www.example.com:65535"}) {
    world.ask("GET / HTTP/1.1", "Host: " + std::string(name) + "\n");
    EXPECT_EQ(world.text(), "wsgi /s/a.wsgi [] [/]") << name;
  }
  world.ask("GET / HTTP/1.1", "Host: B.\n");
  EXPECT_EQ(world.result.host_index, 2U);
  EXPECT_EQ(world.result.host_name, "b");
}

TEST_F(HostQuestions, absolute_form_wins_over_host) {
  world.ask("GET http://b:99/ HTTP/1.1", "Host: www.example.com\n");
  EXPECT_EQ(world.result.host_index, 2U);
  const auto environ = world.environ_of_last();
  EXPECT_EQ(environ.at("HTTP_HOST"), "b:99");
  EXPECT_EQ(environ.at("SERVER_NAME"), "b");
  EXPECT_EQ(environ.at("SERVER_PORT"), "99");
  EXPECT_EQ(environ.at("REQUEST_URI"), "http://b:99/");
  world.ask("GET http://b:99/ HTTP/1.0", "");
  EXPECT_EQ(world.environ_of_last().at("HTTP_HOST"), "b:99");
}

TEST_F(HostQuestions, http_1_0_without_host_gets_the_first) {
  world.ask("GET / HTTP/1.0", "");
  EXPECT_EQ(world.result.host_index, 1U);
  EXPECT_EQ(world.environ_of_last().count("HTTP_HOST"), 0U);
}

TEST_F(HostQuestions, the_hops_address_chooses_the_host) {
  world.model.hosts.push_back(test::virtual_host("b", "8443"));
  world.model.hosts.push_back(test::virtual_host("c", "8443"));
  const std::string hop = world.behind_proxy("192.0.2.7", "203.0.113.1", 8443, true);
  world.ask("GET / HTTP/1.1", "Host: b\n" + hop);
  EXPECT_EQ(world.result.host_index, 3U);
  world.ask("GET / HTTP/1.1", "Host: c:8443\n" + hop);
  EXPECT_EQ(world.result.host_index, 4U);
}

TEST_F(HostQuestions, a_clients_hop_does_not_choose_the_host) {
  world.model.hosts.push_back(test::virtual_host("b", "8443"));
  const std::string hop = world.behind_proxy("127.0.0.1", "127.0.0.1", 8443, true);
  world.listener = trust::ListenerKind::plain;
  world.credentials = trust::PeerCredentials::none;
  world.peer = address("198.51.100.4", 50000);
  world.local = address("10.0.0.1", 80);
  world.ask("GET / HTTP/1.1", "Host: b\n" + hop);
  EXPECT_EQ(world.result.host_index, 2U);
  const auto environ = world.environ_of_last();
  EXPECT_EQ(environ.at("REMOTE_ADDR"), "198.51.100.4");
  EXPECT_EQ(environ.count("HTTPS"), 0U);
  EXPECT_EQ(environ.count("HTTP_GATEHOUSE_HOP"), 0U);
  EXPECT_EQ(environ.count("SSL_PROTOCOL"), 0U);
}

TEST_F(HostQuestions, a_broken_hop_of_our_proxy_is_400) {
  (void)world.behind_proxy("192.0.2.7", "203.0.113.1", 8443, true);
  world.ask("GET / HTTP/1.1", "Host: b\nGatehouse-Hop: v=9\n");
  EXPECT_EQ(world.text(), "error 400");
  EXPECT_TRUE(std::get<ErrorTarget>(world.result.target).close);
}

}  // namespace
}  // namespace appserver::mapping
