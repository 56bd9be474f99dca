// SPDX-License-Identifier: Apache-2.0
// Host and path to backend.
#include "proxy/routing/host_table.hpp"
#include "proxy/routing/route.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using base::net::Endpoint;
using proxy::config::Route;
using proxy::config::Settings;
using proxy::config::VirtualHost;
using proxy::routing::HostTable;

Endpoint at(const std::string& text) {
  auto parsed = base::net::parse_endpoint(text);
  EXPECT_TRUE(parsed) << text;
  return *parsed;
}

VirtualHost host(const std::string& address, const std::string& name,
                 std::vector<std::string> aliases = {}) {
  VirtualHost out;
  out.addresses = {at(address)};
  out.server_name = name;
  out.aliases = std::move(aliases);
  return out;
}

base::net::SocketAddress local(const std::string& ip, std::uint16_t port) {
  base::net::SocketAddress out;
  out.ip = *base::net::parse_ip(ip);
  out.port = port;
  return out;
}

TEST(HostTable, first_match_in_file_order_wins) {
  Settings settings;
  settings.hosts = {VirtualHost{}, host("*:443", "a.test", {"*.wild.test"}),
                    host("*:443", "x.wild.test"), host("*:443", "b.test", {"b?.test", "c.test"})};
  const HostTable table(settings);
  const auto& hosts = table.select(local("10.0.0.1", 443));
  EXPECT_EQ(hosts.find("a.test"), 1U);
  EXPECT_EQ(hosts.find("x.wild.test"), 1U) << "the pattern stands before the exact name";
  EXPECT_EQ(hosts.find("b.test"), 3U);
  EXPECT_EQ(hosts.find("b2.test"), 3U);
  EXPECT_EQ(hosts.find("b22.test"), 1U);
  EXPECT_EQ(hosts.find("c.test"), 3U);
  EXPECT_EQ(hosts.find("unknown.test"), 1U) << "the first host of the address is its default";
  EXPECT_EQ(hosts.find(""), 1U);
}

TEST(HostTable, the_most_specific_address_wins) {
  Settings settings;
  settings.hosts = {VirtualHost{}, host("*:443", "any.test"), host("10.0.0.1:443", "ip.test"),
                    host("*:80", "plain.test")};
  const HostTable table(settings);
  EXPECT_EQ(table.select(local("10.0.0.1", 443)).default_host(), 2U);
  EXPECT_EQ(table.select(local("10.0.0.1", 443)).find("any.test"), 2U)
      << "hosts of other addresses are not seen";
  EXPECT_EQ(table.select(local("10.0.0.2", 443)).default_host(), 1U);
  EXPECT_EQ(table.select(local("10.0.0.2", 80)).default_host(), 3U);
  EXPECT_EQ(table.select(local("10.0.0.2", 8080)).default_host(), 0U) << "the main server";
}

TEST(HostTable, patterns) {
  EXPECT_TRUE(proxy::routing::matches_pattern("*.a", "x.y.a"));
  EXPECT_TRUE(proxy::routing::matches_pattern("a*b*c", "a1b2b3c"));
  EXPECT_FALSE(proxy::routing::matches_pattern("*.a", "a"));
  EXPECT_FALSE(proxy::routing::matches_pattern("?", ""));
  EXPECT_TRUE(proxy::routing::matches_pattern("*", ""));
}

VirtualHost routed() {
  VirtualHost out;
  Route excluded;
  excluded.path = "/api/private";
  excluded.exclude = true;
  Route api;
  api.path = "/api";
  api.backend = at("127.0.0.1:8001");
  api.backend_path = "/v1";
  Route root;
  root.path = "/mirror/";
  root.backend = at("127.0.0.1:8002");
  root.backend_path = "/";
  out.routes = {excluded, api, root};
  return out;
}

TEST(Route, prefixes_are_compared_with_the_path_as_backends_understand_it) {
  struct Case {
    const char* target;
    int port;  // 0: the app server
    const char* asked;
  };
  const Case kCases[] = {
      {"/api", 8001, "/v1"},
      {"/api/x?q=/../y", 8001, "/v1/x?q=/../y"},
      {"/apix", 0, "/apix"},
      {"/api/private", 0, "/api/private"},
      {"/api/private/x", 0, "/api/private/x"},
      {"/api/privateer", 8001, "/v1/privateer"},
      {"/x/../api/private", 0, "/x/../api/private"},
      {"/api/%70rivate", 0, "/api/%70rivate"},
      {"//api//private", 0, "//api//private"},
      {"/api/./private", 0, "/api/./private"},
      {"/x/%2e%2E/api/y", 8001, "/v1/y"},
      {"/api/a%2Fb", 8001, "/v1/a%2Fb"},
      {"/api/a%2e%2e%2Fb", 8001, "/v1/a..%2Fb"},
      {"/mirror/", 8002, "/"},
      {"/mirror/a/b", 8002, "/a/b"},
      {"/mirror", 0, "/mirror"},
      {"/other", 0, "/other"},
      {"*", 0, "*"},
  };
  const VirtualHost virtual_host = routed();
  const Endpoint app = at("unix:/run/app.sock");
  for (const Case& wanted : kCases) {
    std::string storage;
    const auto decision = proxy::routing::route(virtual_host, app, wanted.target, storage);
    EXPECT_EQ(decision.status, 0) << wanted.target;
    EXPECT_EQ(decision.app_server, wanted.port == 0) << wanted.target;
    EXPECT_EQ(decision.backend->port, wanted.port) << wanted.target;
    EXPECT_EQ(decision.target, wanted.asked) << wanted.target;
  }
}

TEST(Route, paths_above_the_root_are_refused) {
  const VirtualHost virtual_host = routed();
  const Endpoint app = at("unix:/run/app.sock");
  for (const char* target : {"/..", "/../x", "/a/../../x", "/%2e%2e/x", "/a/.%2e/%2E./x"}) {
    std::string storage;
    EXPECT_EQ(proxy::routing::route(virtual_host, app, target, storage).status, 400) << target;
  }
}

TEST(Route, a_host_may_have_its_own_app_server) {
  VirtualHost virtual_host;
  const Endpoint app = at("unix:/run/app.sock");
  std::string storage;
  EXPECT_EQ(proxy::routing::route(virtual_host, app, "/../x", storage).backend->path,
            "/run/app.sock");
  virtual_host.app_server = at("unix:/run/other.sock");
  EXPECT_EQ(proxy::routing::route(virtual_host, app, "/", storage).backend->path,
            "/run/other.sock");
}

}  // namespace
