// SPDX-License-Identifier: Apache-2.0
// Where text written by applications ends up. Source: wsgi-hosting 6.3, 6.8.
#include "appserver/wsgi/request_log.hpp"
#include "tests/unit/appserver/wsgi/fixture.hpp"

#include <gmock/gmock.h>

namespace appserver::wsgi::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class Log : public PythonTest {
 protected:
  // The lines after their stamps.
  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> out;
    std::string rest = log();
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      const std::string line = rest.substr(0, end);
      out.push_back(line.substr(line.find("] [pid ")));
      out.back() = out.back().substr(out.back().find("] ", 3) + 2);
      rest = rest.substr(end + 1);
    }
    return out;
  }
  Request body(const std::string& code) {
    return script(
               "import sys, threading\ndef application(environ, start_response):\n"
               "    errors = environ['wsgi.errors']\n" +
               code + "    start_response('200 OK', [])\n    return []\n")
        .with("REMOTE_ADDR", "192.0.2.7")
        .with("REMOTE_PORT", "5100");
  }
  [[nodiscard]] std::string context() const {
    return "client=192.0.2.7:5100 script=" + path("app.wsgi") + " ";
  }
};

TEST(LineBuffer, cuts_text_into_lines) {
  std::vector<std::string> lines;
  const auto emit = [&](std::string_view line) { lines.emplace_back(line); };
  LineBuffer buffer;
  for (const char* part : {"a", "b\nc\n", "", "\n", "d"}) buffer.append(part, emit);
  EXPECT_THAT(lines, ElementsAre("ab", "c", ""));
  buffer.flush(emit);
  buffer.flush(emit);
  EXPECT_THAT(lines, ElementsAre("ab", "c", "", "d"));
}

TEST(LineBuffer, drops_what_exceeds_a_record) {
  std::vector<std::string> lines;
  const auto emit = [&](std::string_view line) { lines.emplace_back(line); };
  LineBuffer buffer;
  for (int i = 0; i < 10; ++i) buffer.append(std::string(1000, 'x'), emit);
  buffer.append("\nnext\n", emit);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].size(), LineBuffer::kMaxRecordBytes);
  EXPECT_EQ(lines[1], "next");
}

TEST_F(Log, streams_of_a_request_carry_its_context) {
  (void)get(
      body("    print('one\\ntwo')\n    print('three', file=sys.stderr)\n"
           "    print('four', file=errors)\n"));
  EXPECT_THAT(lines(), ElementsAre(context() + "one", context() + "two", context() + "three",
                                   context() + "four"));
  EXPECT_THAT(log(), HasSubstr("] [error] [pid "));
}

TEST_F(Log, half_a_line_is_written_at_flush_and_at_the_end) {
  (void)get(
      body("    errors.write('one')\n    errors.flush()\n    errors.flush()\n"
           "    errors.write('two')\n    sys.stdout.write('three')\n"));
  EXPECT_THAT(lines(), ElementsAre(context() + "one", context() + "two", context() + "three"));
}

TEST_F(Log, streams_do_not_mix_their_lines) {
  (void)get(
      body("    errors.write('a')\n    sys.stdout.write('b')\n    sys.stderr.write('c')\n"
           "    errors.write('A\\n')\n    sys.stdout.write('B\\n')\n"
           "    sys.stderr.write('C\\n')\n"));
  EXPECT_THAT(lines(), ElementsAre(context() + "aA", context() + "bB", context() + "cC"));
}

TEST_F(Log, other_threads_and_imports_have_no_context) {
  (void)get(
      script(
          "print('import')\nimport threading\n"
          "def application(environ, start_response):\n"
          "    helper = threading.Thread(target=lambda: print('helper'))\n"
          "    helper.start()\n    helper.join()\n"
          "    import sys\n    half = threading.Thread(target=lambda: sys.stdout.write('half'))\n"
          "    half.start()\n    half.join()\n"
          "    start_response('200 OK', [])\n    return []\n")
          .with("REMOTE_ADDR", "192.0.2.7"));
  stop();
  EXPECT_THAT(log(), HasSubstr("] helper\n"));
  EXPECT_THAT(log(), HasSubstr("] half\n"));
}

TEST_F(Log, any_text_can_be_written) {
  (void)get(
      body("    print('caf\\xe9 \\udcff \\U0001f40d')\n    errors.writelines(['a', 'b\\n'])\n"));
  EXPECT_THAT(lines(),
              ElementsAre(context() + "caf\xc3\xa9 \\udcff \xf0\x9f\x90\x8d", context() + "ab"));
}

TEST_F(Log, streams_look_like_text_files) {
  (void)get(body(R"(
    for s in (sys.stdout, sys.stderr, errors):
        s.write(repr((s.encoding, s.closed, s.isatty(), s.writable(), s.readable(), s.seekable(),
                      s.line_buffering, s.newlines, s.name, s.write(''), s.close(), s.closed)) + '\n')
)"));
  for (const char* name : {"<stdout>", "<stderr>", "<wsgi.errors>"}) {
    EXPECT_THAT(log(), HasSubstr("('utf-8', False, False, True, False, False, True, None, '" +
                                 std::string(name) + "', 0, None, False)"));
  }
}

TEST_F(Log, wrong_use_is_an_exception) {
  for (const char* code :
       {"    errors.write(b'x')\n", "    errors.write(None)\n", "    errors.writelines([1])\n",
        "    errors.writelines(5)\n", "    errors.fileno()\n"}) {
    EXPECT_EQ(get(body(code)).failed, 500) << code;
  }
}

TEST_F(Log, wsgi_errors_is_of_no_use_after_the_request) {
  const Request keep = script(R"(
kept = []
def application(environ, start_response):
    said = []
    for old in kept:
        for use in (lambda: old.write('x'), old.flush, lambda: old.writelines(['x'])):
            try:
                use()
            except RuntimeError as error:
                said.append(str(error))
    kept.append(environ['wsgi.errors'])
    start_response('200 OK', [])
    return [repr(set(said)).encode()]
)");
  on_thread([&](RequestThread& thread) {
    FakeExchange first;
    run_on(thread, keep, first);
    FakeExchange second;
    run_on(thread, keep, second);
    EXPECT_EQ(second.body, "{'wsgi.errors: the request has ended'}");
  });
}

TEST_F(Log, output_is_not_filtered_by_the_level) {
  auto quiet = base::observe::ErrorLog::open({path("log"), base::observe::LogLevel::error});
  ASSERT_TRUE(quiet);
  settings.log = *quiet;
  (void)get(body("    print('seen')\n"));
  EXPECT_THAT(log(), HasSubstr("seen"));
}

TEST_F(Log, exceptions_have_a_header_line_and_a_traceback) {
  (void)get(app("raise_before").with("REMOTE_ADDR", "192.0.2.7").with("REMOTE_PORT", "5100"));
  const std::vector<std::string> logged = lines();
  const std::string script = app("raise_before").script;
  const std::string prefix = "client=192.0.2.7:5100 script=" + script + " ";
  ASSERT_GE(logged.size(), 4U);
  EXPECT_EQ(logged[0], prefix + "wsgi.exception type=ValueError script=" + script + " group=\"\"");
  EXPECT_EQ(logged[1], prefix + "Traceback (most recent call last):");
  EXPECT_THAT(logged[2], HasSubstr("raise_before.wsgi\", line 4, in application"));
  EXPECT_EQ(logged.back(), prefix + "ValueError: before the head");
}

TEST_F(Log, chained_and_unprintable_exceptions_are_logged_too) {
  (void)get(body("    try: 1 / 0\n    except Exception as e: raise KeyError('second') from e\n"));
  EXPECT_THAT(log(), HasSubstr("ZeroDivisionError: division by zero"));
  EXPECT_THAT(log(), HasSubstr("KeyError: 'second'"));
  EXPECT_EQ(get(body("    class E(Exception):\n        def __str__(self): raise ValueError()\n"
                     "    raise E()\n"))
                .failed,
            500);
  EXPECT_THAT(log(), HasSubstr("wsgi.exception type=E "));
}

TEST_F(Log, values_from_outside_cannot_forge_lines) {
  (void)get(body("    print('x')\n").with("REMOTE_ADDR", "1.2.3.4\n[error] forged \"q\""));
  EXPECT_THAT(log(), Not(HasSubstr("\n[error] forged")));
  EXPECT_THAT(log(), HasSubstr("1.2.3.4\\x0a[error] forged \\\"q\\\""));
}

TEST_F(Log, signal_handlers_are_refused_with_a_warning) {  // wsgi-hosting 6.3
  const FakeExchange exchange = get(script(R"(
import signal
def application(environ, start_response):
    before = signal.getsignal(signal.SIGTERM)
    result = signal.signal(signal.SIGTERM, lambda *a: None)
    start_response('200 OK', [])
    return [repr((result, signal.getsignal(signal.SIGTERM) == before)).encode()]
)"));
  EXPECT_EQ(exchange.body, "(None, True)") << log();
  EXPECT_THAT(log(), HasSubstr("] [warn] [pid "));
  EXPECT_THAT(log(), HasSubstr("wsgi.signal_ignored signum=15"));
  EXPECT_THAT(log(), HasSubstr("result = signal.signal(signal.SIGTERM"));
}

}  // namespace
}  // namespace appserver::wsgi::test
