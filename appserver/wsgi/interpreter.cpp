// SPDX-License-Identifier: Apache-2.0
#include "appserver/wsgi/interpreter.hpp"

#include "appserver/wsgi/environ.hpp"
#include "appserver/wsgi/file_wrapper.hpp"
#include "appserver/wsgi/input.hpp"
#include "appserver/wsgi/loader.hpp"
#include "appserver/wsgi/log_stream.hpp"
#include "appserver/wsgi/modules.hpp"
#include "appserver/wsgi/prelude.hpp"
#include "appserver/wsgi/start_response.hpp"

#include <utility>

namespace appserver::wsgi {
namespace {

using daemon::Key;

// Values longer than this rarely recur.
constexpr std::size_t kCachedValueBytes = 256;

bool keeps_value(Key key, std::string_view bytes) {
  // Secrets do not stay in memory longer than their request.
  return bytes.size() <= kCachedValueBytes && key != Key::http_authorization &&
         key != Key::http_cookie && key != Key::custom;
}

bool intern(PyRef& out, const char* text) {
  out = PyRef::steal(PyUnicode_InternFromString(text));
  return static_cast<bool>(out);
}

// The elements of a colon-separated path as a list.
PyRef split_paths(const Gil& gil, std::string_view paths) {
  PyRef list = PyRef::steal(PyList_New(0));
  while (list && !paths.empty()) {
    const std::size_t end = paths.find(':');
    const std::string_view one = paths.substr(0, end);
    paths.remove_prefix(end == std::string_view::npos ? paths.size() : end + 1);
    if (one.empty()) continue;
    const PyRef path = make_path(gil, one);
    if (!path || PyList_Append(list.get(), path.get()) != 0) return {};
  }
  return list;
}

}  // namespace

Interpreter::Interpreter(PyThreadState* state, std::string group, const PythonSettings& settings)
    : state_(state), group_(std::move(group)), settings_(settings) {}

Interpreter::~Interpreter() = default;

base::Result<std::unique_ptr<Interpreter>> Interpreter::set_up(const Gil& gil, PyThreadState* state,
                                                               std::string group,
                                                               const PythonSettings& settings) {
  std::unique_ptr<Interpreter> made(new Interpreter(state, std::move(group), settings));
  if (made->make_names(gil) && made->make_types(gil) && made->make_modules(gil) &&
      made->replace_streams(gil) && made->run_prelude(gil)) {
    return made;
  }
  base::Error error = exception_as_error(gil);
  made->clear(gil);
  return base::fail(std::move(error));
}

void Interpreter::clear(const Gil&) {
  entries_.clear();
  scripts_.clear();
  for (PyRef& ref : keys_) ref.reset();
  for (PyRef& ref : last_values_) ref.reset();
  names_ = {};
  types_ = {};
  modules_.reset();
  prelude_.reset();
}

bool Interpreter::make_names(const Gil&) {
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const std::string_view text = daemon::key_text(static_cast<Key>(i));
    if (!text.empty() && !intern(keys_[i], text.data())) return false;  // literals: end in NUL
  }
  return intern(names_.application_start, "mod_wsgi.application_start") &&
         intern(names_.daemon_start, "mod_wsgi.daemon_start") &&
         intern(names_.input, "wsgi.input") && intern(names_.errors, "wsgi.errors") &&
         intern(names_.file, "__file__") && intern(names_.mtime, "__mtime__") &&
         intern(names_.queue_start, "mod_wsgi.queue_start") &&
         intern(names_.request_start, "mod_wsgi.request_start") &&
         intern(names_.thread_id, "mod_wsgi.thread_id") &&
         intern(names_.url_scheme, "wsgi.url_scheme");
}

bool Interpreter::make_types(const Gil& gil) {
  types_.file_wrapper = make_file_wrapper_type(gil);
  if (types_.file_wrapper) types_.input = make_input_type(gil);
  if (types_.input) types_.log_stream = make_log_stream_type(gil);
  if (types_.log_stream) types_.start_response = make_start_response_type(gil);
  if (types_.start_response) types_.write = make_write_type(gil);
  return static_cast<bool>(types_.write);
}

bool Interpreter::make_modules(const Gil& gil) {
  modules_ = PyRef::borrow(PyImport_GetModuleDict());
  return modules_ && add_modules(gil, *this);
}

bool Interpreter::replace_streams(const Gil& gil) {
  const PyRef out = make_thread_stream(gil, types_.log_stream.get(), RequestLog::Stream::out);
  if (!out || PySys_SetObject("stdout", out.get()) != 0) return false;
  const PyRef err = make_thread_stream(gil, types_.log_stream.get(), RequestLog::Stream::err);
  return err && PySys_SetObject("stderr", err.get()) == 0;
}

bool Interpreter::run_prelude(const Gil& gil) {
  prelude_ = PyRef::steal(PyDict_New());
  const PyRef warn = make_warn(gil);
  if (!prelude_ || !warn || PyDict_SetItemString(prelude_.get(), "warn", warn.get()) != 0 ||
      PyDict_SetItemString(prelude_.get(), "__builtins__", PyEval_GetBuiltins()) != 0) {
    return false;
  }
  const PyRef code = PyRef::steal(Py_CompileString(kPrelude, "<gatehouse>", Py_file_input));
  if (!code) return false;
  const PyRef ran = PyRef::steal(PyEval_EvalCode(code.get(), prelude_.get(), prelude_.get()));
  if (!ran) return false;
  const PyRef home = make_path(gil, settings_.home);
  const PyRef directories = split_paths(gil, settings_.python_path);
  if (!home || !directories) return false;
  const PyRef args =
      PyRef::steal(PyTuple_Pack(3, home.get(), directories.get(), is_main() ? Py_True : Py_False));
  return args && call(gil, "set_up", args.get());
}

PyRef Interpreter::call(const Gil&, const char* function, PyObject* args_tuple) const {
  PyObject* const callable = PyDict_GetItemString(prelude_.get(), function);  // borrowed
  if (callable == nullptr) {
    PyErr_Format(PyExc_RuntimeError, "no function %s", function);
    return {};
  }
  return PyRef::steal(PyObject_CallObject(callable, args_tuple));
}

PyRef Interpreter::value(const Gil&, Key key, std::string_view bytes) {
  PyRef& last = last_values_[static_cast<std::size_t>(key)];
  if (last &&
      bytes == std::string_view(reinterpret_cast<const char*>(PyUnicode_1BYTE_DATA(last.get())),
                                static_cast<std::size_t>(PyUnicode_GET_LENGTH(last.get())))) {
    return PyRef::borrow(last.get());
  }
  PyRef made = PyRef::steal(
      PyUnicode_DecodeLatin1(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), nullptr));
  if (made && keeps_value(key, bytes)) last = PyRef::borrow(made.get());
  return made;
}

PyRef take_exception(const Gil&) noexcept {
#if PY_VERSION_HEX >= 0x030C0000
  return PyRef::steal(PyErr_GetRaisedException());
#else
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);
  if (type == nullptr) return {};
  PyErr_NormalizeException(&type, &value, &traceback);
  if (traceback != nullptr) (void)PyException_SetTraceback(value, traceback);
  Py_DECREF(type);
  Py_XDECREF(traceback);
  return PyRef::steal(value);
#endif
}

void log_exception(const Gil& gil, const Interpreter& interpreter, RequestLog& log,
                   std::string_view event, std::string_view script) {
  using base::observe::LogLevel;
  const PyRef exception = take_exception(gil);
  if (!exception) return;
  log.write(LogLevel::error, EventText(event)
                                 .add("type", Py_TYPE(exception.get())->tp_name)
                                 .add("script", script)
                                 .add("group", interpreter.group())
                                 .text());
  const PyRef args = PyRef::steal(PyTuple_Pack(1, exception.get()));
  const PyRef lines = args ? interpreter.call(gil, "format_exception", args.get()) : PyRef();
  if (!lines) {  // an exception that cannot even be shown
    PyErr_Clear();
    return;
  }
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(lines.get()); ++i) {
    const PyRef line = PyRef::steal(
        PyUnicode_AsEncodedString(PyList_GET_ITEM(lines.get(), i), "utf-8", "backslashreplace"));
    if (!line) {
      PyErr_Clear();
      continue;
    }
    log.write(LogLevel::error, {PyBytes_AS_STRING(line.get()),
                                static_cast<std::size_t>(PyBytes_GET_SIZE(line.get()))});
  }
}

base::Error exception_as_error(const Gil& gil) {
  const PyRef exception = take_exception(gil);
  if (!exception) return {base::ErrorCode::system, "no exception set"};
  std::string detail = Py_TYPE(exception.get())->tp_name;
  const PyRef text = PyRef::steal(PyObject_Str(exception.get()));
  const char* const utf8 = text ? PyUnicode_AsUTF8(text.get()) : nullptr;
  if (utf8 != nullptr) detail.append(": ").append(utf8);
  PyErr_Clear();
  return {base::ErrorCode::system, std::move(detail)};
}

PyRef make_version(const Gil&, const int (&version)[3]) {
  return PyRef::steal(Py_BuildValue("(iii)", version[0], version[1], version[2]));
}

PyRef make_path(const Gil&, std::string_view bytes) {
  return PyRef::steal(
      PyUnicode_DecodeFSDefaultAndSize(bytes.data(), static_cast<Py_ssize_t>(bytes.size())));
}

PyRef make_text(const Gil&, std::string_view bytes) {
  return PyRef::steal(
      PyUnicode_DecodeLatin1(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), nullptr));
}

}  // namespace appserver::wsgi
