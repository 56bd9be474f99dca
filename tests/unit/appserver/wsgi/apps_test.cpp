// SPDX-License-Identifier: Apache-2.0
// The shared applications of tests/wsgi_apps do what their first lines say; the valid ones under
// the PEP 3333 checker.
#include "tests/unit/appserver/wsgi/fixture.hpp"

#include <gmock/gmock.h>

namespace appserver::wsgi::test {
namespace {

using ::testing::HasSubstr;

class Apps : public PythonTest {};

struct Answered {
  const char* app;
  const char* query;
  int status;
  const char* body;
};

TEST_F(Apps, answer) {
  const Answered cases[] = {
      {"hello", "", 200, "Hello, World!"},
      {"ignore_body", "", 200, "not read\n"},
      {"sleep", "1", 200, "slept\n"},
      {"spin", "1", 200, "spun\n"},
      {"status", "418%20Teapot", 418, "body\n"},
      {"length_long", "", 200, "12345"},
      {"write", "", 200, "written\nreturned\n"},
      {"cookies", "", 200, "ok\n"},
      {"close", "", 200, "one\ntwo\n"},
      {"drip", "2,1", 200, "line 0\nline 1\n"},
      {"print", "", 200, "said\n"},
      {"subprocess", "", 200, "from a child\n"},
      {"validated_hello", "", 200, "Hello, World!"},
      {"validated_write", "", 200, "written\nreturned\n"},
      {"validated_close", "", 200, "one\ntwo\n"},
  };
  for (const Answered& c : cases) {
    SCOPED_TRACE(c.app);
    const FakeExchange exchange = get(app(c.app).query(c.query));
    EXPECT_EQ(exchange.status, c.status);
    EXPECT_EQ(exchange.body, c.body);
    EXPECT_EQ(exchange.end, End::complete);
  }
  EXPECT_THAT(log(), Not(HasSubstr("wsgi.exception")));
}

TEST_F(Apps, fail_with_a_page_and_a_logged_cause) {
  const struct {
    const char* app;
    int status;
    const char* logged;
  } cases[] = {
      {"raise_before", 500, "wsgi.exception type=ValueError"},
      {"raise_import", 500, "wsgi.load_failed type=ImportError"},
      {"raise_after_empty", 500, "ValueError: still before the head"},
      {"syntax_error", 500, "wsgi.load_failed type=SyntaxError"},
      {"system_exit", 500, "wsgi.exception type=SystemExit"},
      {"not_bytes", 500, "must yield bytes, not str"},
      {"not_started", 500, "start_response() was not called"},
      {"no_application", 404, "wsgi.callable_missing"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.app);
    const FakeExchange exchange = get(app(c.app));
    EXPECT_EQ(exchange.failed, c.status);
    EXPECT_EQ(exchange.heads, 0);
    EXPECT_EQ(exchange.body, "");
    EXPECT_THAT(log(), HasSubstr(c.logged));
    EXPECT_THAT(log(), HasSubstr(app(c.app).script));
  }
}

TEST_F(Apps, bodies_come_back) {
  for (const char* name : {"echo", "echo_stream", "helper_thread", "validated_echo_stream"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(get(app(name).with_body("inline body")).body, "inline body");
    FakeExchange exchange;
    exchange.body_pieces = {"in ", "pieces ", std::string(100'000, 'x')};
    (void)run(app(name).streamed(-1), exchange);
    EXPECT_EQ(exchange.body, "in pieces " + std::string(100'000, 'x'));
    EXPECT_EQ(exchange.end, End::complete);
  }
}

TEST_F(Apps, upload_counts_and_digests) {
  EXPECT_EQ(get(app("upload").with_body("abc")).body,
            "3 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n");
}

TEST_F(Apps, bytes_without_a_length) {
  for (const char* name : {"bytes", "validated_bytes"}) {
    const FakeExchange exchange = get(app(name).query("200000"));
    EXPECT_EQ(exchange.body.size(), 200'000U);
    EXPECT_FALSE(exchange.has_header("Content-Length"));
  }
}

TEST_F(Apps, the_checker_accepts_our_environ) {
  const FakeExchange exchange = get(app("validated_environ"));
  EXPECT_EQ(exchange.status, 200) << log();
  EXPECT_THAT(exchange.body, HasSubstr("wsgi.version tuple (1, 0)\n"));
}

TEST_F(Apps, state_counts_per_copy_of_the_module) {
  on_thread(
      [](RequestThread& thread) {
        for (const char* number : {"requests=1\n", "requests=2\n"}) {
          FakeExchange exchange;
          run_on(thread, app("state"), exchange);
          EXPECT_THAT(exchange.body, HasSubstr(number));
          EXPECT_THAT(exchange.body, HasSubstr("thread=7 group=''/'' "));
        }
      },
      7);
}

}  // namespace
}  // namespace appserver::wsgi::test
