// SPDX-License-Identifier: Apache-2.0
// From the iterable to the exchange: commit, flush, lengths, HEAD, close, errors, a client that
// leaves. Sources: PEP 3333; wsgi-hosting 4.9, 4.11, section 10 items 54 to 63.
#include "tests/unit/appserver/wsgi/fixture.hpp"

#include <gmock/gmock.h>

namespace appserver::wsgi::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class Response : public PythonTest {
 protected:
  Request iterable(const std::string& expression, const std::string& headers = "[]",
                   const std::string& status = "200 OK") {
    return script(
        "import time\ndef gen(*items):\n    yield from items\n"
        "def application(environ, start_response):\n    start_response('" +
        status + "', " + headers + ")\n    return " + expression + "\n");
  }
};

TEST_F(Response, iterables_of_every_kind) {
  for (const char* expression :
       {"[b'one', b'two']", "(b'one', b'two')", "iter([b'one', b'two'])", "gen(b'one', b'two')",
        "type('L', (list,), {})([b'one', b'two'])", "{b'one': 1, b'two': 2}", "[b'onetwo']",
        "[b'', b'one', b'', b'two', b'']", "type('B', (bytes,), {})(b'onetwo') and [b'onetwo']"}) {
    SCOPED_TRACE(expression);
    const FakeExchange exchange = get(iterable(expression));
    EXPECT_EQ(exchange.body, "onetwo") << log();
    EXPECT_EQ(exchange.end, End::complete);
    EXPECT_EQ(exchange.heads, 1);
  }
}

TEST_F(Response, an_empty_body_has_a_head_all_the_same) {
  for (const char* expression : {"[]", "()", "gen()", "[b'']", "gen(b'', b'')"}) {
    SCOPED_TRACE(expression);
    const FakeExchange exchange = get(iterable(expression, "[('A', 'b')]"));
    EXPECT_EQ(exchange.heads, 1);
    EXPECT_EQ(exchange.status, 200);
    EXPECT_EQ(exchange.body, "");
    EXPECT_EQ(exchange.end, End::complete);
  }
}

TEST_F(Response, what_is_no_iterable_of_bytes_is_500) {  // item 54
  for (const char* expression : {"None", "5", "'text'", "['text']", "[bytearray(b'x')]",
                                 "[memoryview(b'x')]", "[None]", "b'x'", "[b'', 'text']"}) {
    SCOPED_TRACE(expression);
    const FakeExchange exchange = get(iterable(expression));
    EXPECT_EQ(exchange.failed, 500);
    EXPECT_EQ(exchange.heads, 0);
  }
  EXPECT_THAT(log(), HasSubstr("type=TypeError"));
}

TEST_F(Response, a_wrong_item_after_output_truncates) {
  const FakeExchange exchange = get(iterable("[b'x', 'text']"));
  EXPECT_EQ(exchange.body, "x");
  EXPECT_EQ(exchange.end, End::truncated);
}

TEST_F(Response, exception_before_and_after_the_commit) {  // item 56
  EXPECT_EQ(get(app("raise_after_empty")).failed, 500);
  const FakeExchange exchange = get(app("raise_between"));
  EXPECT_EQ(exchange.status, 200);
  EXPECT_EQ(exchange.body, "x");
  EXPECT_EQ(exchange.end, End::truncated);
  EXPECT_THAT(log(), HasSubstr("ValueError: after the head"));
}

TEST_F(Response, lists_are_never_flushed) {
  const FakeExchange exchange = get(iterable("[b'a', b'b', b'c']"));
  EXPECT_EQ(exchange.body, "abc");
  EXPECT_THAT(exchange.flushed_at, ElementsAre());
}

TEST_F(Response, a_slow_first_item_is_flushed_and_every_later_one) {
  const FakeExchange exchange = get(script(R"(
import time
def application(environ, start_response):
    start_response('200 OK', [])
    time.sleep(0.002)
    yield b'a'
    yield b''
    yield b'b'
    yield b'c'
)"));
  EXPECT_THAT(exchange.flushed_at, ElementsAre(1, 2, 3));
}

TEST_F(Response, a_quick_first_item_waits_for_company) {
  // Quick is a matter of time, so of the machine: the first request loads the script, the later
  // ones are quick.
  const Request one = iterable("gen(b'only')");
  const Request two = iterable("gen(b'a', b'b')");
  on_thread([&](RequestThread& thread) {
    bool quick = false;
    for (int i = 0; i < 100 && !quick; ++i) {
      FakeExchange exchange;
      run_on(thread, one, exchange);
      quick = exchange.flushed_at.empty();
    }
    EXPECT_TRUE(quick);
  });
  write_file("two.wsgi", "");
  const FakeExchange exchange = get(two);
  EXPECT_EQ(exchange.flushed_at.back(), 2U);
}

TEST_F(Response, what_the_transport_does_not_take_is_written_blocking) {
  FakeExchange exchange;
  exchange.take_at_most = 3;
  (void)run(iterable("[b'0123456789', b'ab', b'cdefg']"), exchange);
  EXPECT_EQ(exchange.body, "0123456789abcdefg");
  EXPECT_EQ(exchange.blocking_writes, 2U);
  EXPECT_EQ(exchange.end, End::complete);
}

TEST_F(Response, output_beyond_the_length_is_discarded) {  // item 57
  const FakeExchange exchange = get(app("length_long"));
  EXPECT_EQ(exchange.body, "12345");
  EXPECT_EQ(exchange.end, End::complete);
  EXPECT_EQ(get(iterable("[b'123', b'456', b'789']", "[('Content-Length', '0')]")).body, "");
}

TEST_F(Response, iteration_goes_on_beyond_the_length) {
  const FakeExchange exchange = get(script(R"(
def application(environ, start_response):
    start_response('200 OK', [('Content-Length', '1')])
    yield b'1'
    yield b'2'
    print('reached the end')
)"));
  EXPECT_EQ(exchange.body, "1");
  EXPECT_THAT(log(), HasSubstr("reached the end"));
}

TEST_F(Response, too_little_output_is_a_truncation) {  // item 58
  const FakeExchange exchange = get(app("length_short"));
  EXPECT_EQ(exchange.body, "12345");
  EXPECT_EQ(exchange.header("Content-Length"), "8");
  EXPECT_EQ(exchange.end, End::truncated);
  EXPECT_THAT(log(), HasSubstr("wsgi.response_short content_length=8 sent=5"));
}

TEST_F(Response, invalid_lengths_are_value_errors_at_first_output) {
  for (const char* length :
       {"-1", "+1", "x", "", "1x", "1.0", "0x10", "1 2", "99999999999999999999", "5, 5"}) {
    SCOPED_TRACE(length);
    const FakeExchange exchange =
        get(iterable("[b'12345']", std::string("[('Content-Length', '") + length + "')]"));
    EXPECT_EQ(exchange.failed, 500);
    EXPECT_EQ(exchange.heads, 0);
  }
  EXPECT_THAT(log(), HasSubstr("ValueError: invalid Content-Length \"-1\""));
}

TEST_F(Response, head_has_the_fields_and_no_body) {  // item 62
  Request request = app("hello");
  request.flags = daemon::kHeadRequest;
  const FakeExchange exchange = get(request);
  EXPECT_EQ(exchange.header("Content-Length"), "13");
  EXPECT_EQ(exchange.body, "");
  EXPECT_EQ(exchange.end, End::complete);
  Request without = iterable("[]", "[('Content-Length', '13')]");
  without.flags = daemon::kHeadRequest;
  EXPECT_EQ(get(without).end, End::complete);  // nothing is missing
  EXPECT_EQ(log(), "");
}

TEST_F(Response, statuses_without_a_body) {
  const FakeExchange no_content =
      get(iterable("[b'body']", "[('Content-Length', '4'), ('X', 'y')]", "204 No Content"));
  EXPECT_EQ(no_content.body, "");
  EXPECT_FALSE(no_content.has_header("Content-Length"));
  EXPECT_EQ(no_content.end, End::complete);
  const FakeExchange not_modified = get(iterable(
      "[b'body']",
      "[('Content-Length', '9'), ('Content-Type', 'a/b'), ('ETag', 'e'), ('Set-Cookie', 'c'), "
      "('Last-Modified', 'l')]",
      "304 Not Modified"));
  EXPECT_EQ(not_modified.body, "");
  EXPECT_EQ(not_modified.headers.size(), 3U);
  EXPECT_TRUE(not_modified.has_header("Last-Modified"));
  EXPECT_EQ(not_modified.end, End::complete);
  EXPECT_EQ(log(), "");
}

TEST_F(Response, close_is_called_once_whatever_happens) {  // item 61
  const Request request = script(R"(
calls = []
class Body:
    def __init__(self, items): self.items = items
    def __iter__(self):
        for item in self.items:
            if item is None: raise ValueError('on the way')
            yield item
    def close(self): calls.append(1)
def application(environ, start_response):
    query = environ['QUERY_STRING']
    if query == 'count':
        start_response('200 OK', [])
        return [str(len(calls)).encode()]
    if query != 'no start': start_response('200 OK', [])
    return Body([b'x', None] if query == 'raise' else ['text'] if query == 'text' else [b'x', b'y'])
)");
  on_thread([&](RequestThread& thread) {
    int calls = 0;
    for (const char* query : {"", "raise", "text", "no start", "gone"}) {
      FakeExchange exchange;
      if (query == std::string("gone")) exchange.gone_after = 0;
      Request one = request;
      run_on(thread, one.query(query), exchange);
      FakeExchange count;
      Request two = request;
      run_on(thread, two.query("count"), count);
      EXPECT_EQ(count.body, std::to_string(++calls)) << query;
    }
  });
}

TEST_F(Response, generators_are_closed_when_the_client_leaves) {
  FakeExchange exchange;
  exchange.gone_after = 1;
  (void)run(script(R"(
def application(environ, start_response):
    start_response('200 OK', [])
    try:
        yield b'x'
        yield b'y'
        yield b'never'
    except GeneratorExit:
        print('closed early')
        raise
)"),
            exchange);
  EXPECT_EQ(exchange.body, "x");
  EXPECT_EQ(exchange.end, End::truncated);
  EXPECT_THAT(log(), HasSubstr("closed early"));
  EXPECT_THAT(log(), Not(HasSubstr("wsgi.exception")));
}

TEST_F(Response, what_close_raises_is_only_logged) {
  const FakeExchange exchange = get(script(R"(
class Body:
    def __iter__(self): return iter([b'fine'])
    def close(self): raise ValueError('in close')
def application(environ, start_response):
    start_response('200 OK', [])
    return Body()
)"));
  EXPECT_EQ(exchange.body, "fine");
  EXPECT_EQ(exchange.end, End::complete);
  EXPECT_THAT(log(), HasSubstr("wsgi.close_failed type=ValueError"));
}

TEST_F(Response, a_blocked_client_that_leaves_ends_the_iteration) {
  FakeExchange exchange;
  exchange.take_at_most = 1;
  exchange.gone_after = 4;
  (void)run(iterable("gen(b'abc', b'def', b'never')"), exchange);
  EXPECT_EQ(exchange.end, End::truncated);
  EXPECT_THAT(log(), Not(HasSubstr("wsgi.exception")));
}

TEST_F(Response, a_head_request_notices_a_client_that_left) {
  FakeExchange exchange;
  exchange.is_aborted = true;
  Request request = script(R"(
def application(environ, start_response):
    start_response('200 OK', [])
    while True: yield b'x'
)");
  request.flags = daemon::kHeadRequest;
  (void)run(request, exchange);
  EXPECT_EQ(exchange.end, End::truncated);
}

TEST_F(Response, write_commits_with_its_first_byte) {
  const FakeExchange exchange = get(script(R"(
def application(environ, start_response):
    write = start_response('200 OK', [('A', 'first')])
    write(b'')
    write = start_response('201 Made', [('B', 'second')])
    write(b'x')
    try:
        start_response('500 No', [])
    except RuntimeError:
        write(b'y')
    return [b'z']
)"));
  EXPECT_EQ(exchange.status, 201);
  EXPECT_EQ(exchange.header("B"), "second");
  EXPECT_EQ(exchange.body, "xyz");
  EXPECT_EQ(exchange.end, End::complete);
}

TEST_F(Response, an_exception_after_an_empty_write_is_a_clean_500) {
  const FakeExchange exchange = get(script(R"(
def application(environ, start_response):
    start_response('200 OK', [])(b'')
    raise ValueError('x')
)"));
  EXPECT_EQ(exchange.failed, 500);
}

TEST_F(Response, write_takes_bytes_only) {
  for (const char* argument : {"'text'", "bytearray(b'x')", "None", "", "b'x', b'y'"}) {
    SCOPED_TRACE(argument);
    const FakeExchange exchange =
        get(script(std::string("def application(environ, start_response):\n"
                               "    start_response('200 OK', [])(") +
                   argument + ")\n    return []\n"));
    EXPECT_EQ(exchange.failed, 500);
  }
}

TEST_F(Response, write_tells_of_a_client_that_left) {
  FakeExchange exchange;
  exchange.gone_after = 0;
  (void)run(script(R"(
def application(environ, start_response):
    write = start_response('200 OK', [])
    try:
        write(b'x')
    except OSError as error:
        print('told:', error)
        raise
    return []
)"),
            exchange);
  EXPECT_EQ(exchange.end, End::truncated);
  EXPECT_THAT(log(), HasSubstr("told: write(): the client closed the connection"));
  EXPECT_THAT(log(), Not(HasSubstr("Traceback")));
}

TEST_F(Response, the_list_may_change_while_it_is_sent) {
  FakeExchange exchange;
  exchange.take_at_most = 0;
  (void)run(script(R"(
import threading
def application(environ, start_response):
    start_response('200 OK', [])
    items = [b'item'] * 1000
    threading.Thread(target=items.clear).start()
    return items
)"),
            exchange);
  EXPECT_EQ(exchange.end, End::complete);
  EXPECT_EQ(exchange.body.size() % 4, 0U);
}

TEST_F(Response, a_recursion_without_end_is_an_exception_like_any_other) {
  EXPECT_EQ(get(script(R"(
def application(environ, start_response):
    return application(environ, start_response)
)"))
                .failed,
            500);
  EXPECT_THAT(log(), HasSubstr("type=RecursionError"));
}

}  // namespace
}  // namespace appserver::wsgi::test
