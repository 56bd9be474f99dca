// SPDX-License-Identifier: Apache-2.0
#include "appserver/wsgi/loader.hpp"

#include "base/fd.hpp"
#include "base/observe/log.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace appserver::wsgi {
namespace {

// How long a file that was looked at counts as fresh: no stat per request.
constexpr std::int64_t kLookEveryUs = 1'000'000;

std::int64_t mtime_us(const struct stat& status) noexcept {
  return std::int64_t{status.st_mtim.tv_sec} * 1'000'000 + status.st_mtim.tv_nsec / 1000;
}

struct Source {
  std::string text;
  std::int64_t mtime_us = 0;
};

base::Result<Source> read_source(const std::string& path) {
  const base::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return base::fail(base::system_error(path, errno));
  struct stat status {};
  if (fstat(fd.get(), &status) != 0) return base::fail(base::system_error(path, errno));
  Source source{{}, mtime_us(status)};
  char block[16 * 1024];
  for (;;) {
    const ssize_t n = ::read(fd.get(), block, sizeof block);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return base::fail(base::system_error(path, errno));
    if (n == 0) return source;
    source.text.append(block, static_cast<std::size_t>(n));
  }
}

// builtins.compile: knows of encoding lines and refuses NUL bytes.
PyRef compile(const Gil& gil, const Script& script, const std::string& text) {
  const PyRef path = make_path(gil, script.path);
  const PyRef bytes =
      PyRef::steal(PyBytes_FromStringAndSize(text.data(), static_cast<Py_ssize_t>(text.size())));
  PyObject* const function = PyDict_GetItemString(PyEval_GetBuiltins(), "compile");  // borrowed
  if (!path || !bytes || function == nullptr) return {};
  return PyRef::steal(
      PyObject_CallFunction(function, "OOsiO", bytes.get(), path.get(), "exec", 0, Py_True));
}

void forget(Script& script) {
  script.dict.reset();
  script.mtime.reset();
  script.module.reset();
}

bool execute(const Gil& gil, const Interpreter& interpreter, Script& script, const Source& source) {
  const PyRef code = compile(gil, script, source.text);
  const PyRef path = make_path(gil, script.path);
  if (!code || !path) return false;
  // Sets __file__ and __spec__, and takes the module out of sys.modules when it raises.
  PyRef module = PyRef::steal(
      PyImport_ExecCodeModuleObject(script.name.get(), code.get(), path.get(), nullptr));
  PyRef mtime = PyRef::steal(PyLong_FromLongLong(source.mtime_us));
  if (!module || !mtime) return false;
  PyRef dict = PyRef::borrow(PyModule_GetDict(module.get()));
  if (PyDict_SetItem(dict.get(), interpreter.names().mtime.get(), mtime.get()) != 0) return false;
  script.module = std::move(module);
  script.dict = std::move(dict);
  script.mtime = std::move(mtime);
  script.mtime_us = source.mtime_us;
  script.next_look_us = 0;  // the first request after a load looks
  script.stale = false;
  return true;
}

Loaded load(const Gil& gil, const Interpreter& interpreter, Script& script, RequestLog& log) {
  const base::Result<Source> source = read_source(script.path);
  if (!source) {
    log.write(base::observe::LogLevel::error, EventText("wsgi.load_failed")
                                                  .add("script", script.path)
                                                  .add("group", interpreter.group())
                                                  .add("error", source.error().detail)
                                                  .text());
    return Loaded::failed;
  }
  if (execute(gil, interpreter, script, *source)) return Loaded::ready;
  log_exception(gil, interpreter, log, "wsgi.load_failed", script.path);
  return Loaded::failed;
}

// True when the module in sys.modules is the one that was loaded: the application may drop it to
// have it loaded anew.
bool is_loaded(const Interpreter& interpreter, const Script& script) {
  return script.module &&
         PyDict_GetItemWithError(interpreter.modules(), script.name.get()) == script.module.get();
}

// The application may change __mtime__ to force a reload.
bool mtime_kept(const Interpreter& interpreter, const Script& script) {
  PyObject* const value =
      PyDict_GetItemWithError(script.dict.get(), interpreter.names().mtime.get());  // borrowed
  if (value == script.mtime.get()) return true;
  if (value == nullptr || !PyLong_Check(value)) return false;
  int overflow = 0;
  return PyLong_AsLongLongAndOverflow(value, &overflow) == script.mtime_us && overflow == 0;
}

bool is_fresh(const Interpreter& interpreter, Script& script, OnChange on_change,
              std::int64_t now_us) {
  if (on_change == OnChange::ignore) return true;
  if (script.stale || !mtime_kept(interpreter, script)) return false;
  if (now_us < script.next_look_us && script.next_look_us <= now_us + kLookEveryUs) return true;
  script.next_look_us = now_us + kLookEveryUs;
  struct stat status {};
  script.stale = ::stat(script.path.c_str(), &status) != 0 || mtime_us(status) != script.mtime_us;
  return !script.stale;
}

}  // namespace

Script* find_script(const Gil& gil, Interpreter& interpreter, std::string_view path) {
  auto& scripts = interpreter.scripts();
  if (const auto found = scripts.find(std::string(path)); found != scripts.end()) {
    return found->second.get();
  }
  auto script = std::make_unique<Script>();
  script->path = path;
  const PyRef text = make_path(gil, path);
  const PyRef args = text ? PyRef::steal(PyTuple_Pack(1, text.get())) : PyRef();
  PyObject* name = args ? interpreter.call(gil, "module_name", args.get()).release() : nullptr;
  if (name == nullptr) return nullptr;
  PyUnicode_InternInPlace(&name);
  script->name = PyRef::steal(name);
  // Looked up anew: the call above may have let another thread in.
  return scripts.try_emplace(script->path, std::move(script)).first->second.get();
}

Loaded ensure_loaded(const Gil& gil, Interpreter& interpreter, Script& script, OnChange on_change,
                     std::mutex& lock, std::int64_t now_us, RequestLog& log) {
  if (is_loaded(interpreter, script) && is_fresh(interpreter, script, on_change, now_us)) {
    return Loaded::ready;
  }
  const LockBesideGil one_load_at_a_time(gil, lock);
  if (is_loaded(interpreter, script)) {  // perhaps by the thread that had the lock before
    if (is_fresh(interpreter, script, on_change, now_us)) return Loaded::ready;
    if (on_change == OnChange::tell) return Loaded::changed;
    if (PyDict_DelItem(interpreter.modules(), script.name.get()) != 0) PyErr_Clear();
  }
  forget(script);
  return load(gil, interpreter, script, log);
}

}  // namespace appserver::wsgi
