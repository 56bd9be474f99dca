// SPDX-License-Identifier: Apache-2.0
#include "appserver/wsgi/environ.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace appserver::wsgi {
namespace {

using daemon::Key;
using daemon::Variable;
using daemon::VariableReader;

// Names the server sets itself; a variable of the configuration does not replace them
// (wsgi-hosting 4.6).
constexpr std::string_view kReserved[] = {"apache.version",
                                          "mod_wsgi.application_group",
                                          "mod_wsgi.application_start",
                                          "mod_wsgi.callable_object",
                                          "mod_wsgi.daemon_start",
                                          "mod_wsgi.handler_script",
                                          "mod_wsgi.process_group",
                                          "mod_wsgi.queue_start",
                                          "mod_wsgi.request_handler",
                                          "mod_wsgi.request_start",
                                          "mod_wsgi.thread_id",
                                          "mod_wsgi.version",
                                          "wsgi.errors",
                                          "wsgi.file_wrapper",
                                          "wsgi.input",
                                          "wsgi.input_terminated",
                                          "wsgi.multiprocess",
                                          "wsgi.multithread",
                                          "wsgi.run_once",
                                          "wsgi.url_scheme",
                                          "wsgi.version"};

bool hidden(std::string_view name) noexcept {
  if (!name.starts_with("wsgi.") && !name.starts_with("mod_wsgi.") && name != "apache.version") {
    return false;
  }
  return name.starts_with("mod_wsgi.x-") ||
         std::find(std::begin(kReserved), std::end(kReserved), name) != std::end(kReserved);
}

// `on` in any case, or `1` (wsgi-hosting 4.6).
bool means_https(std::string_view value) noexcept {
  return value == "1" ||
         (value.size() == 2 && (value[0] | 0x20) == 'o' && (value[1] | 0x20) == 'n');
}

bool is_path(Key key) noexcept {
  return key == Key::document_root || key == Key::script_filename;
}

// Adds every variable of a block; HTTPS becomes `https` only (its key is never visible).
bool add_variables(const Gil& gil, Interpreter& interpreter, PyObject* environ,
                   std::string_view block, bool& https) {
  VariableReader reader(block);
  Variable v;
  while (reader.next(v)) {
    if (v.key == Key::https) {
      https = means_https(v.value);
      continue;
    }
    if (v.key == Key::custom) {
      if (hidden(v.name)) continue;
      const PyRef name = make_text(gil, v.name);
      const PyRef value = make_text(gil, v.value);
      if (!name || !value || PyDict_SetItem(environ, name.get(), value.get()) != 0) return false;
      continue;
    }
    PyObject* const name = interpreter.key(v.key);
    if (name == nullptr) continue;  // a control entry
    const PyRef value =
        is_path(v.key) ? make_path(gil, v.value) : interpreter.value(gil, v.key, v.value);
    if (!value || PyDict_SetItem(environ, name, value.get()) != 0) return false;
  }
  return true;
}

struct Control {
  std::string_view callable_object = "application";
  std::string_view script_file, request_handler = "wsgi-script", handler_script;
};

Control read_control(std::string_view site) {
  Control control;
  VariableReader reader(site);
  Variable v;
  while (reader.next(v)) {
    if (v.key == Key::callable_object) control.callable_object = v.value;
    if (v.key == Key::script_file) control.script_file = v.value;
    if (v.key == Key::request_handler) control.request_handler = v.value;
    if (v.key == Key::handler_script) control.handler_script = v.value;
  }
  return control;
}

bool set(PyObject* environ, const char* name, PyRef value) {
  const PyRef key = PyRef::steal(PyUnicode_InternFromString(name));
  return key && value && PyDict_SetItem(environ, key.get(), value.get()) == 0;
}

PyRef flag(bool value) {
  return PyRef::borrow(value ? Py_True : Py_False);
}

PyRef scheme(bool https) {
  return PyRef::steal(PyUnicode_InternFromString(https ? "https" : "http"));
}

bool add_constants(const Gil& gil, const Interpreter& interpreter, const Control& control,
                   bool https, PyObject* environ) {
  const PythonSettings& settings = interpreter.settings();
  return set(environ, "wsgi.version", PyRef::steal(Py_BuildValue("(ii)", 1, 0))) &&
         set(environ, "wsgi.url_scheme", scheme(https)) &&
         set(environ, "wsgi.multithread", flag(settings.multithread)) &&
         set(environ, "wsgi.multiprocess", flag(settings.multiprocess)) &&
         set(environ, "wsgi.run_once", flag(settings.run_once)) &&
         set(environ, "wsgi.input_terminated", flag(true)) &&
         set(environ, "wsgi.file_wrapper", PyRef::borrow(interpreter.types().file_wrapper.get())) &&
         set(environ, "apache.version", make_version(gil, kApacheVersion)) &&
         set(environ, "mod_wsgi.version", make_version(gil, kModWsgiVersion)) &&
         set(environ, "mod_wsgi.process_group", make_text(gil, settings.process_group)) &&
         set(environ, "mod_wsgi.application_group", make_text(gil, interpreter.group())) &&
         set(environ, "mod_wsgi.callable_object", make_text(gil, control.callable_object)) &&
         set(environ, "mod_wsgi.request_handler", make_text(gil, control.request_handler)) &&
         set(environ, "mod_wsgi.handler_script", make_text(gil, control.handler_script));
}

Py_ssize_t bytes_of(PyObject* dict) {
  const PyRef size = PyRef::steal(PyObject_CallMethod(dict, "__sizeof__", nullptr));
  return size ? PyLong_AsSsize_t(size.get()) : -1;
}

bool add_filler(PyObject* dict, std::vector<PyRef>& fillers) {
  fillers.push_back(PyRef::steal(PyUnicode_FromFormat("gatehouse.filler.%zu", fillers.size())));
  return fillers.back() && PyDict_SetItem(dict, fillers.back().get(), Py_None) == 0;
}

bool remove(PyObject* dict, std::vector<PyRef>& fillers) {
  for (const PyRef& filler : fillers) {
    if (PyDict_DelItem(dict, filler.get()) != 0) return false;
  }
  fillers.clear();
  return true;
}

// A dict grows when its table is full, to a table for three times what it holds; a copy gets a
// table like its original's. So the table is filled with entries that go again, then made to grow
// by one more: copies have room for the request's own variables. Should CPython grow differently
// one day, copies grow later: nothing breaks.
bool make_roomy(PyObject* dict) {
  std::vector<PyRef> fillers;
  const PyRef probe = PyRef::steal(PyDict_Copy(dict));
  if (!probe) return false;
  const Py_ssize_t bytes = bytes_of(probe.get());
  while (bytes_of(probe.get()) == bytes) {
    if (!add_filler(probe.get(), fillers)) return false;
  }
  const std::size_t fit = fillers.size() - 1;
  fillers.clear();
  while (fillers.size() < fit) {
    if (!add_filler(dict, fillers)) return false;
  }
  return remove(dict, fillers) && add_filler(dict, fillers) && remove(dict, fillers);
}

bool set_time(PyObject* environ, const PyRef& name, std::int64_t us) {
  const PyRef value = PyRef::steal(PyFloat_FromDouble(static_cast<double>(us) / 1e6));
  return value && PyDict_SetItem(environ, name.get(), value.get()) == 0;
}

bool add_times(const Interpreter& interpreter, const daemon::RequestMessage& message,
               std::int64_t start_us, PyObject* environ) {
  const Names& names = interpreter.names();
  const bool embedded = interpreter.settings().embedded;
  const PyRef start = PyRef::steal(PyFloat_FromDouble(static_cast<double>(start_us) / 1e6));
  return start && set_time(environ, names.request_start, message.fixed.request_start_us) &&
         set_time(environ, names.queue_start, embedded ? 0 : message.fixed.queue_start_us) &&
         (embedded ? set_time(environ, names.daemon_start, 0)
                   : PyDict_SetItem(environ, names.daemon_start.get(), start.get()) == 0) &&
         PyDict_SetItem(environ, names.application_start.get(), start.get()) == 0;
}

}  // namespace

std::unique_ptr<AppEntry> make_entry(const Gil& gil, Interpreter& interpreter,
                                     const daemon::RequestMessage& message) {
  auto entry = std::make_unique<AppEntry>();
  const Control control = read_control(message.site);
  entry->script = find_script(gil, interpreter, control.script_file);
  if (entry->script == nullptr) return nullptr;
  entry->callable = control.callable_object;
  PyObject* name = make_text(gil, control.callable_object).release();
  if (name == nullptr) return nullptr;
  PyUnicode_InternInPlace(&name);
  entry->callable_name = PyRef::steal(name);
  entry->base = PyRef::steal(PyDict_New());
  if (!entry->base ||
      !add_variables(gil, interpreter, entry->base.get(), message.site, entry->https) ||
      !add_constants(gil, interpreter, control, entry->https, entry->base.get()) ||
      !make_roomy(entry->base.get())) {
    return nullptr;
  }
  return entry;
}

PyRef make_environ(const Gil& gil, Interpreter& interpreter, const AppEntry& entry,
                   const daemon::RequestMessage& message, const RequestFacts& facts) {
  PyRef made = PyRef::steal(PyDict_Copy(entry.base.get()));
  if (!made) return {};
  PyObject* const environ = made.get();
  const Names& names = interpreter.names();
  bool https = entry.https;
  if (!add_variables(gil, interpreter, environ, message.variables, https)) return {};
  if (https != entry.https) {
    const PyRef value = scheme(https);
    if (!value || PyDict_SetItem(environ, names.url_scheme.get(), value.get()) != 0) return {};
  }
  if (PyDict_SetItem(environ, names.input.get(), facts.input) != 0 ||
      PyDict_SetItem(environ, names.errors.get(), facts.errors) != 0 ||
      PyDict_SetItem(environ, names.thread_id.get(), facts.thread_id) != 0 ||
      !add_times(interpreter, message, facts.start_us, environ)) {
    return {};
  }
  return made;
}

}  // namespace appserver::wsgi
