// SPDX-License-Identifier: Apache-2.0
// Process groups, application groups and callables of a request (wsgi-hosting 3.1-3.4; section 10
// items 27-36, 110).
#include "appserver/mapping/groups.hpp"

#include "tests/unit/appserver/mapping/world.hpp"

#include <gtest/gtest.h>

#include <set>

namespace appserver::mapping {
namespace {

using Kind = config::Section::Kind;
using test::granted;
using test::script_alias;
using test::section;
using test::World;

config::DaemonGroup daemon_group(std::string name, std::optional<std::size_t> vhost = {}) {
  config::DaemonGroup group;
  group.name = std::move(name);
  group.vhost = vhost;
  return group;
}

class Groups : public testing::Test {
 protected:
  Groups() {
    world.host().script_alias_list = {script_alias("/app", "/s/a.wsgi")};
    world.model.groups = {daemon_group("g"), daemon_group("other"), daemon_group("mine", 1)};
  }
  config::Scope& scope() { return world.host().scope; }
  /// "group NAME" or "500 DETAIL".
  std::string process_group(std::string_view path = "/app", std::string_view lines = {}) {
    world.start();
    world.get(path, lines);
    if (std::holds_alternative<WsgiTarget>(world.result.target))
      return "group " + world.group() + "/" + world.environ_of_last()["#1"];
    return world.text() + " " + world.detail();
  }
  std::string application_group(std::string_view host, std::string_view path = "/app") {
    if (!world.mapper) world.start();
    world.ask("GET " + std::string(path) + " HTTP/1.1", "Host: " + std::string(host) + "\n");
    return world.result.application_group;
  }
  World world;
};

TEST_F(Groups, process_group_by_directive) {
  EXPECT_EQ(process_group(), "group /");  // nothing said: embedded
  scope().process_group = test::set("g");
  EXPECT_EQ(process_group(), "group g/g");
  scope().process_group = test::set("");
  EXPECT_EQ(process_group(), "group /");
  config::Scope inner;
  inner.process_group = test::set("other");
  world.host().sections.push_back(section(Kind::location, "/app/in", inner));
  scope().process_group = test::set("g");
  EXPECT_EQ(process_group("/app/in/x"), "group other/other");
  EXPECT_EQ(process_group("/app/out"), "group g/g");
}

TEST_F(Groups, the_alias_option_beats_every_section) {
  config::Scope inner;
  inner.process_group = test::set("g");
  inner.callable_object = test::set("from_section");
  inner.application_group = test::set("from_section");
  inner.pass_authorization = test::set(true);
  world.host().sections.push_back(section(Kind::location, "/", inner));
  config::ScriptAlias& alias = world.host().script_alias_list[0];
  alias.process_group = "other";
  alias.callable_object = "%{ENV:X}";  // used literally
  alias.application_group = "ag";
  alias.pass_authorization = false;
  EXPECT_EQ(process_group(), "group other/other");
  EXPECT_EQ(world.result.site->script->callable_object, "%{ENV:X}");
  EXPECT_EQ(world.result.application_group, "ag");
  EXPECT_FALSE(world.result.site->script->pass_authorization);
  alias.process_group = "";
  EXPECT_EQ(process_group(), "group /");
}

TEST_F(Groups, unknown_group_is_500_for_the_request) {
  scope().process_group = test::set("nosuch");
  EXPECT_EQ(process_group(),
            "error 500 No WSGI daemon process called 'nosuch' has been configured: /s/a.wsgi");
}

TEST_F(Groups, reachability) {
  struct Case {
    const char* name;
    std::optional<std::size_t> declared_in;
    const char* declaring_server;
    const char* asking_server;
    bool reachable;
  };
  const Case cases[] = {
      {"server scope", std::nullopt, "a", "b", true},
      {"the main server is server scope", 0, "a", "b", true},
      {"the same host", 1, "a", "b", true},
      {"another host, same name", 2, "same", "same", true},
      {"another host, other name", 2, "a", "b", false},
      {"another host, other case", 2, "A", "a", false},
      {"nameless hosts are not the same", 2, "", "", false},
  };
  for (const Case& c : cases) {
    World other;
    other.host().script_alias_list = {script_alias("/app", "/s/a.wsgi")};
    other.host().server_name = c.asking_server;
    other.host().scope.process_group = test::set("x");
    other.model.hosts.push_back(test::virtual_host(c.declaring_server, "443"));
    other.model.groups = {daemon_group("x", c.declared_in)};
    other.get("/app");
    if (c.reachable) {
      EXPECT_EQ(other.text(), "wsgi /s/a.wsgi [/app] []") << c.name;
    } else {
      EXPECT_EQ(other.text(), "error 500") << c.name;
      EXPECT_EQ(other.detail(),
                "WSGI daemon process called 'x' cannot be accessed by this WSGI application: "
                "/s/a.wsgi")
          << c.name;
    }
  }
}

TEST_F(Groups, env_comes_from_set_env_then_from_the_process) {
  scope().process_group = test::set("%{ENV:PG}");
  EXPECT_EQ(process_group(),
            "error 500 No WSGI daemon process called '%{ENV:PG}' has been configured: /s/a.wsgi");
  world.environment["PG"] = "other";
  EXPECT_EQ(process_group(), "group other/other");
  scope().set_env = {{"PG", "g"}};
  EXPECT_EQ(process_group(), "group g/g");
  scope().set_env = {{"PG", "%{GLOBAL}"}};
  EXPECT_EQ(process_group(), "group /");
  scope().set_env = {{"PG", "%{ENV:PG}"}};  // expanded once only
  EXPECT_NE(process_group().find("'%{ENV:PG}'"), std::string::npos);
}

TEST_F(Groups, request_data_is_not_env) {
  world.model.groups.push_back(daemon_group("www.example.com"));
  scope().process_group = test::set("%{ENV:HTTP_HOST}");
  EXPECT_EQ(world.answer("/app"), "error 500");
  scope().process_group = test::set("%{ENV:HTTP_X_PG}");
  EXPECT_NE(process_group("/app", "X-PG: g\n").find("error 500"), std::string::npos);
}

TEST_F(Groups, undocumented_expansions_of_a_process_group) {
  world.model.groups.push_back(daemon_group("www.example.com"));
  world.model.groups.push_back(daemon_group("www.example.com|/app"));
  scope().process_group = test::set("%{SERVER}");
  EXPECT_EQ(process_group(), "group www.example.com/www.example.com");
  scope().process_group = test::set("%{RESOURCE}");
  EXPECT_EQ(process_group(), "group www.example.com|/app/www.example.com|/app");
  scope().process_group = test::set("%{ENV:PG}");
  scope().set_env = {{"PG", "%{HOST}"}};
  EXPECT_EQ(process_group(), "group www.example.com/www.example.com");
}

TEST_F(Groups, named_groups_of_sections_choose_per_request) {
  scope().process_group = test::set("%{ENV:MATCH_PG}");
  scope().application_group = test::set("%{ENV:MATCH_PG}");
  scope().callable_object = test::set("%{ENV:MATCH_CALL}");
  world.host().sections.push_back(
      section(Kind::location_match, "^/app/(?<pg>[a-z]+)(?:/(?<call>[a-z]+))?$", {}));
  EXPECT_EQ(process_group("/app/g/one"), "group g/g");
  EXPECT_EQ(world.result.application_group, "g");
  EXPECT_EQ(world.result.site->script->callable_object, "one");
  world.get("/app/other/two");
  EXPECT_EQ(world.group(), "other");
  EXPECT_EQ(world.environ_of_last()["#1"], "other");
  EXPECT_EQ(world.result.site->script->callable_object, "two");
  world.get("/app/g/one");
  EXPECT_EQ(world.group(), "g");
  EXPECT_EQ(world.result.site->script->callable_object, "one");
  world.get("/app/mine");
  EXPECT_EQ(world.group(), "mine");
  EXPECT_EQ(world.result.site->script->callable_object, "application");
  EXPECT_EQ(world.answer("/app/nosuch/x"), "error 500");
}

TEST_F(Groups, callable_object) {
  const auto callable = [this](const char* text) {
    scope().callable_object = test::set(text);
    world.start();
    world.get("/app");
    EXPECT_EQ(world.environ_of_last()["#3"], world.result.site->script->callable_object);
    return world.result.site->script->callable_object;
  };
  world.start();
  world.get("/app");
  EXPECT_EQ(world.result.site->script->callable_object, "application");
  scope().set_env = {{"C", "from_env"}};
  EXPECT_EQ(callable("app"), "app");
  EXPECT_EQ(callable("a.b"), "a.b");
  EXPECT_EQ(callable("%{ENV:C}"), "from_env");
  EXPECT_EQ(callable("%{ENV:NONE}"), "application");
  EXPECT_EQ(callable("%{GLOBAL}"), "application");
}

TEST_F(Groups, application_group_of_host_port_and_mount) {
  world.model.listeners.push_back({base::net::parse_endpoint("8080").value(), false, {}});
  struct Case {
    const char* host;
    const char* expected;
  };
  const Case cases[] = {
      {"www.example.com", "www.example.com|/app"},
      {"WWW.EXAMPLE.COM", "www.example.com|/app"},
      {"other", "www.example.com|/app"},  // ServerName, not what was asked for
      {"www.example.com:80", "www.example.com|/app"},
      {"www.example.com:443", "www.example.com|/app"},
      {"www.example.com:8080", "www.example.com:8080|/app"},  // 110, and a real port
  };
  for (const Case& c : cases) EXPECT_EQ(application_group(c.host), c.expected) << c.host;
  EXPECT_EQ(application_group("www.example.com", "/app/deep/x"), "www.example.com|/app");
  world.host().script_alias_list = {script_alias("/", "/s/a.wsgi")};
  world.start();
  EXPECT_EQ(application_group("www.example.com", "/any"), "www.example.com|");
}

TEST_F(Groups, application_group_names) {
  struct Case {
    const char* value;
    const char* expected;
  };
  scope().set_env = {{"AG", "from_env"}};
  const Case cases[] = {
      {"", ""},
      {"%{GLOBAL}", ""},
      {"%{RESOURCE}", "www.example.com|/app"},
      {"%{SERVER}", "www.example.com"},
      {"%{HOST}", "www.example.com"},
      {"%{ENV:AG}", "from_env"},
      {"%{ENV:NONE}", "%{ENV:NONE}"},
      {"literal", "literal"},
      {"%{OTHER}", "%{OTHER}"},
  };
  for (const Case& c : cases) {
    scope().application_group = test::set(c.value);
    world.start();
    EXPECT_EQ(application_group("www.example.com"), c.expected) << c.value;
  }
}

TEST_F(Groups, host_takes_only_names_of_the_host) {
  scope().application_group = test::set("%{HOST}");
  world.host().aliases = {"Alias.Example.com", "*.wild.example"};
  EXPECT_EQ(application_group("ALIAS.example.com"), "alias.example.com");
  EXPECT_EQ(application_group("a.wild.example"), "a.wild.example");
  EXPECT_EQ(application_group("evil.example"), "www.example.com");
  world.ask("GET /app HTTP/1.0", "");
  EXPECT_EQ(world.result.application_group, "www.example.com");
}

TEST_F(Groups, trusted_script_name_does_not_name_a_group) {
  scope().trusted_proxies = test::set(test::networks({"198.51.100.0/24"}));
  scope().trusted_proxy_headers = test::set(std::vector<std::string>{"X-Script-Name"});
  world.get("/app/p", "X-Script-Name: /x\n");
  EXPECT_EQ(world.result.application_group, "www.example.com|/app");
  const auto environ = world.environ_of_last();
  EXPECT_EQ(environ.at("SCRIPT_NAME"), "/x");
  EXPECT_EQ(environ.at("PATH_INFO"), "/p");
  EXPECT_EQ(environ.at("mod_wsgi.mount_point"), "/x");
  EXPECT_EQ(environ.at("mod_wsgi.script_name"), "/app");
}

TEST_F(Groups, our_own_ports_name_groups_whoever_tells_them) {
  world.host().server_port = 9000;
  EXPECT_EQ(application_group("www.example.com:9000"), "www.example.com:9000|/app");
  world.local.port = 8443;  // of the connection itself
  world.host().addresses = {base::net::Endpoint{}};
  world.start();
  EXPECT_EQ(application_group("www.example.com:8443"), "www.example.com:8443|/app");
  const std::string hop = world.behind_proxy("192.0.2.7", "203.0.113.1", 10443, true);
  world.ask("GET /app HTTP/1.1", "Host: www.example.com:10443\n" + hop);
  EXPECT_EQ(world.result.application_group, "www.example.com:10443|/app");
}

TEST_F(Groups, attack_ports_and_names_of_a_host_field_make_no_interpreters) {
  std::set<std::string> groups;
  for (const char* value : {"%{RESOURCE}", "%{SERVER}", "%{HOST}"}) {
    scope().application_group = test::set(value);
    world.host().aliases = {"alias.example.com"};
    world.start();
    groups.clear();
    for (int port = 1; port < 2000; ++port) {
      groups.insert(application_group("www.example.com:" + std::to_string(port)));
      groups.insert(application_group("h" + std::to_string(port)));
      groups.insert(application_group("www.example.com:" + std::to_string(port), "//app//"));
    }
    EXPECT_EQ(groups.size(), 1U) << value;
  }
  // What the client wrote is still what the application sees.
  world.ask("GET /app HTTP/1.1", "Host: www.example.com:1234\n");
  EXPECT_EQ(world.environ_of_last().at("SERVER_PORT"), "1234");
  // An absolute form and a trusted-looking header are no way around.
  world.ask("GET http://www.example.com:77/app HTTP/1.1", "Host: x\nX-Forwarded-Port: 78\n");
  EXPECT_EQ(world.result.application_group, "www.example.com");
}

}  // namespace
}  // namespace appserver::mapping
