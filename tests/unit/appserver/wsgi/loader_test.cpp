// SPDX-License-Identifier: Apache-2.0
// Scripts as modules: name, attributes, failure and recovery, change. Sources:
// wsgi-hosting 3.4, 6.1, 6.2.
#include "tests/unit/appserver/wsgi/fixture.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>

namespace appserver::wsgi::test {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

constexpr const char* kSays =
    "def application(environ, start_response):\n"
    "    start_response('200 OK', [])\n    return [b'";

class Loader : public PythonTest {
 protected:
  // A script that answers `word`, with a modification time of its own.
  Request says(const std::string& word, int second = 0) {
    const Request request = script(kSays + word + "']\n", "app.wsgi");
    touch(second);
    return request;
  }
  void touch(int second) const {
    const timespec when{1'700'000'000 + second, 123'456'789};
    const timespec times[] = {when, when};
    ASSERT_EQ(utimensat(AT_FDCWD, path("app.wsgi").c_str(), times, 0), 0);
  }
  static std::string body(RequestThread& thread, const Request& request) {
    FakeExchange exchange;
    EXPECT_EQ(run_on(thread, request, exchange), Outcome::done);
    return exchange.failed != 0 ? std::to_string(exchange.failed) : exchange.body;
  }
};

TEST_F(Loader, the_module_is_named_after_the_path) {
  const Request request = script(R"(
import sys
def application(environ, start_response):
    start_response('200 OK', [])
    module = sys.modules[__name__]
    return ['\n'.join([__name__, __file__, repr(__mtime__), repr(module.application is application),
            repr(application.__code__.co_filename == __file__), repr(sys.path.count(environ['dir']))]).encode()]
)");
  touch(0);
  const std::string dir = std::filesystem::path(request.script).parent_path();
  EXPECT_THAT(get(Request(request).with("dir", dir)).body,
              MatchesRegex("_mod_wsgi_[0-9a-f]{32}\n" + request.script +
                           "\n1700000000123456\nTrue\nTrue\n0"))
      << log();
}

TEST_F(Loader, the_name_is_the_md5_of_the_path) {
  Request request = script(
      "def application(environ, start_response):\n"
      "    import hashlib\n    start_response('200 OK', [])\n"
      "    return [repr(__name__ == '_mod_wsgi_' + "
      "hashlib.md5(__file__.encode()).hexdigest()).encode()]\n",
      "any.extension");
  EXPECT_EQ(get(request).body, "True") << log();
}

TEST_F(Loader, no_bytecode_is_written) {
  (void)get(app("hello"));
  EXPECT_FALSE(std::filesystem::exists(GH_SOURCE_DIR "/tests/wsgi_apps/__pycache__"));
}

TEST_F(Loader, encodings_and_nul_bytes_are_pythons_business) {
  EXPECT_EQ(get(script("# -*- coding: latin-1 -*-\ntext = '\xe9'\n"
                       "def application(environ, start_response):\n"
                       "    start_response('200 OK', [])\n    return [repr(len(text)).encode()]\n"))
                .body,
            "1");
  EXPECT_EQ(get(script(std::string_view("x = 1\0\n", 7), "nul.wsgi")).failed, 500);
  EXPECT_EQ(get(script("text = '\xe9'\n", "utf8.wsgi")).failed, 500);
}

TEST_F(Loader, what_cannot_be_read_is_500) {
  Request request;
  for (const std::string& bad : {path("missing.wsgi"), std::string("/"), std::string()}) {
    request.script = bad;
    EXPECT_EQ(get(request).failed, 500) << bad;
  }
  EXPECT_THAT(log(), HasSubstr("wsgi.load_failed script=" + path("missing.wsgi")));
}

TEST_F(Loader, a_failure_is_tried_again_at_the_next_request) {  // item 70
  on_thread([&](RequestThread& thread) {
    const Request request = script("def broken(:\n");
    EXPECT_EQ(body(thread, request), "500");
    EXPECT_EQ(body(thread, request), "500");
    (void)says("fixed");
    EXPECT_EQ(body(thread, request), "fixed");
  });
  EXPECT_THAT(log(), HasSubstr("type=SyntaxError"));
}

TEST_F(Loader, a_failed_module_leaves_no_trace) {
  on_thread([&](RequestThread& thread) {
    EXPECT_EQ(
        body(thread,
             script("import builtins\nbuiltins.failed_name = __name__\nraise SystemExit(1)\n")),
        "500");
    EXPECT_EQ(body(thread, script(R"(
import builtins, sys
def application(environ, start_response):
    start_response('200 OK', [])
    return [repr(builtins.failed_name in sys.modules).encode()]
)",
                                  "look.wsgi")),
              "False");
  });
}

TEST_F(Loader, the_callable_is_a_global_name) {  // wsgi-hosting 3.4
  const std::string text = std::string(kSays) + "one']\nother = application\nclass a: b = other\n";
  const struct {
    const char* callable;
    const char* expected;
  } cases[] = {{"application", "one"}, {"other", "one"}, {"missing", "404"},
               {"a.b", "404"},         {"", "404"},      {"__name__", "500"}};
  on_thread([&](RequestThread& thread) {
    for (const auto& c : cases) {
      Request request = script(text);
      request.callable = c.callable;
      EXPECT_EQ(body(thread, request), c.expected) << c.callable;
    }
  });
  EXPECT_THAT(log(), HasSubstr("wsgi.callable_missing script="));
}

TEST_F(Loader, a_changed_script_is_loaded_anew_in_place_when_embedded) {
  settings.embedded = true;
  on_thread([&](RequestThread& thread) {
    Request request = says("old");
    request.flags = daemon::kScriptReloading;
    EXPECT_EQ(body(thread, request), "old");
    (void)says("new", 1);
    EXPECT_EQ(body(thread, request), "new");  // the first request after a load looks
    (void)says("older", -5);                  // an older time is a change too
    EXPECT_EQ(body(thread, request), "older");
  });
}

TEST_F(Loader, a_changed_script_is_told_in_a_daemon) {
  on_thread([&](RequestThread& thread) {
    Request request = says("old");
    request.flags = daemon::kScriptReloading;
    EXPECT_EQ(body(thread, request), "old");
    (void)says("new", 1);
    for (int i = 0; i < 2; ++i) {
      FakeExchange exchange;
      EXPECT_EQ(run_on(thread, request, exchange), Outcome::script_changed);
      EXPECT_TRUE(exchange.rejected);
      EXPECT_EQ(exchange.heads, 0);
    }
    EXPECT_EQ(body(thread, says("new", 1)), "old");  // reloading off: invisible
  });
}

TEST_F(Loader, a_deleted_script_is_a_change) {
  on_thread([&](RequestThread& thread) {
    Request request = says("old");
    request.flags = daemon::kScriptReloading;
    EXPECT_EQ(body(thread, request), "old");
    std::filesystem::remove(path("app.wsgi"));
    FakeExchange exchange;
    EXPECT_EQ(run_on(thread, request, exchange), Outcome::script_changed);
  });
}

TEST_F(Loader, without_reloading_changes_are_invisible) {
  settings.embedded = true;
  on_thread([&](RequestThread& thread) {
    const Request request = says("old");
    EXPECT_EQ(body(thread, request), "old");
    (void)says("new", 1);
    EXPECT_EQ(body(thread, request), "old");
  });
}

TEST_F(Loader, the_file_is_looked_at_once_a_second_at_most) {
  settings.embedded = true;
  on_thread([&](RequestThread& thread) {
    Request request = says("old");
    request.flags = daemon::kScriptReloading;
    EXPECT_EQ(body(thread, request), "old");
    EXPECT_EQ(body(thread, request), "old");  // looks: fresh for a second
    const auto looked = std::chrono::steady_clock::now();
    (void)says("new", 1);
    std::string now = body(thread, request);
    if (std::chrono::steady_clock::now() - looked < std::chrono::milliseconds(900)) {
      EXPECT_EQ(now, "old");
    }
    const auto deadline = looked + std::chrono::seconds(5);
    while (now == "old" && std::chrono::steady_clock::now() < deadline) now = body(thread, request);
    EXPECT_EQ(now, "new");
  });
}

TEST_F(Loader, applications_force_a_reload_through_mtime) {
  settings.embedded = true;
  const std::string text = R"(
import builtins
builtins.loads = getattr(builtins, 'loads', 0) + 1
def application(environ, start_response):
    global __mtime__
    exec(environ['QUERY_STRING'], globals())
    start_response('200 OK', [])
    return [b'%d' % builtins.loads]
)";
  Request request = script(text);
  request.flags = daemon::kScriptReloading;
  on_thread([&](RequestThread& thread) {
    const auto ask = [&](const char* code) { return body(thread, Request(request).query(code)); };
    EXPECT_EQ(ask(""), "1");
    EXPECT_EQ(ask("__mtime__ = int(str(__mtime__))"), "1");
    EXPECT_EQ(ask("__mtime__ = 0"), "1");
    EXPECT_EQ(ask("__mtime__ = 'text'"), "2");
    EXPECT_EQ(ask("del __mtime__"), "3");
    EXPECT_EQ(ask("__mtime__ = 10 ** 30"), "4");
    EXPECT_EQ(ask("import sys; del sys.modules[__name__]"), "5");
    EXPECT_EQ(ask(""), "6");
  });
}

TEST_F(Loader, first_requests_at_once_import_once) {
  const Request request = script(R"(
import builtins, time
builtins.loads = getattr(builtins, 'loads', 0) + 1
time.sleep(0.05)
def application(environ, start_response):
    start_response('200 OK', [])
    return [b'%d' % builtins.loads]
)");
  Python& interpreter = python();
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int id = 1; id <= 6; ++id) {
    threads.emplace_back([&, id] {
      const auto thread = interpreter.attach_thread(id);
      thread->acquire();
      if (body(*thread, request) == "1") ++right;
      thread->release();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 6);
}

TEST_F(Loader, a_slow_import_does_not_hold_up_other_scripts_that_are_loaded) {
  const Request slow = script(
      "import time\nfrom pathlib import Path\n"
      "while not Path(__file__ + '.go').exists(): time.sleep(0.001)\n" +
          std::string(kSays) + "slow']\n",
      "slow.wsgi");
  const Request quick = says("quick");
  Python& interpreter = python();
  on_thread([&](RequestThread& thread) {
    EXPECT_EQ(body(thread, quick), "quick");
    thread.release();
    std::thread importing([&] {
      const auto other = interpreter.attach_thread(2);
      other->acquire();
      EXPECT_EQ(body(*other, slow), "slow");
      other->release();
    });
    thread.acquire();
    EXPECT_EQ(body(thread, quick), "quick");
    write_file("slow.wsgi.go", "");
    thread.release();
    importing.join();
    thread.acquire();
  });
}

TEST_F(Loader, preloads_run_in_order_on_the_main_thread) {
  (void)script(
      "import threading\nprint('first', threading.current_thread() is threading.main_thread())\n",
      "first.wsgi");
  (void)script("raise ValueError('second fails')\n", "second.wsgi");
  (void)script("import mod_wsgi\nprint('third in', mod_wsgi.application_group)\n", "third.wsgi");
  settings.preloads = {{path("first.wsgi"), "", "application"},
                       {path("second.wsgi"), "", "application"},
                       {path("third.wsgi"), "group|three", "application"}};
  (void)python();
  const std::string text = log();
  const auto first = text.find("first True");
  const auto second = text.find("ValueError: second fails");
  const auto third = text.find("third in group|three");
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
  EXPECT_NE(third, std::string::npos) << text;
}

TEST_F(Loader, a_preloaded_script_is_the_one_that_answers) {
  Request request = script("print('imported')\n" + std::string(kSays) + "preloaded']\n");
  request.group = "g";
  settings.preloads = {{request.script, "g", "application"}};
  EXPECT_EQ(get(request).body, "preloaded");
  const std::string text = log();
  EXPECT_EQ(text.find("imported"), text.rfind("imported"));
}

}  // namespace
}  // namespace appserver::wsgi::test
