// SPDX-License-Identifier: Apache-2.0
#include "appserver/wsgi/python.hpp"

#include "appserver/wsgi/environ.hpp"
#include "appserver/wsgi/gil_probe.h"
#include "appserver/wsgi/loader.hpp"
#include "appserver/wsgi/log_stream.hpp"
#include "appserver/wsgi/python_impl.hpp"
#include "appserver/wsgi/startup.hpp"
#include "base/scope_exit.hpp"

#include <chrono>
#include <csignal>
#include <thread>
#include <utility>

namespace appserver::wsgi {
namespace {

// A joined thread may be on its last steps still: it needs the GIL for them, and a moment.
constexpr int kLastStepsMs = 200;

bool only_thread(const Gil& gil, PyThreadState* state) {
  for (int i = 0; i <= kLastStepsMs; ++i) {
    if (PyInterpreterState_ThreadHead(PyThreadState_GetInterpreter(state)) == state &&
        PyThreadState_Next(state) == nullptr) {
      return true;
    }
    const GilRelease unlocked(gil);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

void run_exit_functions(const Gil& gil, const Interpreter& interpreter) {
  const PyRef done = interpreter.call(gil, "run_exit_functions", nullptr);
  if (!done) log_exception(gil, interpreter, thread_log(), "python.exit_failed", "");
}

}  // namespace

Interpreter* Python::Impl::find_interpreter(const Gil& gil, std::string_view group,
                                            RequestLog& log) {
  if (group.empty()) return main.get();
  if (const auto found = groups.find(group); found != groups.end()) return found->second.get();
  const LockBesideGil one_at_a_time(gil, load_lock);
  if (const auto found = groups.find(group); found != groups.end()) return found->second.get();
  const base::Result<Interpreter*> made = make_interpreter(gil, group);
  if (made) return *made;
  log.write(base::observe::LogLevel::error, EventText("python.interpreter_failed")
                                                .add("group", group)
                                                .add("error", made.error().detail)
                                                .text());
  return nullptr;
}

base::Result<Interpreter*> Python::Impl::make_interpreter(const Gil& gil, std::string_view group) {
  if (groups.size() >= settings.maximum_interpreters) {
    return base::fail(
        base::ErrorCode::exhausted,
        "this process has " + std::to_string(groups.size()) + " sub-interpreters already");
  }
  PyThreadState* const before = PyThreadState_Get();
  GH_TRY(PyThreadState* const state, new_interpreter());
  auto made = Interpreter::set_up(gil, state, std::string(group), settings);
  if (!made) {
    end_interpreter(state, before);
    return base::fail(std::move(made.error()));
  }
  (void)PyThreadState_Swap(before);
  return groups.emplace(group, std::move(*made)).first->second.get();
}

void Python::Impl::preload(const Gil& gil) {
  for (const Preload& preload : settings.preloads) {
    Interpreter* const interpreter = find_interpreter(gil, preload.application_group, thread_log());
    if (interpreter == nullptr) continue;
    (void)PyThreadState_Swap(interpreter->state());
    if (Script* const script = find_script(gil, *interpreter, preload.script)) {
      (void)ensure_loaded(gil, *interpreter, *script, OnChange::ignore, load_lock, 0,
                          thread_log());  // failures are logged; the first request tries again
    } else {
      log_exception(gil, *interpreter, thread_log(), "wsgi.load_failed", preload.script);
    }
    (void)PyThreadState_Swap(main_state);
  }
}

bool Python::Impl::end_interpreters(const Gil& gil) {
  bool all = true;
  for (auto& [group, interpreter] : groups) {
    (void)PyThreadState_Swap(interpreter->state());
    run_exit_functions(gil, *interpreter);
    if (only_thread(gil, interpreter->state())) {
      interpreter->clear(gil);
      end_interpreter(interpreter->state(), main_state);
    } else {
      // Threads of the application that nobody may wait for: CPython would end the process for it.
      all = false;
      (void)PyThreadState_Swap(main_state);
    }
  }
  return all;
}

Python::Python() = default;

base::Result<std::unique_ptr<Python>> Python::start(PythonSettings settings) {
  if (!settings.log)
    settings.log = base::observe::ErrorLog::to_stderr(base::observe::LogLevel::warn);
  set_server_log(settings.log);
  // Importing `signal` takes SIGINT for Python where it has its default; signals belong to the
  // server (6.3).
  struct sigaction interrupt {};
  (void)sigaction(SIGINT, nullptr, &interrupt);  // cannot fail for this signal
  const base::ScopeExit give_back([&interrupt] { (void)sigaction(SIGINT, &interrupt, nullptr); });
  GH_CHECK(start_interpreter(settings));
  std::unique_ptr<Python> python(new Python);
  python->impl_ = std::make_unique<Impl>(std::move(settings));
  Impl& impl = *python->impl_;
  impl.main_state = PyThreadState_Get();
  {
    const Gil gil(Gil::AlreadyHeld{});
    auto main = Interpreter::set_up(gil, impl.main_state, "", impl.settings);
    if (!main) return base::fail(std::move(main.error()));
    impl.main = std::move(*main);
    impl.preload(gil);
    thread_log().flush();
  }
  (void)PyEval_SaveThread();  // main_state
  return python;
}

Python::~Python() {
  if (!impl_ || !impl_->main) return;  // the start failed: the process ends anyway
  PyEval_RestoreThread(impl_->main_state);
  const Gil gil(Gil::AlreadyHeld{});
  const bool alone = impl_->end_interpreters(gil);
  if (alone) {
    impl_->main->clear(gil);
    (void)Py_FinalizeEx();  // joins threads, runs atexit; what fails there was printed
    thread_log().flush();
    return;
  }
  run_exit_functions(gil, *impl_->main);
  thread_log().flush();
  (void)impl_
      .release();  // leaked on purpose: the threads that are left use it until the process ends
}

bool Python::gil_is_free() noexcept {
  return gh_gil_is_free() != 0;
}

}  // namespace appserver::wsgi
