// SPDX-License-Identifier: Apache-2.0
// What stands in the environ, with which type, and what must not. Sources: PEP 3333;
// wsgi-hosting 4.3 to 4.6.
#include "tests/unit/appserver/wsgi/fixture.hpp"

#include <gmock/gmock.h>

namespace appserver::wsgi::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Environ : public PythonTest {
 protected:
  std::string dump(const Request& request) { return "\n" + get(request).body; }
};

// True when the dump has this line.
testing::Matcher<const std::string&> has(const std::string& line) {
  return HasSubstr("\n" + line + "\n");
}

TEST_F(Environ, variables_are_latin1_text) {
  const std::string text = dump(app("environ")
                                    .with("HTTP_HOST", "example.com")
                                    .with("HTTP_X_CUSTOM", "caf\xe9")
                                    .with("QUERY_STRING", "a=\xff")
                                    .with("HTTP_COOKIE", "k=v"));
  EXPECT_THAT(text, has("HTTP_HOST str 'example.com'"));
  EXPECT_THAT(text, has("HTTP_X_CUSTOM str 'caf\xc3\xa9'"));  // the dump is UTF-8
  EXPECT_THAT(text, has("QUERY_STRING str 'a=\xc3\xbf'"));
  EXPECT_THAT(text, has("HTTP_COOKIE str 'k=v'"));
  EXPECT_THAT(text, has("REQUEST_METHOD str 'GET'"));
}

TEST_F(Environ, paths_are_in_the_encoding_of_the_file_system) {
  Request request = app("environ").with("SCRIPT_FILENAME", "/srv/\xc3\xa9.wsgi");
  request.site = {{"DOCUMENT_ROOT", "/srv/\xff"}, {"CONTEXT_DOCUMENT_ROOT", "/srv/\xc3\xa9"}};
  const std::string text = dump(request);
  EXPECT_THAT(text, has("SCRIPT_FILENAME str '/srv/\xc3\xa9.wsgi'"));
  EXPECT_THAT(text, has("DOCUMENT_ROOT str '/srv/\\udcff'"));
  EXPECT_THAT(text, has("CONTEXT_DOCUMENT_ROOT str '/srv/\xc3\x83\xc2\xa9'"));
}

TEST_F(Environ, wsgi_keys) {
  settings.threads = 15;
  const std::string text = dump(app("environ"));
  EXPECT_THAT(text, has("wsgi.version tuple (1, 0)"));
  EXPECT_THAT(text, has("wsgi.url_scheme str 'http'"));
  EXPECT_THAT(text, has("wsgi.multithread bool True"));
  EXPECT_THAT(text, has("wsgi.multiprocess bool False"));
  EXPECT_THAT(text, has("wsgi.run_once bool False"));
  EXPECT_THAT(text, has("wsgi.input_terminated bool True"));
  EXPECT_THAT(text, HasSubstr("\nwsgi.file_wrapper type <class 'mod_wsgi.FileWrapper'>\n"));
  EXPECT_THAT(text, HasSubstr("\nwsgi.input Input "));
  EXPECT_THAT(text, HasSubstr("\nwsgi.errors Log "));
  EXPECT_THAT(text, HasSubstr("apache.version tuple (2, 4, "));
}

TEST_F(Environ, flags_follow_the_settings) {  // wsgi-hosting section 10 item 25
  settings.multiprocess = true;
  settings.multithread = false;
  settings.run_once = true;
  const std::string text = dump(app("environ"));
  EXPECT_THAT(text, has("wsgi.multithread bool False"));
  EXPECT_THAT(text, has("wsgi.multiprocess bool True"));
  EXPECT_THAT(text, has("wsgi.run_once bool True"));
}

TEST_F(Environ, mod_wsgi_keys) {
  settings.process_group = "shop";
  Request request = app("environ")
                        .with("mod_wsgi.request_id", "r1")
                        .with("mod_wsgi.listener_port", "8080")
                        .with("mod_wsgi.server_pid", "4711");
  request.group = "www.example.com|";
  const std::string text = dump(request);
  EXPECT_THAT(text, has("mod_wsgi.version tuple (5, 0, 2)"));
  EXPECT_THAT(text, has("mod_wsgi.process_group str 'shop'"));
  EXPECT_THAT(text, has("mod_wsgi.application_group str 'www.example.com|'"));
  EXPECT_THAT(text, has("mod_wsgi.callable_object str 'application'"));
  EXPECT_THAT(text, has("mod_wsgi.request_handler str 'wsgi-script'"));
  EXPECT_THAT(text, has("mod_wsgi.handler_script str ''"));
  EXPECT_THAT(text, has("mod_wsgi.request_id str 'r1'"));
  EXPECT_THAT(text, has("mod_wsgi.listener_port str '8080'"));
  EXPECT_THAT(text, has("mod_wsgi.server_pid str '4711'"));
  EXPECT_THAT(text, has("mod_wsgi.thread_id int 1"));
  EXPECT_THAT(text, has("mod_wsgi.request_start float 1700000000.25"));
  EXPECT_THAT(text, has("mod_wsgi.queue_start float 1700000000.5"));
  EXPECT_THAT(text, Not(HasSubstr("mod_wsgi.daemon_start float 0.0")));
}

TEST_F(Environ, embedded_has_no_queue_and_no_daemon) {
  settings.embedded = true;
  settings.process_group = "";
  const std::string text = dump(app("environ"));
  EXPECT_THAT(text, has("mod_wsgi.queue_start float 0.0"));
  EXPECT_THAT(text, has("mod_wsgi.daemon_start float 0.0"));
  EXPECT_THAT(text, has("mod_wsgi.process_group str ''"));
  EXPECT_THAT(text, Not(HasSubstr("mod_wsgi.application_start float 0.0")));
}

TEST_F(Environ, scheme_comes_from_HTTPS_whose_key_is_never_visible) {
  const struct {
    const char* site;
    const char* request;
    const char* scheme;
  } cases[] = {{nullptr, nullptr, "http"}, {nullptr, "on", "https"}, {nullptr, "ON", "https"},
               {nullptr, "1", "https"},    {nullptr, "off", "http"}, {nullptr, "true", "http"},
               {nullptr, "", "http"},      {"on", nullptr, "https"}, {"on", "off", "http"},
               {"0", "1", "https"},        {nullptr, "onn", "http"}};
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.site ? c.site : "-") + " " + (c.request ? c.request : "-"));
    Request request = app("environ");
    if (c.site != nullptr) request.site = {{"HTTPS", c.site}};
    if (c.request != nullptr) request.with("HTTPS", c.request);
    const std::string text = dump(request);
    EXPECT_THAT(text, has(std::string("wsgi.url_scheme str '") + c.scheme + "'"));
    EXPECT_THAT(text, Not(HasSubstr("\nHTTPS ")));
  }
}

TEST_F(Environ, configured_variables_never_replace_the_servers_own_keys) {
  Request request = app("environ");
  for (const char* key :
       {"wsgi.version", "wsgi.url_scheme", "wsgi.input", "wsgi.errors", "wsgi.multithread",
        "wsgi.file_wrapper", "apache.version", "mod_wsgi.version", "mod_wsgi.process_group",
        "mod_wsgi.thread_id", "mod_wsgi.x-token"}) {
    request.site.emplace_back(key, "FORGED");
    request.with(key, "FORGED");
  }
  request.with("wsgi.extension", "kept");
  const std::string text = dump(request);
  EXPECT_THAT(text, Not(HasSubstr("FORGED")));
  EXPECT_THAT(text, Not(HasSubstr("mod_wsgi.x-")));
  EXPECT_THAT(text, has("wsgi.extension str 'kept'"));
}

TEST_F(Environ, control_entries_are_no_variables) {
  const std::string text = dump(app("environ"));
  EXPECT_THAT(text, Not(HasSubstr("script_file")));
  EXPECT_THAT(text, Not(testing::StartsWith(" str")));
}

TEST_F(Environ, requests_have_dicts_of_their_own) {
  const Request keeper = script(R"(
def application(environ, start_response):
    old = environ.get('leak')
    environ['leak'] = 'x'
    environ.pop('wsgi.version')
    start_response('200 OK', [])
    return [repr((type(environ) is dict, old)).encode()]
)");
  on_thread([&](RequestThread& thread) {
    for (int i = 0; i < 3; ++i) {
      FakeExchange exchange;
      run_on(thread, keeper, exchange);
      EXPECT_EQ(exchange.body, "(True, None)") << log();
    }
  });
}

TEST_F(Environ, recurring_values_are_right_every_time) {
  const Request show = script(R"(
def application(environ, start_response):
    start_response('200 OK', [])
    return [environ['HTTP_HOST'].encode('utf-8')]
)");
  on_thread([&](RequestThread& thread) {
    for (const char* host : {"a.example", "a.example", "b.example", "caf\xe9", "cafe", "caf\xe9"}) {
      FakeExchange exchange;
      Request request = show;
      run_on(thread, request.with("HTTP_HOST", host), exchange);
      const std::string expected = host == std::string("caf\xe9") ? "caf\xc3\xa9" : host;
      EXPECT_EQ(exchange.body, expected);
    }
  });
}

TEST_F(Environ, a_later_variable_wins) {
  const std::string text =
      dump(app("environ").with("REMOTE_ADDR", "10.0.0.1").with("REMOTE_ADDR", "192.0.2.7"));
  EXPECT_THAT(text, has("REMOTE_ADDR str '192.0.2.7'"));
}

TEST_F(Environ, more_variables_than_there_is_room_for) {
  Request request = app("environ");
  for (int i = 0; i < 500; ++i) request.with("HTTP_X_" + std::to_string(i), std::to_string(i));
  const std::string text = dump(request);
  EXPECT_THAT(text, has("HTTP_X_0 str '0'"));
  EXPECT_THAT(text, has("HTTP_X_499 str '499'"));
}

}  // namespace
}  // namespace appserver::wsgi::test
