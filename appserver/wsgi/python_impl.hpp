// SPDX-License-Identifier: Apache-2.0
// The interpreters of the process, behind python.hpp.
#pragma once

#include "appserver/wsgi/gil.hpp"
#include "appserver/wsgi/interpreter.hpp"
#include "appserver/wsgi/python.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace appserver::wsgi {

struct Python::Impl {
  explicit Impl(PythonSettings given) : settings(std::move(given)) {}

  /// The interpreter of an application group, made when it is first asked for. Errors are logged;
  /// null then.
  Interpreter* find_interpreter(const Gil& gil, std::string_view group, RequestLog& log);
  /// Loads the scripts of `settings.preloads`, on the main thread.
  void preload(const Gil& gil);
  /// Ends all sub-interpreters; false when one has to stay because threads still run in it.
  bool end_interpreters(const Gil& gil);

  PythonSettings settings;
  PyThreadState* main_state = nullptr;
  std::unique_ptr<Interpreter> main;
  std::map<std::string, std::unique_ptr<Interpreter>, std::less<>> groups;  // guarded by the GIL
  std::mutex load_lock;  // one script or interpreter is made at a time (wsgi-hosting 6.1)

 private:
  base::Result<Interpreter*> make_interpreter(const Gil& gil, std::string_view group);
};

}  // namespace appserver::wsgi
