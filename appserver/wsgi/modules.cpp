// SPDX-License-Identifier: Apache-2.0
#include "appserver/wsgi/modules.hpp"

#include "appserver/wsgi/log_stream.hpp"
#include "appserver/wsgi/types.hpp"

namespace appserver::wsgi {
namespace {

PyObject* warn(PyObject*, PyObject* text) noexcept {
  const PyRef bytes = PyRef::steal(PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace"));
  if (!bytes) return nullptr;
  RequestLog& log = thread_log();
  std::string_view rest = bytes_view(bytes.get());
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    log.write(base::observe::LogLevel::warn, rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return none();
}

PyMethodDef kWarn = {"warn", as_method(warn), METH_O, "Logs a text line by line at level warn."};

bool set(PyObject* dict, const char* name, PyRef value) {
  return value && PyDict_SetItemString(dict, name, value.get()) == 0;
}

PyRef number(unsigned long value) {
  return PyRef::steal(PyLong_FromUnsignedLong(value));
}

// A fresh module in sys.modules; gives its dictionary (borrowed), null with an exception set.
PyObject* add_module(const Interpreter& interpreter, const char* name) {
  const PyRef module = PyRef::steal(PyModule_New(name));
  if (!module || PyDict_SetItemString(interpreter.modules(), name, module.get()) != 0)
    return nullptr;
  return PyModule_GetDict(module.get());  // borrowed; sys.modules keeps the module
}

}  // namespace

PyRef make_warn(const Gil&) {
  return PyRef::steal(PyCFunction_New(&kWarn, nullptr));
}

bool add_modules(const Gil& gil, const Interpreter& interpreter) {
  const PythonSettings& settings = interpreter.settings();
  PyObject* const mod_wsgi = add_module(interpreter, "mod_wsgi");
  PyObject* const apache = mod_wsgi == nullptr ? nullptr : add_module(interpreter, "apache");
  if (apache == nullptr) return false;
  // A direct BaseException: `except Exception` in an application must not swallow it.
  PyRef timeout =
      PyRef::steal(PyErr_NewException("mod_wsgi.RequestTimeout", PyExc_BaseException, nullptr));
  return set(mod_wsgi, "version", make_version(gil, kModWsgiVersion)) &&
         set(mod_wsgi, "process_group", make_text(gil, settings.process_group)) &&
         set(mod_wsgi, "application_group", make_text(gil, interpreter.group())) &&
         set(mod_wsgi, "maximum_processes", number(settings.maximum_processes)) &&
         set(mod_wsgi, "threads_per_process", number(settings.threads)) &&
         set(mod_wsgi, "FileWrapper", PyRef::borrow(interpreter.types().file_wrapper.get())) &&
         set(mod_wsgi, "RequestTimeout", std::move(timeout)) &&
         set(apache, "version", make_version(gil, kApacheVersion)) &&
         set(apache, "maximum_processes", number(settings.maximum_processes)) &&
         set(apache, "threads_per_process", number(settings.threads));
}

}  // namespace appserver::wsgi
