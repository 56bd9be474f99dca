// SPDX-License-Identifier: Apache-2.0
// Application groups, threads and the GIL. Sources: wsgi-hosting 3.3, 6.3, section 10 item 116;
// architecture section 4.
#include "tests/unit/appserver/wsgi/fixture.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <unistd.h>

namespace appserver::wsgi::test {
namespace {

using ::testing::HasSubstr;

class Groups : public PythonTest {
 protected:
  static std::string body(RequestThread& thread, Request request, std::string group) {
    FakeExchange exchange;
    request.group = std::move(group);
    EXPECT_EQ(run_on(thread, request, exchange), Outcome::done);
    return exchange.failed != 0 ? std::to_string(exchange.failed) : exchange.body;
  }
};

constexpr const char* kCounter = R"(
import mod_wsgi, sys
sys.counter = getattr(sys, 'counter', 0)
def application(environ, start_response):
    sys.counter += 1
    start_response('200 OK', [])
    return [('%s|%s|%d' % (mod_wsgi.application_group, environ['mod_wsgi.application_group'],
                           sys.counter)).encode()]
)";

TEST_F(Groups, share_nothing) {
  const Request request = script(kCounter);
  on_thread([&](RequestThread& thread) {
    EXPECT_EQ(body(thread, request, "a"), "a|a|1");
    EXPECT_EQ(body(thread, request, "b"), "b|b|1");
    EXPECT_EQ(body(thread, request, "a"), "a|a|2");
    EXPECT_EQ(body(thread, request, ""), "||1");
    EXPECT_EQ(body(thread, request, "b"), "b|b|2");
    EXPECT_EQ(body(thread, request, "b"), "b|b|3");
  });
  EXPECT_EQ(log(), "");
}

TEST_F(Groups, global_requests_never_run_in_a_named_interpreter) {  // item 116
  // Each thread serves a named group first, then %{GLOBAL}, also through the simplified GIL API of
  // C extensions.
  const Request who = script(R"(
import ctypes, mod_wsgi
callback = ctypes.CFUNCTYPE(None)
def application(environ, start_response):
    seen = []
    def look():
        import mod_wsgi as here
        seen.append(here.application_group)
    callback(look)()   # PyGILState_Ensure underneath
    start_response('200 OK', [])
    return [('%s|%s' % (mod_wsgi.application_group, seen)).encode()]
)");
  Python& interpreter = python();
  std::vector<std::thread> threads;
  for (int id = 1; id <= 4; ++id) {
    threads.emplace_back([&, id] {
      const auto thread = interpreter.attach_thread(id);
      thread->acquire();
      const Request count = script(kCounter, "count" + std::to_string(id) + ".wsgi");
      for (int i = 0; i < 5; ++i) {
        const std::string name = "g" + std::to_string(id % 2);
        EXPECT_THAT(body(*thread, count, name), HasSubstr(name + "|" + name + "|"));
        EXPECT_EQ(body(*thread, who, ""), "|['']");
        EXPECT_THAT(body(*thread, count, ""), testing::StartsWith("||"));
      }
      thread->release();
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(Groups, are_limited) {
  settings.maximum_interpreters = 3;
  const Request request = script(kCounter);
  on_thread([&](RequestThread& thread) {
    for (int i = 0; i < 3; ++i) {
      const std::string name = "g" + std::to_string(i);
      ASSERT_EQ(body(thread, request, name), name + "|" + name + "|1");
    }
    EXPECT_EQ(body(thread, request, "one too many"), "500");
    EXPECT_EQ(body(thread, request, "g2"), "g2|g2|2");
    EXPECT_EQ(body(thread, request, ""), "||1");
  });
  EXPECT_THAT(log(), HasSubstr("python.interpreter_failed group=\"one too many\""));
}

TEST_F(Groups, thread_state_lives_as_long_as_the_thread) {
  const Request request = script(R"(
import threading
local = threading.local()
def application(environ, start_response):
    local.count = getattr(local, 'count', 0) + 1
    start_response('200 OK', [])
    return [b'%d' % local.count]
)");
  for (const char* group : {"", "named"}) {
    for (int i = 0; i < 2; ++i) {  // a new thread starts anew
      on_thread([&](RequestThread& thread) {
        for (const char* count : {"1", "2", "3"}) {
          EXPECT_EQ(body(thread, request, group), count);
          EXPECT_EQ(body(thread, script(kCounter, "between.wsgi"), "other").substr(0, 6), "other|");
        }
      });
    }
  }
}

TEST_F(Groups, request_threads_are_dummies_and_threading_knows_the_main_thread) {
  const Request request = script(R"(
import threading
def application(environ, start_response):
    start_response('200 OK', [])
    return [repr((type(threading.current_thread()).__name__,
                  threading.current_thread() is threading.main_thread())).encode()]
)");
  on_thread([&](RequestThread& thread) {
    for (const char* group : {"", "named"}) {
      EXPECT_EQ(body(thread, request, group), "('_DummyThread', False)");
    }
  });
}

TEST_F(Groups, modules_tell_the_settings) {
  settings.maximum_processes = 3;
  settings.threads = 7;
  const Request request = script(R"(
import apache, mod_wsgi
def application(environ, start_response):
    start_response('200 OK', [])
    return [repr((mod_wsgi.version == environ['mod_wsgi.version'], mod_wsgi.process_group,
        mod_wsgi.application_group, mod_wsgi.maximum_processes, mod_wsgi.threads_per_process,
        mod_wsgi.RequestTimeout.__bases__, apache.version == environ['apache.version'],
        apache.maximum_processes, apache.threads_per_process)).encode()]
)");
  on_thread([&](RequestThread& thread) {
    EXPECT_EQ(body(thread, request, "g"),
              "(True, 'site', 'g', 3, 7, (<class 'BaseException'>,), True, 3, 7)");
  });
}

TEST_F(Groups, threads_run_side_by_side) {
  // Two requests that each wait for the other can only end when both run at once.
  const Request request = script(R"(
import threading
barrier = threading.Barrier(4)
def application(environ, start_response):
    barrier.wait(30)
    start_response('200 OK', [])
    return [b'met']
)");
  Python& interpreter = python();
  std::vector<std::thread> threads;
  std::atomic<int> met = 0;
  for (int id = 1; id <= 4; ++id) {
    threads.emplace_back([&, id] {
      const auto thread = interpreter.attach_thread(id);
      thread->acquire();
      for (int i = 0; i < 3; ++i) met += body(*thread, request, "") == "met" ? 1 : 0;
      thread->release();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(met, 12);
}

TEST_F(Groups, first_use_of_a_group_by_many_threads_makes_one_interpreter) {
  const Request request = script(kCounter);
  Python& interpreter = python();
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::vector<std::string> bodies;
  for (int id = 1; id <= 5; ++id) {
    threads.emplace_back([&, id] {
      const auto thread = interpreter.attach_thread(id);
      thread->acquire();
      std::string got = body(*thread, request, "shared");
      thread->release();
      const std::lock_guard lock(mutex);
      bodies.push_back(std::move(got));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(bodies,
              testing::UnorderedElementsAre("shared|shared|1", "shared|shared|2", "shared|shared|3",
                                            "shared|shared|4", "shared|shared|5"));
}

TEST_F(Groups, a_thread_left_behind_does_not_hinder_the_end) {
  const Request request = script(R"(
import atexit, threading, time
atexit.register(lambda: print('at exit'))
def application(environ, start_response):
    threading.Thread(target=lambda: (time.sleep(0.05), print('joined')), daemon=False).start()
    start_response('200 OK', [])
    return []
)");
  on_thread([&](RequestThread& thread) {
    (void)body(thread, request, "");
    (void)body(thread, request, "named");
  });
  stop();
  const std::string text = log();
  EXPECT_EQ(text.find("wsgi."), std::string::npos) << text;
  for (int i = 0; i < 2; ++i) {  // twice each: once per interpreter, joined before atexit
    EXPECT_NE(text.find("joined"), std::string::npos);
  }
  EXPECT_NE(text.find("at exit"), text.rfind("at exit")) << text;
  EXPECT_LT(text.find("joined"), text.find("at exit")) << text;
}

TEST(GroupsDeathTest, a_daemon_thread_in_a_named_group_does_not_hinder_the_end) {
  // Such an interpreter cannot be ended, so no second one starts in this process: hence a process
  // of its own.
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  class Left : public Groups {
   public:
    void TestBody() override {
      on_thread([&](RequestThread& thread) {
        EXPECT_EQ(body(thread, script(R"(
import atexit, threading, time
atexit.register(lambda: print('at exit'))
def application(environ, start_response):
    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
    start_response('200 OK', [])
    return [b'left']
)"),
                       "named"),
                  "left");
      });
      stop();
      EXPECT_THAT(log(), HasSubstr("at exit"));
    }
  };
  EXPECT_EXIT(
      {
        { Left().TestBody(); }
        std::_Exit(::testing::Test::HasFailure() ? 1 : 0);
      },
      ::testing::ExitedWithCode(0), "");
}

TEST_F(Groups, gil_is_free_says_whether_anybody_computes) {
  Python& interpreter = python();
  EXPECT_TRUE(Python::gil_is_free());
  std::mutex mutex;
  std::condition_variable changed;
  int step = 0;
  const auto reach = [&](int to) {
    const std::lock_guard lock(mutex);
    step = to;
    changed.notify_all();
  };
  const auto wait_for = [&](int at) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return step >= at; });
  };
  std::thread holder([&] {
    const auto thread = interpreter.attach_thread(1);
    thread->acquire();
    reach(1);
    wait_for(2);
    thread->release();
    reach(3);
    wait_for(4);
  });
  wait_for(1);
  EXPECT_FALSE(Python::gil_is_free());
  reach(2);
  wait_for(3);
  EXPECT_TRUE(Python::gil_is_free());
  reach(4);
  holder.join();
}

TEST_F(Groups, gil_is_free_while_an_application_of_a_named_group_sleeps) {
  Python& interpreter = python();
  std::thread sleeper([&] {
    const auto thread = interpreter.attach_thread(1);
    thread->acquire();
    EXPECT_EQ(body(*thread,
                   script("import time\nfrom pathlib import Path\n"
                          "def application(environ, start_response):\n"
                          "    Path(__file__ + '.in').touch()\n"
                          "    while not Path(__file__ + '.out').exists(): time.sleep(0.02)\n"
                          "    start_response('200 OK', [])\n    return [b'woke']\n"),
                   "named"),
              "woke");
    thread->release();
  });
  while (::access(path("app.wsgi.in").c_str(), F_OK) != 0) std::this_thread::yield();
  bool was_free = false;
  while (!was_free)
    was_free = Python::gil_is_free();  // hangs, to the test's timeout, if it never is
  write_file("app.wsgi.out", "");
  sleeper.join();
  EXPECT_TRUE(was_free);
}

}  // namespace
}  // namespace appserver::wsgi::test
