// SPDX-License-Identifier: Apache-2.0
// What applications see: the environ of both modes, as wsgi-hosting 4.3 to 4.6 say.
#include "tests/integration/sites.hpp"
#include "tests/support/servers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tests::integration {
namespace {

using support::AppServer;
using testing::HasSubstr;
using testing::Not;

class Environ : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Modes, Environ, testing::Values(true, false),
                         [](const auto& mode) { return mode.param ? "daemon" : "embedded"; });

TEST_P(Environ, tells_the_request_as_cgi_and_pep_3333_do) {
  const AppServer server((GetParam() ? daemon_site() : embedded_site()) +
                             "ServerName www.example.test\nSetEnv site.colour blue\n",
                         {.arguments = {}, .process = {}, .tcp = true, .backend = false});
  const std::string text =
      server
          .get("/apps/environ.wsgi/a%20b//c?q=1&r",
               "X-One: 1\r\nX-One: 2\r\nAuthorization: Basic eDp5\r\nProxy: evil\r\n")
          .body;
  for (const char* line :
       {"REQUEST_METHOD str 'GET'\n", "REQUEST_URI str '/apps/environ.wsgi/a%20b//c?q=1&r'\n",
        "SCRIPT_NAME str '/apps/environ.wsgi'\n", "PATH_INFO str '/a b/c'\n",
        "QUERY_STRING str 'q=1&r'\n", "SERVER_PROTOCOL str 'HTTP/1.1'\n",
        "SERVER_NAME str 'localhost'\n", "SERVER_PORT str '80'\n", "REMOTE_ADDR str '127.0.0.1'\n",
        "SERVER_ADDR str '127.0.0.1'\n", "HTTP_HOST str 'localhost'\n", "HTTP_X_ONE str '1, 2'\n",
        "site.colour str 'blue'\n", "wsgi.url_scheme str 'http'\n", "wsgi.version tuple (1, 0)\n",
        "wsgi.multithread bool True\n", "wsgi.multiprocess bool True\n",
        "wsgi.run_once bool False\n"})
    EXPECT_THAT(text, HasSubstr(line));
  EXPECT_THAT(text, HasSubstr(GetParam() ? "mod_wsgi.process_group str 'app'\n"
                                         : "mod_wsgi.process_group str ''\n"));
  for (const char* key :
       {"HTTP_AUTHORIZATION", "HTTP_PROXY", "HTTPS", "PATH_TRANSLATED", "CONTENT_LENGTH"})
    EXPECT_THAT(text, Not(HasSubstr(std::string("\n") + key + " str")));
}

TEST(EnvironTrust, forwarded_headers_of_strangers_are_removed) {
  const AppServer server(daemon_site(),
                         {.arguments = {}, .process = {}, .tcp = true, .backend = false});
  const std::string text = server
                               .get("/apps/environ.wsgi",
                                    "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: "
                                    "https\r\nForwarded: for=192.0.2.7\r\n")
                               .body;
  EXPECT_THAT(text, HasSubstr("REMOTE_ADDR str '127.0.0.1'\n"));
  EXPECT_THAT(text, HasSubstr("wsgi.url_scheme str 'http'\n"));
  EXPECT_THAT(text, Not(HasSubstr("192.0.2.7")));
}

TEST(EnvironTrust, forwarded_headers_of_a_trusted_proxy_are_believed) {
  const AppServer server(daemon_site() +
                             "WSGITrustedProxies 127.0.0.0/8\n"
                             "WSGITrustedProxyHeaders X-Forwarded-For X-Forwarded-Proto\n",
                         {.arguments = {}, .process = {}, .tcp = true, .backend = false});
  const std::string text =
      server
          .get("/apps/environ.wsgi",
               "X-Forwarded-For: 198.51.100.1, 192.0.2.7\r\nX-Forwarded-Proto: https\r\n")
          .body;
  EXPECT_THAT(text, HasSubstr("REMOTE_ADDR str '192.0.2.7'\n"))
      << "the nearest hop that is not trusted itself";
  EXPECT_THAT(text, HasSubstr("wsgi.url_scheme str 'https'\n"));
}

TEST(EnvironAuthorization, is_passed_where_the_configuration_says_so) {
  const AppServer server(daemon_site() + "WSGIPassAuthorization On\n");
  EXPECT_THAT(server.get("/apps/environ.wsgi", "Authorization: Basic eDp5\r\n").body,
              HasSubstr("HTTP_AUTHORIZATION str 'Basic eDp5'\n"));
}

}  // namespace
}  // namespace tests::integration
