// SPDX-License-Identifier: Apache-2.0
// Starting and ending the interpreter: paths, argv, homes, errors in Python's words. Sources:
// wsgi-hosting 2.1, 6.6, 6.9.
#include "tests/unit/appserver/wsgi/fixture.hpp"

#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

namespace appserver::wsgi::test {
namespace {

using ::testing::HasSubstr;

constexpr const char* kEval = R"(
import os, sys
def application(environ, start_response):
    start_response('200 OK', [])
    return [repr(eval(environ['QUERY_STRING'])).encode()]
)";

class Startup : public PythonTest {
 protected:
  std::string eval(const std::string& expression, const std::string& group = "") {
    Request request = script(kEval).query(expression);
    request.group = group;
    return get(request).body;
  }
};

TEST_F(Startup, argv_is_mod_wsgi) {
  EXPECT_EQ(eval("sys.argv"), "['mod_wsgi']");
  EXPECT_EQ(eval("sys.argv", "named"), "['mod_wsgi']");
}

TEST_F(Startup, the_standard_library_is_the_linked_ones) {
  EXPECT_THAT(eval("[p for p in sys.path if p.endswith('python%d.%d' % sys.version_info[:2])]"),
              HasSubstr("python" GH_PYTHON_VERSION "'"));
  EXPECT_EQ(eval("os.path.samefile(sys.executable, '" GH_PYTHON_PROGRAM "')"), "True");
}

TEST_F(Startup, home_is_first_then_python_path_with_its_pth_files) {
  std::filesystem::create_directories(path("home"));
  std::filesystem::create_directories(path("one"));
  std::filesystem::create_directories(path("two"));
  std::filesystem::create_directories(path("by_pth"));
  write_file("one/more.pth", path("by_pth") + "\n");
  settings.home = path("home");
  settings.python_path = path("one") + ":" + path("two");
  const std::string expected = "['" + path("home") + "', '" + path("one") + "', '" +
                               path("by_pth") + "', '" + path("two") + "']";
  EXPECT_EQ(eval("sys.path[:4]"), expected);
  EXPECT_EQ(eval("sys.path[:4]", "named"), expected);
  EXPECT_EQ(eval("len(sys.path) == len(set(sys.path))"), "True");
}

TEST_F(Startup, home_that_is_on_python_path_too_stands_once) {
  std::filesystem::create_directories(path("home"));
  settings.home = path("home");
  settings.python_path = path("home");
  EXPECT_EQ(eval("sys.path.count('" + path("home") + "'), sys.path[0] == '" + path("home") + "'"),
            "(1, True)");
}

TEST_F(Startup, a_virtual_environment_is_used) {
  const std::string venv = path("venv");
  ASSERT_EQ(std::system((GH_PYTHON_PROGRAM " -m venv --without-pip " + venv).c_str()), 0);
  settings.python_home = venv;
  EXPECT_EQ(eval("(sys.prefix == '" + venv +
                 "', sys.base_prefix != sys.prefix, "
                 "any(p.startswith('" +
                 venv + "') and p.endswith('site-packages') for p in sys.path))"),
            "(True, True, True)")
      << log();
  EXPECT_EQ(eval("sys.prefix == '" + venv + "'", "named"), "True");
}

TEST(StartupDeathTest, a_home_that_is_none_fails_in_pythons_words) {
  // What is left of such a start is good for nothing, so it happens in a process of its own.
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  class Nowhere : public Startup {
   public:
    void TestBody() override {
      settings.python_home = path("nowhere");
      const auto started = Python::start(settings);
      ASSERT_FALSE(started) << "it started";
      EXPECT_THAT(started.error().detail, testing::MatchesRegex("Python: .*encoding.*"));
      EXPECT_THAT(log(), HasSubstr("python.home_unusable python_home=" + path("nowhere")));
    }
  };
  EXPECT_EXIT(
      {
        { Nowhere().TestBody(); }
        std::_Exit(::testing::Test::HasFailure() ? 1 : 0);
      },
      ::testing::ExitedWithCode(0), "");
}

TEST_F(Startup, threading_is_imported_on_the_main_thread) {
  EXPECT_EQ(eval("'threading' in sys.modules"), "True");
}

TEST_F(Startup, signals_are_left_to_the_server) {
  struct sigaction before {};
  struct sigaction after {};
  ASSERT_EQ(sigaction(SIGINT, nullptr, &before), 0);
  (void)python();
  ASSERT_EQ(sigaction(SIGINT, nullptr, &after), 0);
  EXPECT_EQ(before.sa_handler, after.sa_handler);
}

TEST_F(Startup, the_environment_of_the_process_is_pythons) {
  EXPECT_EQ(setenv("GATEHOUSE_TEST", "seen", 1), 0);
  EXPECT_EQ(eval("os.environ['GATEHOUSE_TEST']"), "'seen'");
  EXPECT_EQ(eval("os.environ.__setitem__('GATEHOUSE_TEST', 'set')"), "None");
  EXPECT_EQ(eval("os.environ['GATEHOUSE_TEST']", "later"), "'set'");
}

TEST_F(Startup, objects_outlive_their_request_and_their_interpreter) {
  const Request keep = script(R"(
import atexit, sys
kept = []
def use():
    for item in kept:
        try:
            item()
        except RuntimeError:
            print('refused')
atexit.register(use)
class Noisy:
    def __del__(self):
        print('deleted')
sys.noisy = Noisy()
def application(environ, start_response):
    kept.extend([environ['wsgi.input'].read, environ['wsgi.errors'].flush,
                 lambda: start_response('200 OK', []), environ['wsgi.file_wrapper'](sys.stdout).close])
    start_response('200 OK', [])
    return [b'kept']
)");
  for (const char* group : {"", "named"}) {
    Request request = keep;
    request.group = group;
    EXPECT_EQ(get(request).body, "kept");
  }
  stop();
  std::size_t refused = 0;
  for (std::size_t at = log().find("refused"); at != std::string::npos;
       at = log().find("refused", at + 1)) {
    ++refused;
  }
  EXPECT_EQ(refused, 6U) << log();
}

}  // namespace
}  // namespace appserver::wsgi::test
