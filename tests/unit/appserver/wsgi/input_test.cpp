// SPDX-License-Identifier: Apache-2.0
// wsgi.input over inline, streamed and absent bodies. Sources: PEP 3333 "Input and Error Streams";
// wsgi-hosting 4.7.
#include "tests/unit/appserver/wsgi/fixture.hpp"

#include <gmock/gmock.h>

namespace appserver::wsgi::test {
namespace {

using ::testing::HasSubstr;

// Evaluates the query string with the body as `i` and answers its repr.
constexpr const char* kEval = R"(
def application(environ, start_response):
    start_response('200 OK', [])
    return [repr(eval(environ['QUERY_STRING'], {'i': environ['wsgi.input']})).encode()]
)";

class Input : public PythonTest {
 protected:
  std::string eval(const std::string& expression, const std::string& body) {
    return get(script(kEval).query(expression).with_body(body)).body;
  }
  // The same with the body arriving byte by byte, of unknown or known length.
  std::string eval_streamed(const std::string& expression, const std::string& body, bool known) {
    FakeExchange exchange;
    for (const char c : body) exchange.body_pieces.emplace_back(1, c);
    const auto length = known ? static_cast<std::int64_t>(body.size()) : -1;
    (void)run(script(kEval).query(expression).streamed(length), exchange);
    return exchange.body;
  }
};

TEST_F(Input, reads_like_a_file) {
  const struct {
    const char* expression;
    const char* body;
    const char* expected;
  } cases[] = {
      {"i.read()", "abc", "b'abc'"},
      {"i.read(-1)", "abc", "b'abc'"},
      {"i.read(None)", "abc", "b'abc'"},
      {"i.read(0)", "abc", "b''"},
      {"[i.read(2), i.read(2), i.read(2), i.read()]", "abc", "[b'ab', b'c', b'', b'']"},
      {"[i.read(99), i.read(99)]", "abc", "[b'abc', b'']"},
      {"[i.readline(), i.readline(), i.readline()]", "a\nbc", "[b'a\\n', b'bc', b'']"},
      {"[i.readline(2), i.readline(2), i.readline(2)]", "abc\nd", "[b'ab', b'c\\n', b'd']"},
      {"[i.readline(0), i.readline(-1)]", "a\nb", "[b'', b'a\\n']"},
      {"i.readlines()", "a\n\nb\r\nc", "[b'a\\n', b'\\n', b'b\\r\\n', b'c']"},
      {"[i.readlines(3), i.read()]", "a\nb\nc\n", "[[b'a\\n', b'b\\n'], b'c\\n']"},
      {"[i.readlines(0), i.readlines(-1)]", "a\nb\n", "[[b'a\\n', b'b\\n'], []]"},
      {"list(i)", "a\nb", "[b'a\\n', b'b']"},
      {"[next(i), i.read(1), i.readline()]", "a\nbcd\n", "[b'a\\n', b'b', b'cd\\n']"},
      {"[i.close(), i.read()]", "abc", "[None, b'abc']"},
      {"iter(i) is i", "", "True"},
      {"[i.read(), i.readline(), i.readlines(), list(i)]", "", "[b'', b'', [], []]"},
      {"[hasattr(i, n) for n in ('seek', 'tell', 'fileno')]", "", "[False, False, False]"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.expression);
    EXPECT_EQ(eval(c.expression, c.body), c.expected);
    EXPECT_EQ(eval_streamed(c.expression, c.body, true), c.expected);
    EXPECT_EQ(eval_streamed(c.expression, c.body, false), c.expected);
  }
  EXPECT_EQ(log(), "");
}

TEST_F(Input, wrong_arguments_are_type_errors) {
  for (const char* call : {"i.read('1')", "i.read(1, 2)", "i.readline(1.5)", "i.readlines(b'')"}) {
    EXPECT_EQ(get(script(kEval).query(call)).failed, 500) << call;
  }
  EXPECT_THAT(log(), HasSubstr("TypeError"));
}

TEST_F(Input, nothing_is_read_when_there_is_no_body) {
  FakeExchange exchange;
  (void)run(script(kEval).query("[i.read(), i.readline(), list(i)]"), exchange);
  EXPECT_EQ(exchange.body, "[b'', b'', []]");
  EXPECT_EQ(exchange.reads, 0U);
}

TEST_F(Input, a_declared_length_that_was_reached_is_the_end) {
  FakeExchange exchange;
  exchange.body_pieces = {"abc", "def"};
  (void)run(script(kEval).query("[i.read(), i.read()]").streamed(6), exchange);
  EXPECT_EQ(exchange.body, "[b'abcdef', b'']");
  EXPECT_EQ(exchange.reads, 2U);  // nobody waits for an end mark
}

TEST_F(Input, large_bodies_in_any_cut) {
  std::string body;
  for (int i = 0; i < 40'000; ++i) body += "line " + std::to_string(i) + "\n";
  for (const std::size_t cut : {1000UL, 16'384UL, 70'000UL, 10'000'000UL}) {
    for (const char* query : {"len(i.read())", "sum(map(len, i))", "sum(map(len, i.readlines()))",
                              "sum(map(len, iter(lambda: i.read(777), b'')))",
                              "sum(map(len, iter(lambda: i.read(100000), b'')))",
                              "sum(map(len, iter(lambda: i.readline(10), b'')))"}) {
      FakeExchange exchange;
      for (std::size_t at = 0; at < body.size(); at += cut) {
        exchange.body_pieces.push_back(body.substr(at, cut));
      }
      (void)run(script(kEval).query(query).streamed(-1), exchange);
      EXPECT_EQ(exchange.body, std::to_string(body.size())) << query << " " << cut;
    }
  }
}

TEST_F(Input, an_announced_length_takes_no_memory) {
  FakeExchange exchange;
  exchange.body_pieces = {"abc"};
  exchange.body_error = base::Error{base::ErrorCode::peer_closed, "client closed the connection"};
  (void)run(script(kEval).query("i.read()").streamed(std::int64_t{1} << 50U), exchange);
  EXPECT_EQ(exchange.failed, 500);
  EXPECT_THAT(log(), HasSubstr("request data read error: client closed the connection"));
}

constexpr const char* kTryTwice = R"(
def application(environ, start_response):
    i, said = environ['wsgi.input'], []
    for attempt in (i.read, i.readline, i.readlines, lambda: next(i)):
        try:
            said.append(attempt())
        except OSError as error:
            said.append(str(error))
    start_response('200 OK', [])
    return [repr(said).encode()]
)";

TEST_F(Input, errors_are_os_errors_for_ever) {
  FakeExchange exchange;
  exchange.body_pieces = {"abc"};
  exchange.body_error = base::Error{base::ErrorCode::timeout, "no data in time"};
  (void)run(script(kTryTwice).streamed(9), exchange);
  const std::string again = "'request data read error: already in error state'";
  EXPECT_EQ(exchange.body, "['request data read error: no data in time', " + again + ", " + again +
                               ", " + again + "]");
  EXPECT_EQ(exchange.reads, 2U);
}

TEST_F(Input, a_truncated_body_is_an_error_and_no_short_end) {
  FakeExchange exchange;
  exchange.body_pieces = {"line one\nline t"};
  exchange.body_error = base::Error{base::ErrorCode::peer_closed, "truncated"};
  (void)run(script(kEval).query("i.readlines()").streamed(-1), exchange);
  EXPECT_EQ(exchange.failed, 500);
}

TEST_F(Input, over_the_limit_while_reading_is_413) {
  FakeExchange exchange;
  exchange.body_error = base::Error{base::ErrorCode::too_large, "LimitRequestBody"};
  (void)run(script(kEval).query("i.read()").streamed(-1), exchange);
  EXPECT_EQ(exchange.failed, 413);
}

TEST_F(Input, use_after_the_request_is_a_runtime_error) {
  const Request keep = script(R"(
kept = []
def application(environ, start_response):
    said = []
    for old in kept:
        for use in (old.read, old.readline, old.readlines, lambda: next(old)):
            try:
                said.append(use())
            except RuntimeError as error:
                said.append('RuntimeError')
    kept.append(environ['wsgi.input'])
    start_response('200 OK', [])
    return [repr((said, kept[-1].read())).encode()]
)");
  on_thread([&](RequestThread& thread) {
    FakeExchange first;
    Request request = keep;
    run_on(thread, request.with_body("one"), first);
    EXPECT_EQ(first.body, "([], b'one')");
    FakeExchange second;
    run_on(thread, request.with_body("two"), second);
    EXPECT_EQ(second.body,
              "(['RuntimeError', 'RuntimeError', 'RuntimeError', 'RuntimeError'], b'two')");
  });
}

TEST_F(Input, reading_lets_other_threads_run) {
  FakeExchange exchange;
  exchange.body_pieces = {"abc"};
  bool free_while_reading = false;
  exchange.on_read = [&] { free_while_reading = Python::gil_is_free(); };
  (void)run(script(kEval).query("i.read()").streamed(-1), exchange);
  EXPECT_TRUE(free_while_reading);
}

TEST_F(Input, the_request_does_not_end_under_a_reading_helper) {
  // The helper is in the exchange when the application returns: the end has to wait for it.
  const Request leave = script(R"(
import threading
def application(environ, start_response):
    threading.Thread(target=environ['wsgi.input'].read).start()
    start_response('200 OK', [])
    yield b'left'
    print('returns now', flush=True)
)");
  FakeExchange exchange;
  exchange.body_pieces = {"abc"};
  int ends_meanwhile = 0;
  exchange.on_read = [&] {
    while (log().find("returns now") == std::string::npos) std::this_thread::yield();
    for (int i = 0; i < 1000; ++i) std::this_thread::yield();
    ends_meanwhile = exchange.ends;
  };
  (void)run(Request(leave).streamed(3), exchange);
  EXPECT_EQ(exchange.body, "left");
  EXPECT_EQ(exchange.reads, 1U);
  EXPECT_EQ(ends_meanwhile, 0);
}

TEST_F(Input, two_readers_at_once_are_refused) {
  const Request two = script(R"(
import threading
started = threading.Event()
def application(environ, start_response):
    i = environ['wsgi.input']
    helper = threading.Thread(target=i.read)
    helper.start()
    # The helper is in the transport until this thread has been refused: see the test.
    while True:
        try:
            if i.read(0) == b'' and helper.is_alive():
                continue
            said = 'helper was done first'
        except RuntimeError as error:
            said = str(error)
        break
    print(said, flush=True)
    helper.join()
    start_response('200 OK', [])
    return [said.encode()]
)");
  FakeExchange exchange;
  exchange.body_pieces = {"abc"};
  exchange.on_read = [&] {
    while (log().find("another thread is reading") == std::string::npos) std::this_thread::yield();
  };
  (void)run(Request(two).streamed(3), exchange);
  EXPECT_EQ(exchange.body, "wsgi.input: another thread is reading");
}

}  // namespace
}  // namespace appserver::wsgi::test
