// SPDX-License-Identifier: Apache-2.0
// One Python interpreter of the process (an application group) with what is made once in it: types,
// modules, interned keys, loaded scripts, base environs. Everything here is guarded by the GIL.
// Sources: wsgi-hosting 3.3, 6.5, 6.9.
#pragma once

#include "appserver/daemon/request_message.hpp"
#include "appserver/wsgi/gil.hpp"
#include "appserver/wsgi/py_ref.hpp"
#include "appserver/wsgi/python.hpp"
#include "appserver/wsgi/request_log.hpp"
#include "base/result.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace appserver::wsgi {

struct AppEntry;
struct Script;

/// (major, minor, micro) of the mod_wsgi and httpd whose behaviour is offered.
inline constexpr int kModWsgiVersion[] = {5, 0, 2};
inline constexpr int kApacheVersion[] = {2, 4, 62};

/// Names the interpreter itself uses, interned once.
struct Names {
  PyRef application_start, daemon_start, input, errors, file, mtime, queue_start, request_start,
      thread_id, url_scheme;
};

struct Types {
  PyRef file_wrapper, input, log_stream, start_response, write;
};

class Interpreter {
 public:
  /// Fills the interpreter whose thread state is current. `state` stays its own for life (a
  /// sub-interpreter is ended with it); request threads bring theirs.
  static base::Result<std::unique_ptr<Interpreter>> set_up(const Gil& gil, PyThreadState* state,
                                                           std::string group,
                                                           const PythonSettings& settings);
  /// To be called in this interpreter before it ends: gives back all objects.
  void clear(const Gil& gil);
  ~Interpreter();
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;

  [[nodiscard]] const std::string& group() const noexcept { return group_; }
  [[nodiscard]] bool is_main() const noexcept { return group_.empty(); }
  [[nodiscard]] PyThreadState* state() const noexcept { return state_; }
  [[nodiscard]] const Names& names() const noexcept { return names_; }
  [[nodiscard]] const Types& types() const noexcept { return types_; }
  [[nodiscard]] PyObject* key(daemon::Key key) const noexcept {
    return keys_[static_cast<std::size_t>(key)].get();
  }
  /// sys.modules.
  [[nodiscard]] PyObject* modules() const noexcept { return modules_.get(); }
  [[nodiscard]] const PythonSettings& settings() const noexcept { return settings_; }

  /// The str of a header or variable value (latin-1). Recurring values are made once.
  PyRef value(const Gil& gil, daemon::Key key, std::string_view bytes);
  /// Calls a function of the prelude; null with an exception set when that fails.
  PyRef call(const Gil& gil, const char* function, PyObject* args_tuple) const;

  std::unordered_map<std::string, std::unique_ptr<Script>>& scripts() noexcept { return scripts_; }
  std::unordered_map<std::uint64_t, std::unique_ptr<AppEntry>>& entries() noexcept {
    return entries_;
  }

 private:
  Interpreter(PyThreadState* state, std::string group, const PythonSettings& settings);
  bool make_names(const Gil& gil);
  bool make_types(const Gil& gil);
  bool make_modules(const Gil& gil);
  bool replace_streams(const Gil& gil);
  bool run_prelude(const Gil& gil);

  PyThreadState* state_;
  std::string group_;
  const PythonSettings& settings_;
  Names names_;
  Types types_;
  std::array<PyRef, static_cast<std::size_t>(daemon::Key::count_)> keys_;
  std::array<PyRef, static_cast<std::size_t>(daemon::Key::count_)> last_values_;
  PyRef modules_;
  PyRef prelude_;  // the globals of prelude.hpp
  std::unordered_map<std::string, std::unique_ptr<Script>> scripts_;
  std::unordered_map<std::uint64_t, std::unique_ptr<AppEntry>> entries_;
};

/// Takes the current exception; a null PyRef when there is none.
PyRef take_exception(const Gil& gil) noexcept;
/// Takes the current exception and logs it: `event type=... script=... group=...`, then the
/// traceback line by line.
void log_exception(const Gil& gil, const Interpreter& interpreter, RequestLog& log,
                   std::string_view event, std::string_view script);
/// Takes the current exception and gives it as an error in Python's words.
base::Error exception_as_error(const Gil& gil);
/// A tuple of three ints.
PyRef make_version(const Gil& gil, const int (&version)[3]);
/// The str of bytes in the file system's encoding.
PyRef make_path(const Gil& gil, std::string_view bytes);
/// The str of latin-1 bytes.
PyRef make_text(const Gil& gil, std::string_view bytes);

}  // namespace appserver::wsgi
