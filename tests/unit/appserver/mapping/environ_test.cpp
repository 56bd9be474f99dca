// SPDX-License-Identifier: Apache-2.0
// The front's part of environ (wsgi-hosting 1.11, 4.3-4.6; section 10 items 38-46, 86, 87,
// 109-111).
#include "appserver/mapping/environ_variables.hpp"
#include "tests/unit/appserver/mapping/world.hpp"

#include <gtest/gtest.h>

namespace appserver::mapping {
namespace {

using test::script_alias;
using test::World;
using Environ = std::map<std::string, std::string>;

class EnvironVariables : public testing::Test {
 protected:
  EnvironVariables() {
    world.host().script_alias_list = {script_alias("/app", "/s/a.wsgi")};
    world.options.server_software = "Gatehouse/1";
  }
  config::Scope& scope() { return world.host().scope; }
  void trust_everything(std::vector<std::string> headers) {
    scope().trusted_proxies = test::set(test::networks({"0.0.0.0/0", "::/0"}));
    scope().trusted_proxy_headers = test::set(std::move(headers));
  }
  World world;
};

TEST_F(EnvironVariables, everything_of_a_plain_request) {
  world.host().server_admin = "root@example.com";
  world.model.groups.push_back({});
  world.model.groups[0].name = "g";
  scope().process_group = test::set("g");
  const Environ expected = {
      {"#1", "g"},
      {"#3", "application"},
      {"#4", "/s/a.wsgi"},
      {"#5", "wsgi-script"},
      {"#6", ""},
      {"CONTEXT_DOCUMENT_ROOT", "/srv/www"},
      {"CONTEXT_PREFIX", ""},
      {"DOCUMENT_ROOT", "/srv/www"},
      {"HTTP_ACCEPT", "*/*"},
      {"HTTP_HOST", "www.example.com"},
      {"HTTP_SEC_FETCH_MODE", "navigate"},
      {"PATH_INFO", "/x y"},
      {"QUERY_STRING", "q=%20"},
      {"REMOTE_ADDR", "198.51.100.4"},
      {"REMOTE_PORT", "50000"},
      {"REQUEST_METHOD", "GET"},
      {"REQUEST_SCHEME", "http"},
      {"REQUEST_URI", "/app//x%20y?q=%20"},
      {"SCRIPT_FILENAME", "/s/a.wsgi"},
      {"SCRIPT_NAME", "/app"},
      {"SERVER_ADDR", "10.0.0.1"},
      {"SERVER_ADMIN", "root@example.com"},
      {"SERVER_NAME", "www.example.com"},
      {"SERVER_PORT", "80"},
      {"SERVER_PROTOCOL", "HTTP/1.1"},
      {"SERVER_SOFTWARE", "Gatehouse/1"},
      {"mod_wsgi.connection_id", "c1"},
      {"mod_wsgi.listener_host", ""},
      {"mod_wsgi.listener_port", "80"},
      {"mod_wsgi.path_info", "/x y"},
      {"mod_wsgi.request_id", "r1"},
      {"mod_wsgi.script_name", "/app"},
      {"mod_wsgi.server_pid", "4711"},
  };
  EXPECT_EQ(world.environ("/app//x%20y?q=%20", "Accept: */*\nSec-Fetch-Mode: navigate\n"),
            expected);
}

TEST_F(EnvironVariables, everything_of_a_request_through_our_proxy) {
  world.host() = test::virtual_host("www.example.com", "443");
  world.host().script_alias_list = {script_alias("/app", "/s/a.wsgi")};
  world.model.listeners.push_back({base::net::parse_endpoint("203.0.113.1:443").value(), true, {}});
  const std::string hop = world.behind_proxy("192.0.2.7", "203.0.113.1", 443, true);
  const Environ environ = world.environ("/app",
                                        "X-Forwarded-For: 192.0.2.7\nX-Forwarded-Proto: https\n"
                                        "X-Real-IP: 6.6.6.6\nX-Request-ID: r\n" +
                                            hop);
  const Environ expected = {
      {"HTTPS", "on"},
      {"HTTP_X_FORWARDED_FOR", "192.0.2.7"},
      {"HTTP_X_FORWARDED_PROTO", "https"},
      {"HTTP_X_REQUEST_ID", "r"},
      {"REMOTE_ADDR", "192.0.2.7"},
      {"REMOTE_PORT", "51000"},
      {"REQUEST_SCHEME", "https"},
      {"SERVER_ADDR", "203.0.113.1"},
      {"SERVER_PORT", "443"},
      {"SERVER_PROTOCOL", "HTTP/2.0"},
      {"SSL_CIPHER", "TLS_AES_128_GCM_SHA256"},
      {"SSL_PROTOCOL", "TLSv1.3"},
      {"SSL_TLS_SNI", "www.example.com"},
      {"mod_wsgi.listener_host", "203.0.113.1"},
      {"mod_wsgi.listener_port", "443"},
      {"mod_wsgi.request_id", "hop-id"},
  };
  for (const auto& [name, value] : expected) {
    ASSERT_EQ(environ.count(name), 1U) << name;
    EXPECT_EQ(environ.at(name), value) << name;
  }
  EXPECT_EQ(environ.count("HTTP_GATEHOUSE_HOP"), 0U);
  EXPECT_EQ(environ.count("HTTP_X_REAL_IP"), 0U);
}

TEST_F(EnvironVariables, a_unix_peer_has_no_address) {
  world.peer = test::unix_address();
  world.local = test::unix_address();
  const Environ environ = world.environ("/app");
  EXPECT_EQ(environ.at("REMOTE_ADDR"), "");
  EXPECT_EQ(environ.count("REMOTE_PORT"), 0U);
  EXPECT_EQ(environ.count("SERVER_ADDR"), 0U);
  EXPECT_EQ(environ.at("mod_wsgi.listener_port"), "");
}

TEST_F(EnvironVariables, names_of_fields) {
  const Environ environ = world.environ(
      "/app",
      "X_Forwarded_For: 1\nX.Real.IP: 1\nX~A: 1\nX+B: 1\nProxy: x\npROXY: y\nX-Ok-9: v\n"
      "content-type: text/plain\nx-a: 1\nX-A: 2\nX-a: 3\nCookie: a=1\nCookie: b=2\n"
      "Accept: x\nAccept: y\nX-Empty:\nX-Tab: a\tb\nX-Bytes: \xe9\nPragma: no-cache\n"
      "Connection: keep-alive\nTE: trailers\nVia: 1.1 p\nDNT: 1\nDNT: 0\n");
  const Environ expected = {
      {"HTTP_X_OK_9", "v"},        {"CONTENT_TYPE", "text/plain"},
      {"HTTP_X_A", "1, 2, 3"},     {"HTTP_COOKIE", "a=1, b=2"},
      {"HTTP_ACCEPT", "x, y"},     {"HTTP_X_EMPTY", ""},
      {"HTTP_X_TAB", "a\tb"},      {"HTTP_X_BYTES", "\xe9"},
      {"HTTP_PRAGMA", "no-cache"}, {"HTTP_CONNECTION", "keep-alive"},
      {"HTTP_TE", "trailers"},     {"HTTP_VIA", "1.1 p"},
      {"HTTP_DNT", "1, 0"},        {"HTTP_HOST", "www.example.com"},
  };
  Environ http;
  for (const auto& [name, value] : environ)
    if (name.starts_with("HTTP_") || name.starts_with("CONTENT_TYPE")) http[name] = value;
  EXPECT_EQ(http, expected);
}

TEST_F(EnvironVariables, content_length_as_sent_and_absent_when_chunked) {
  scope().chunked_request = test::set(true);
  world.ask("POST /app HTTP/1.1", "Host: a\nContent-Length: 003\n");
  EXPECT_EQ(world.environ_of_last().at("CONTENT_LENGTH"), "003");
  EXPECT_EQ(world.environ_of_last().count("HTTP_CONTENT_LENGTH"), 0U);
  world.ask("POST /app HTTP/1.1", "Host: a\nTransfer-Encoding: chunked\n");
  ASSERT_EQ(world.text(), "wsgi /s/a.wsgi [/app] []");
  EXPECT_EQ(world.environ_of_last().count("CONTENT_LENGTH"), 0U);
  EXPECT_EQ(world.environ_of_last().at("HTTP_TRANSFER_ENCODING"), "chunked");
  EXPECT_EQ(world.environ("/app").count("CONTENT_LENGTH"), 0U);
  EXPECT_EQ(world.environ("/app").count("CONTENT_TYPE"), 0U);
}

TEST_F(EnvironVariables, authorization_is_withheld_unless_passed) {
  const char* const lines = "Authorization: Basic eDp5\nProxy-Authorization: Basic eDp6\n";
  Environ environ = world.environ("/app", lines);
  EXPECT_EQ(environ.count("HTTP_AUTHORIZATION"), 0U);
  EXPECT_EQ(environ.count("HTTP_PROXY_AUTHORIZATION"), 0U);
  EXPECT_EQ(environ.count("REMOTE_USER"), 0U);
  scope().pass_authorization = test::set(true);
  world.start();
  environ = world.environ("/app", lines);
  EXPECT_EQ(environ.at("HTTP_AUTHORIZATION"), "Basic eDp5");
  EXPECT_EQ(environ.count("HTTP_PROXY_AUTHORIZATION"), 0U);
  EXPECT_EQ(environ.count("REMOTE_USER"), 0U);
}

TEST_F(EnvironVariables, set_env_is_below_what_the_server_produces) {
  scope().set_env = {{"REMOTE_ADDR", "9.9.9.9"},
                     {"HTTP_X_B", "default"},
                     {"PATH_INFO", "/set"},
                     {"REMOTE_USER", "joe"},
                     {"HTTP_AUTHORIZATION", "set"},
                     {"a.b", "1"},
                     {"EMPTY", ""},
                     {"DOCUMENT_ROOT", "/x"},
                     {"SCRIPT_NAME", "/x"},
                     {"CONTENT_TYPE", "text/set"},
                     {"mod_wsgi.x-secret", "1"},
                     {"mod_wsgi.request_id", "set"}};
  Environ environ = world.environ("/app", "X-B: client\nAuthorization: Basic a\n");
  EXPECT_EQ(environ.at("REMOTE_ADDR"), "198.51.100.4");
  EXPECT_EQ(environ.at("HTTP_X_B"), "client");
  EXPECT_EQ(environ.at("PATH_INFO"), "/set");  // survives where there is no path info
  EXPECT_EQ(environ.at("REMOTE_USER"), "joe");
  EXPECT_EQ(environ.at("HTTP_AUTHORIZATION"), "set");
  EXPECT_EQ(environ.at("a.b"), "1");
  EXPECT_EQ(environ.at("EMPTY"), "");
  EXPECT_EQ(environ.at("DOCUMENT_ROOT"), "/srv/www");
  EXPECT_EQ(environ.at("SCRIPT_NAME"), "/app");
  EXPECT_EQ(environ.at("CONTENT_TYPE"), "text/set");
  EXPECT_EQ(environ.count("mod_wsgi.x-secret"), 0U);
  EXPECT_EQ(environ.at("mod_wsgi.request_id"), "r1");
  environ = world.environ("/app/p");
  EXPECT_EQ(environ.at("HTTP_X_B"), "default");
  EXPECT_EQ(environ.at("PATH_INFO"), "/p");
}

TEST_F(EnvironVariables, https_of_this_hop_of_set_env_and_of_forwarded_headers) {
  struct Case {
    const char* name;
    bool tls;
    const char* set_env;
    const char* proto;
    const char* expected;  // value of HTTPS; "-": absent
  };
  const Case cases[] = {
      {"plain", false, nullptr, nullptr, "-"},
      {"tls", true, nullptr, nullptr, "on"},
      {"42: SetEnv", false, "On", nullptr, "On"},
      {"trusted https", false, nullptr, "https", "1"},
      {"86: trusted http over TLS", true, nullptr, "http", "off"},
      {"87: not understood over TLS", true, nullptr, "wss", "-"},
      {"trusted http takes SetEnv away", false, "On", "http", "off"},
      {"not understood leaves SetEnv", true, "On", "wss", "On"},
  };
  for (const Case& c : cases) {
    World fresh;
    fresh.host() = test::virtual_host("www.example.com", "*");
    fresh.host().script_alias_list = {script_alias("/app", "/s/a.wsgi")};
    config::Scope& settings = fresh.host().scope;
    settings.trusted_proxies = test::set(test::networks({"0.0.0.0/0"}));
    settings.trusted_proxy_headers = test::set(std::vector<std::string>{"X-Forwarded-Proto"});
    if (c.set_env != nullptr) settings.set_env = {{"HTTPS", c.set_env}};
    std::string lines = fresh.behind_proxy("192.0.2.7", "203.0.113.1", 80, c.tls);
    if (c.proto != nullptr) lines += "X-Forwarded-Proto: " + std::string(c.proto) + "\n";
    const Environ environ = fresh.environ("/app", lines);
    const auto https = environ.find("HTTPS");
    EXPECT_EQ(https == environ.end() ? "-" : https->second, c.expected) << c.name;
    EXPECT_EQ(environ.at("REQUEST_SCHEME"), c.tls ? "https" : "http") << c.name;
  }
}

TEST_F(EnvironVariables, trusted_headers_rewrite) {
  trust_everything({"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Server", "X-Forwarded-Port",
                    "X-Script-Name"});
  scope().trusted_proxies = test::set(test::networks({"198.51.100.4"}));
  const Environ environ =
      world.environ("/app/p",
                    "X-Forwarded-For: 1.1.1.1, 2.2.2.2\nX-Forwarded-Host: pub:1\nX-Host: no\n"
                    "X-Forwarded-Server: srv\nX-Forwarded-Port: 8443\nX-Script-Name: /pre\n");
  const Environ expected = {
      {"REMOTE_ADDR", "2.2.2.2"},
      {"REMOTE_PORT", "50000"},
      {"HTTP_HOST", "pub:1"},
      {"SERVER_NAME", "srv"},
      {"SERVER_PORT", "8443"},
      {"SCRIPT_NAME", "/pre"},
      {"PATH_INFO", "/p"},
      {"mod_wsgi.mount_point", "/pre"},
      {"mod_wsgi.script_name", "/app"},
      {"mod_wsgi.path_info", "/p"},
      {"HTTP_X_FORWARDED_FOR", "2.2.2.2"},
      {"HTTP_X_FORWARDED_HOST", "pub:1"},
      {"REQUEST_SCHEME", "http"},
  };
  for (const auto& [name, value] : expected) {
    ASSERT_EQ(environ.count(name), 1U) << name;
    EXPECT_EQ(environ.at(name), value) << name;
  }
  EXPECT_EQ(environ.count("HTTP_X_HOST"), 0U);
}

TEST_F(EnvironVariables, nothing_forwarded_by_strangers) {
  const Environ environ = world.environ(
      "/app",
      "X-Forwarded-For: 1.1.1.1\nX-Forwarded-SSL: on\nForwarded: for=1\nX-Real-IP: 1\n"
      "X-Script-Name: /x\nX_Forwarded_For: 1\nX-Forwarded_For: 1\n");
  for (const auto& [name, value] : environ)
    EXPECT_FALSE(name.starts_with("HTTP_") && name != "HTTP_HOST") << name << "=" << value;
  EXPECT_EQ(environ.at("REMOTE_ADDR"), "198.51.100.4");
  EXPECT_EQ(environ.count("HTTPS"), 0U);
}

TEST_F(EnvironVariables, server_name_and_port) {
  struct Case {
    const char* host;
    const char* name;
    const char* port;
  };
  const Case cases[] = {{"WWW.Example.com:8080", "www.example.com", "8080"},
                        {"a", "a", "80"},
                        {"[::1]:81", "[::1]", "81"},
                        {"[::1]", "[::1]", "80"}};
  world.local.port = 8080;  // the socket's port has no say (110)
  world.host().addresses = {base::net::Endpoint{}};
  for (const Case& c : cases) {
    world.ask("GET /app HTTP/1.1", "Host: " + std::string(c.host) + "\n");
    const Environ environ = world.environ_of_last();
    EXPECT_EQ(environ.at("SERVER_NAME"), c.name) << c.host;
    EXPECT_EQ(environ.at("SERVER_PORT"), c.port) << c.host;
    EXPECT_EQ(environ.at("HTTP_HOST"), c.host);
  }
  world.host().server_scheme = "https";
  world.start();
  world.ask("GET /app HTTP/1.1", "Host: a\n");
  EXPECT_EQ(world.environ_of_last().at("SERVER_PORT"), "443");
  EXPECT_EQ(world.environ_of_last().at("REQUEST_SCHEME"), "https");
  EXPECT_EQ(world.environ_of_last().count("HTTPS"), 0U);
  world.host().server_port = 9443;
  world.start();
  world.ask("GET /app HTTP/1.0", "");
  EXPECT_EQ(world.environ_of_last().at("SERVER_NAME"), "www.example.com");
  EXPECT_EQ(world.environ_of_last().at("SERVER_PORT"), "9443");
  EXPECT_EQ(world.environ_of_last().at("SERVER_PROTOCOL"), "HTTP/1.0");
}

TEST_F(EnvironVariables, the_site_block_is_made_once_and_names_itself) {
  world.get("/app/1");
  const SitePtr first = world.result.site;
  world.get("/app/2?x");
  EXPECT_EQ(world.result.site, first);
  World same;
  same.host().script_alias_list = {script_alias("/app", "/s/a.wsgi")};
  same.options.server_software = "Gatehouse/1";
  same.get("/app");
  EXPECT_EQ(same.result.site->script->environ_id, first->script->environ_id);
  same.host().scope.set_env = {{"A", "1"}};
  same.start();
  same.get("/app");
  EXPECT_NE(same.result.site->script->environ_id, first->script->environ_id);
}

}  // namespace
}  // namespace appserver::mapping
