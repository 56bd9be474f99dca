// SPDX-License-Identifier: Apache-2.0
// Does a request leave Python objects behind? Counted in blocks of Python's allocator, after a
// warm-up.
#include "tests/unit/appserver/wsgi/fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace appserver::wsgi::test {
namespace {

class Leak : public PythonTest {
 protected:
  static constexpr int kRounds = 300;

  // Blocks in use after `kRounds` requests; 0 when Python uses another allocator than its own.
  long blocks_after(RequestThread& thread, const Request& request) {
    for (int i = 0; i < kRounds; ++i) {
      FakeExchange exchange;
      if (request.mode == daemon::BodyMode::stream) {
        exchange.body_pieces = {"one\ntwo", "\nthree"};
        exchange.take_at_most = 1;
        exchange.gone_after = static_cast<std::size_t>(i % 4);
      }
      (void)run_on(thread, request, exchange);
    }
    FakeExchange exchange;
    (void)run_on(thread, script(R"(
import gc, sys
def application(environ, start_response):
    gc.collect()
    start_response('200 OK', [])
    return [b'%d' % sys.getallocatedblocks()]
)"),
                 exchange);
    return std::stol(exchange.body);
  }
};

TEST_F(Leak, requests_leave_nothing_behind) {
  std::vector<Request> requests;
  for (const char* name : {"hello",          "environ",      "echo",          "bytes",
                           "raise_before",   "raise_import", "raise_between", "raise_after_empty",
                           "syntax_error",   "system_exit",  "not_bytes",     "not_started",
                           "no_application", "length_long",  "length_short",  "write",
                           "cookies",        "close",        "file",          "print",
                           "validated_hello"}) {
    requests.push_back(app(name).with("HTTP_X_CUSTOM", "custom").with_body("a\nb\n"));
    requests.push_back(app(name).with("HTTP_COOKIE", "c").streamed(-1));
    requests.back().group = "named";
  }
  requests.push_back(script(R"(
def application(environ, start_response):
    i = environ['wsgi.input']
    i.readline(), i.readlines(1), next(i, None), i.read(1), i.read()
    for bad in (('200', 1), ('x', []), ('200', [('A', 'b\n')]), ('200', [('A', 1)]), ()):
        try:
            start_response(*bad)
        except (TypeError, ValueError):
            pass
    start_response('200 OK', [('A', 'b')])
    return [b'']
)")
                         .streamed(-1));
  on_thread([&](RequestThread& thread) {
    for (const Request& request : requests) {
      long before = blocks_after(thread, request);
      long least = kRounds;
      for (int attempt = 0; attempt < 4 && least >= kRounds / 2; ++attempt) {
        const long after = blocks_after(thread, request);
        least = std::min(least, after - before);
        before = after;
      }
      // Caches fill now and then; one object a request would show every time.
      EXPECT_LT(least, kRounds / 2) << request.script << " " << request.group;
    }
  });
}

}  // namespace
}  // namespace appserver::wsgi::test
