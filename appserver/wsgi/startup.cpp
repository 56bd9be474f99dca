// SPDX-License-Identifier: Apache-2.0
#include "appserver/wsgi/startup.hpp"

#include "base/observe/log.hpp"
#include "base/scope_exit.hpp"

#include <unistd.h>

namespace appserver::wsgi {
namespace {

// Where the embedded library's own Python lives; without it the first python3 on PATH would be
// asked for the library.
constexpr const char* kProgram = GH_PYTHON_PROGRAM;

base::Error as_error(const PyStatus& status) {
  std::string detail = "Python: ";
  if (status.func != nullptr) detail.append(status.func).append(": ");
  detail +=
      status.err_msg != nullptr ? status.err_msg : "exit status " + std::to_string(status.exitcode);
  return {base::ErrorCode::system, std::move(detail)};
}

base::Result<> checked(const PyStatus& status) {
  if (PyStatus_Exception(status) != 0) return base::fail(as_error(status));
  return {};
}

bool is_virtual_environment(const std::string& home) {
  return ::access((home + "/pyvenv.cfg").c_str(), R_OK) == 0;
}

base::Result<> set_program(PyConfig& config, const std::string& program) {
  GH_CHECK(checked(PyConfig_SetBytesString(&config, &config.program_name, program.c_str())));
  return checked(PyConfig_SetBytesString(&config, &config.executable, program.c_str()));
}

// A virtual environment is found by the program's name, as if its python had been started; a prefix
// is Python's home.
base::Result<> set_home(PyConfig& config, const PythonSettings& settings) {
  const std::string& home = settings.python_home;
  if (home.empty()) return set_program(config, kProgram);
  if (::access(home.c_str(), X_OK) != 0) {
    base::observe::LogLine(*settings.log, base::observe::LogLevel::warn, "python.home_unusable")
        .add("python_home", home);
  }
  if (is_virtual_environment(home)) return set_program(config, home + "/bin/python");
  GH_CHECK(set_program(config, kProgram));
  return checked(PyConfig_SetBytesString(&config, &config.home, home.c_str()));
}

}  // namespace

base::Result<> start_interpreter(const PythonSettings& settings) {
  PyConfig config;
  PyConfig_InitPythonConfig(&config);
  const base::ScopeExit clear([&config] { PyConfig_Clear(&config); });
  config.parse_argv = 0;
  config.install_signal_handlers = 0;  // signals belong to the server
  GH_CHECK(set_home(config, settings));
  GH_CHECK(checked(PyWideStringList_Append(&config.argv, L"mod_wsgi")));
  return checked(Py_InitializeFromConfig(&config));
}

#if PY_VERSION_HEX >= 0x030C0000

base::Result<PyThreadState*> new_interpreter() {
  PyInterpreterConfig config{};
  config.use_main_obmalloc = 1;
  config.allow_fork = 1;
  config.allow_exec = 1;
  config.allow_threads = 1;
  config.allow_daemon_threads = 1;
  config.check_multi_interp_extensions = 0;
  config.gil = PyInterpreterConfig_SHARED_GIL;
  PyThreadState* state = nullptr;
  GH_CHECK(checked(Py_NewInterpreterFromConfig(&state, &config)));
  return state;
}

void end_interpreter(PyThreadState* state, PyThreadState* next) {
  Py_EndInterpreter(state);  // lets go of the GIL
  PyEval_RestoreThread(next);
}

#else

base::Result<PyThreadState*> new_interpreter() {
  PyThreadState* const state = Py_NewInterpreter();
  if (state == nullptr) {
    return base::fail(base::ErrorCode::exhausted, "Python: no new interpreter could be made");
  }
  return state;
}

void end_interpreter(PyThreadState* state, PyThreadState* next) {
  Py_EndInterpreter(state);  // keeps the GIL
  (void)PyThreadState_Swap(next);
}

#endif

}  // namespace appserver::wsgi
