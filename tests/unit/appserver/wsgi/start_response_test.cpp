// SPDX-License-Identifier: Apache-2.0
// What start_response accepts, refuses and replaces. Sources: PEP 3333 "The start_response()
// Callable"; wsgi-hosting 4.11.
#include "tests/unit/appserver/wsgi/fixture.hpp"

#include <gmock/gmock.h>

namespace appserver::wsgi::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

// Calls start_response with the arguments that the query string evaluates to.
constexpr const char* kCall = R"(
def application(environ, start_response):
    start_response(*eval(environ['QUERY_STRING']))
    return [b'body']
)";

class StartResponse : public PythonTest {
 protected:
  FakeExchange call(const std::string& arguments) { return get(script(kCall).query(arguments)); }
};

TEST_F(StartResponse, statuses) {
  const struct {
    const char* status;
    int code;
    const char* reason;
  } accepted[] = {{"'200 OK'", 200, "OK"},
                  {"'200'", 200, ""},
                  {"'200 '", 200, ""},
                  {"'600 Own Code'", 600, "Own Code"},
                  {"'999 x'", 999, "x"},
                  {"'404 Not  Found '", 404, "Not  Found "},
                  {"'200 Caf\\xe9'", 200, "Caf\xe9"}};
  for (const auto& c : accepted) {
    SCOPED_TRACE(c.status);
    const FakeExchange exchange = call(std::string("(") + c.status + ", [])");
    EXPECT_EQ(exchange.status, c.code);
    EXPECT_EQ(exchange.reason, c.reason);
    EXPECT_EQ(exchange.end, End::complete);
  }
  EXPECT_EQ(log(), "");
}

TEST_F(StartResponse, refusals_are_exceptions_and_then_500) {
  const struct {
    const char* arguments;
    const char* exception;
  } refused[] = {
      {"('20 OK', [])", "ValueError"},
      {"('2000 X', [])", "ValueError"},
      {"('', [])", "ValueError"},
      {"('OK', [])", "ValueError"},
      {"(' 200 OK', [])", "ValueError"},
      {"('200OK', [])", "ValueError"},
      {"('200\\tOK', [])", "ValueError"},
      {"('200 O\\nK', [])", "ValueError"},
      {"('200 O\\0K', [])", "ValueError"},
      {"('100 Continue', [])", "ValueError"},
      {"('199 x', [])", "ValueError"},
      {"('099 x', [])", "ValueError"},
      {"(b'200 OK', [])", "TypeError"},
      {"(200, [])", "TypeError"},
      {"('200 \\u20ac', [])", "UnicodeEncodeError"},
      {"('200 OK', ())", "TypeError"},
      {"('200 OK', None)", "TypeError"},
      {"('200 OK', {})", "TypeError"},
      {"('200 OK', [['A', 'b']])", "TypeError"},
      {"('200 OK', ['Ab'])", "TypeError"},
      {"('200 OK', [('A',)])", "ValueError"},
      {"('200 OK', [('A', 'b', 'c')])", "ValueError"},
      {"('200 OK', [('A', b'b')])", "TypeError"},
      {"('200 OK', [(b'A', 'b')])", "TypeError"},
      {"('200 OK', [('A', None)])", "TypeError"},
      {"('200 OK', [('A', 1)])", "TypeError"},
      {"('200 OK', [('', 'b')])", "ValueError"},
      {"('200 OK', [('A B', 'b')])", "ValueError"},
      {"('200 OK', [('A:', 'b')])", "ValueError"},
      {"('200 OK', [('A\\n', 'b')])", "ValueError"},
      {"('200 OK', [('A\\0', 'b')])", "ValueError"},
      {"('200 OK', [('\\xe9', 'b')])", "ValueError"},
      {"('200 OK', [('A', 'b\\nSet-Cookie: x=1')])", "ValueError"},
      {"('200 OK', [('A', 'b\\r')])", "ValueError"},
      {"('200 OK', [('A', 'b\\0')])", "ValueError"},
      {"('200 OK', [('A', '\\u20ac')])", "UnicodeEncodeError"},
      {"('200 OK', [('Fine', 'x'), ('A', 'b\\n')])", "ValueError"},
      {"()", "TypeError"},
      {"('200 OK',)", "TypeError"},
      {"('200 OK', [], None, None)", "TypeError"},
      {"('200 OK', [], 1)", "RuntimeError"},
      {"('200 OK', [], [])", "RuntimeError"},
  };
  for (const auto& c : refused) {
    SCOPED_TRACE(c.arguments);
    const std::size_t before = log().size();
    const FakeExchange exchange = call(c.arguments);
    EXPECT_EQ(exchange.failed, 500);
    EXPECT_EQ(exchange.heads, 0);
    EXPECT_THAT(log().substr(before), HasSubstr(std::string("type=") + c.exception + " "));
  }
}

TEST_F(StartResponse, keywords_are_refused) {
  const FakeExchange exchange = get(script(R"(
def application(environ, start_response):
    start_response(status='200 OK', headers=[])
)"));
  EXPECT_EQ(exchange.failed, 500);
  EXPECT_THAT(log(), HasSubstr("takes no keyword arguments"));
}

TEST_F(StartResponse, subclasses_of_list_tuple_and_str_are_fine) {
  const FakeExchange exchange = get(script(R"(
from collections import namedtuple
Field = namedtuple('Field', 'name value')
class Fields(list): pass
class Text(str): pass
def application(environ, start_response):
    start_response(Text('200 OK'), Fields([Field(Text('A'), Text('b'))]))
    return [b'body']
)"));
  EXPECT_THAT(exchange.headers, ElementsAre(Pair("A", "b"))) << log();
}

TEST_F(StartResponse, values_lose_blanks_around_them) {
  const FakeExchange exchange = call("('200 OK', [('A', ' \\tb c\\t '), ('Empty', '  ')])");
  EXPECT_THAT(exchange.headers, ElementsAre(Pair("A", "b c"), Pair("Empty", "")));
}

TEST_F(StartResponse, order_and_repetition_are_kept) {
  const FakeExchange exchange = call(
      "('200 OK', [('Set-Cookie', 'a=1'), ('Link', '<a>'), ('Set-Cookie', 'b=2'), ('Link', "
      "'<b>')])");
  EXPECT_THAT(exchange.headers, ElementsAre(Pair("Set-Cookie", "a=1"), Pair("Link", "<a>"),
                                            Pair("Set-Cookie", "b=2"), Pair("Link", "<b>")));
}

TEST_F(StartResponse, the_last_length_and_type_win) {
  const FakeExchange exchange = call(
      "('200 OK', [('Content-Type', 'a/a'), ('content-length', '9'), ('X', 'y'), "
      "('CONTENT-TYPE', 'b/b'), ('Content-Length', '4')])");
  EXPECT_THAT(exchange.headers, ElementsAre(Pair("X", "y"), Pair("CONTENT-TYPE", "b/b"),
                                            Pair("Content-Length", "4")));
  EXPECT_EQ(exchange.body, "body");
}

TEST_F(StartResponse, fields_that_are_the_servers_business_are_dropped) {
  const FakeExchange exchange = call(
      "('200 OK', [('Status', '500 x'), ('Date', 'x'), ('SERVER', 'x'), ('Transfer-Encoding', "
      "'chunked'), ('Keep-Alive', 'x'), ('Upgrade', 'h2c'), ('TE', 'x'), ('Trailer', 'x'), "
      "('Proxy-Connection', 'x'), ('connection', 'keep-alive'), ('Location', '/x')])");
  EXPECT_EQ(exchange.status, 200);
  EXPECT_THAT(exchange.headers, ElementsAre(Pair("Location", "/x")));
}

TEST_F(StartResponse, connection_close_is_honoured) {
  const FakeExchange exchange = call("('200 OK', [('Connection', 'Close')])");
  EXPECT_THAT(exchange.headers, ElementsAre(Pair("Connection", "Close")));
}

TEST_F(StartResponse, a_second_call_before_output_replaces_the_first) {  // item 55
  const FakeExchange exchange = get(script(R"(
def application(environ, start_response):
    start_response('200 OK', [('A', 'first'), ('Content-Length', '99')])
    start_response('404 Gone', [('B', 'second')])
    return [b'body']
)"));
  EXPECT_EQ(exchange.status, 404);
  EXPECT_THAT(exchange.headers, ElementsAre(Pair("B", "second")));
  EXPECT_EQ(exchange.end, End::complete);
}

TEST_F(StartResponse, a_refused_second_call_leaves_the_first) {
  const FakeExchange exchange = get(script(R"(
def application(environ, start_response):
    start_response('200 OK', [('A', 'first')])
    try:
        start_response('404 Gone', [('B', 'bad\n')])
    except ValueError:
        pass
    return [b'body']
)"));
  EXPECT_EQ(exchange.status, 200);
  EXPECT_THAT(exchange.headers, ElementsAre(Pair("A", "first")));
}

TEST_F(StartResponse, a_second_call_after_output_is_a_runtime_error) {  // item 55
  const FakeExchange exchange = get(script(R"(
def application(environ, start_response):
    start_response('200 OK', [])
    yield b'x'
    start_response('500 No', [])
    yield b'never'
)"));
  EXPECT_EQ(exchange.body, "x");
  EXPECT_EQ(exchange.end, End::truncated);
  EXPECT_THAT(log(), HasSubstr("RuntimeError: headers were already sent"));
}

TEST_F(StartResponse, exc_info_before_output_replaces) {
  const FakeExchange exchange = get(script(R"(
import sys
def application(environ, start_response):
    start_response('200 OK', [('A', 'first')])
    try:
        raise ValueError('x')
    except ValueError:
        start_response('500 Sorry', [], sys.exc_info())
    return [b'sorry']
)"));
  EXPECT_EQ(exchange.status, 500);
  EXPECT_EQ(exchange.body, "sorry");
  EXPECT_EQ(exchange.end, End::complete);
}

TEST_F(StartResponse, exc_info_after_output_raises_the_original_exception) {
  const FakeExchange exchange = get(script(R"(
import sys
def application(environ, start_response):
    start_response('200 OK', [])
    yield b'x'
    try:
        raise KeyError('the original')
    except KeyError:
        start_response('500 Sorry', [], sys.exc_info())
    yield b'never'
)"));
  EXPECT_EQ(exchange.body, "x");
  EXPECT_EQ(exchange.end, End::truncated);
  EXPECT_THAT(log(), HasSubstr("type=KeyError"));
  EXPECT_THAT(log(), HasSubstr("raise KeyError('the original')"));
}

TEST_F(StartResponse, odd_exc_info_after_output_is_still_an_exception) {
  for (const char* tuple : {"(None, None, None)", "()", "(1, 2)", "(KeyError, 'text', None)",
                            "(KeyError, KeyError('k'), 'no traceback')"}) {
    const FakeExchange exchange = get(script(R"(
def application(environ, start_response):
    start_response('200 OK', [])
    yield b'x'
    start_response('500 Sorry', [], eval(environ['QUERY_STRING']))
    yield b'never'
)")
                                          .query(tuple));
    EXPECT_EQ(exchange.body, "x") << tuple;
    EXPECT_EQ(exchange.end, End::truncated) << tuple;
  }
}

TEST_F(StartResponse, use_after_the_request_is_a_runtime_error) {
  const Request keep = script(R"(
kept = []
def application(environ, start_response):
    said = []
    for old_start, old_write in kept:
        for call in (lambda: old_start('200 OK', []), lambda: old_write(b'late')):
            try:
                call()
            except RuntimeError as error:
                said.append(str(error))
    kept.append((start_response, start_response('200 OK', [])))
    return [repr(said).encode()]
)");
  on_thread([&](RequestThread& thread) {
    FakeExchange first;
    run_on(thread, keep, first);
    EXPECT_EQ(first.body, "[]");
    FakeExchange second;
    run_on(thread, keep, second);
    EXPECT_EQ(second.body,
              "['start_response(): the request has ended', 'write(): the request has ended']");
  });
}

}  // namespace
}  // namespace appserver::wsgi::test
