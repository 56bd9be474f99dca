// SPDX-License-Identifier: Apache-2.0
#include "appserver/wsgi/log_stream.hpp"

#include "appserver/wsgi/types.hpp"

#include <optional>
#include <utility>

namespace appserver::wsgi {
namespace {

// Of the process: threads the application started log to it too, as long as they live.
std::shared_ptr<const base::observe::ErrorLog>& server_log() {
  static std::shared_ptr<const base::observe::ErrorLog> log;
  return log;
}

// A thread's own half-written lines; what is left is written when the thread ends.
struct ServerScope {
  std::shared_ptr<const base::observe::ErrorLog> log = server_log();
  RequestLog lines{*log};
  ServerScope() = default;
  ServerScope(const ServerScope&) = delete;
  ServerScope& operator=(const ServerScope&) = delete;
  ~ServerScope() { lines.flush(); }
};

thread_local RequestLog* t_request_log = nullptr;

struct LogStream {
  PyObject_HEAD RequestLog* request;  // wsgi.errors only; null: the request is over
  RequestLog::Stream stream;
};

// The log to write to, or null with RuntimeError set.
RequestLog* target(PyObject* self) noexcept {
  const auto* const stream = as<LogStream>(self);
  if (stream->stream != RequestLog::Stream::errors) return &thread_log();
  if (stream->request == nullptr) {
    PyErr_SetString(PyExc_RuntimeError, "wsgi.errors: the request has ended");
  }
  return stream->request;
}

bool append(RequestLog& log, RequestLog::Stream stream, PyObject* text) noexcept {
  Py_ssize_t size = 0;
  if (const char* utf8 = PyUnicode_AsUTF8AndSize(text, &size)) {
    log.append(stream, {utf8, static_cast<std::size_t>(size)});
    return true;
  }
  PyErr_Clear();  // lone surrogates, as in file names: shown, not refused
  const PyRef bytes = PyRef::steal(PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace"));
  if (!bytes) return false;
  log.append(stream, bytes_view(bytes.get()));
  return true;
}

PyObject* write(PyObject* self, PyObject* text) noexcept {
  RequestLog* const log = target(self);
  if (log == nullptr) return nullptr;
  if (!PyUnicode_Check(text)) {
    return PyErr_Format(PyExc_TypeError, "write() argument must be str, not %.200s",
                        Py_TYPE(text)->tp_name);
  }
  if (!append(*log, as<LogStream>(self)->stream, text)) return nullptr;
  return PyLong_FromSsize_t(PyUnicode_GET_LENGTH(text));
}

PyObject* writelines(PyObject* self, PyObject* lines) noexcept {
  const PyRef iterator = PyRef::steal(PyObject_GetIter(lines));
  if (!iterator) return nullptr;
  while (const PyRef line = PyRef::steal(PyIter_Next(iterator.get()))) {
    const PyRef written = PyRef::steal(write(self, line.get()));
    if (!written) return nullptr;
  }
  return PyErr_Occurred() != nullptr ? nullptr : none();
}

PyObject* flush(PyObject* self, PyObject*) noexcept {
  RequestLog* const log = target(self);
  if (log == nullptr) return nullptr;
  log->flush(as<LogStream>(self)->stream);
  return none();
}

// Programs that replace sys.stdout close the old one; the log stays open.
PyObject* close(PyObject* self, PyObject*) noexcept {
  return flush(self, nullptr);
}

PyObject* no(PyObject*, PyObject*) noexcept {
  return Py_NewRef(Py_False);
}
PyObject* yes(PyObject*, PyObject*) noexcept {
  return Py_NewRef(Py_True);
}

PyObject* fileno(PyObject*, PyObject*) noexcept {
  PyErr_SetString(PyExc_OSError, "the log has no file descriptor");
  return nullptr;
}

PyObject* get_encoding(PyObject*, void*) noexcept {
  return PyUnicode_FromString("utf-8");
}
PyObject* get_errors(PyObject*, void*) noexcept {
  return PyUnicode_FromString("backslashreplace");
}
PyObject* get_closed(PyObject*, void*) noexcept {
  return Py_NewRef(Py_False);
}
PyObject* get_line_buffering(PyObject*, void*) noexcept {
  return Py_NewRef(Py_True);
}
PyObject* get_newlines(PyObject*, void*) noexcept {
  return none();
}
PyObject* get_name(PyObject* self, void*) noexcept {
  switch (as<LogStream>(self)->stream) {
    case RequestLog::Stream::out:
      return PyUnicode_FromString("<stdout>");
    case RequestLog::Stream::err:
      return PyUnicode_FromString("<stderr>");
    case RequestLog::Stream::errors:
      break;
  }
  return PyUnicode_FromString("<wsgi.errors>");
}

PyMethodDef kMethods[] = {
    {"write", as_method(write), METH_O, "Writes text; whole lines go to the error log."},
    {"writelines", as_method(writelines), METH_O, "Writes each text of an iterable."},
    {"flush", as_method(flush), METH_NOARGS, "Sends what is left of a line to the error log."},
    {"close", as_method(close), METH_NOARGS, "Flushes; the log stays open."},
    {"isatty", as_method(no), METH_NOARGS, "False."},
    {"readable", as_method(no), METH_NOARGS, "False."},
    {"seekable", as_method(no), METH_NOARGS, "False."},
    {"writable", as_method(yes), METH_NOARGS, "True."},
    {"fileno", as_method(fileno), METH_NOARGS, "Raises OSError."},
    {}};

PyGetSetDef kAttributes[] = {{"encoding", get_encoding, nullptr, nullptr, nullptr},
                             {"errors", get_errors, nullptr, nullptr, nullptr},
                             {"closed", get_closed, nullptr, nullptr, nullptr},
                             {"line_buffering", get_line_buffering, nullptr, nullptr, nullptr},
                             {"newlines", get_newlines, nullptr, nullptr, nullptr},
                             {"name", get_name, nullptr, nullptr, nullptr},
                             {}};

PyRef make_stream(const Gil& gil, PyObject* type, RequestLog::Stream stream) {
  PyRef object = make_object(gil, type);
  if (object) as<LogStream>(object.get())->stream = stream;
  return object;
}

}  // namespace

PyRef make_log_stream_type(const Gil&) {
  PyType_Slot slots[] = {{Py_tp_dealloc, as_slot(dealloc_plain)},
                         {Py_tp_methods, kMethods},
                         {Py_tp_getset, kAttributes},
                         {}};
  PyType_Spec spec = {"mod_wsgi.Log", sizeof(LogStream), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  return PyRef::steal(PyType_FromSpec(&spec));
}

PyRef make_thread_stream(const Gil& gil, PyObject* type, RequestLog::Stream stream) {
  return make_stream(gil, type, stream);
}

PyRef make_request_stream(const Gil& gil, PyObject* type) {
  return make_stream(gil, type, RequestLog::Stream::errors);
}

void arm_request_stream(PyObject* stream, RequestLog* log) noexcept {
  as<LogStream>(stream)->request = log;
}

void set_thread_log(RequestLog* log) noexcept {
  t_request_log = log;
}

RequestLog& thread_log() {
  if (t_request_log != nullptr) return *t_request_log;
  thread_local std::optional<ServerScope> scope;
  if (!scope || scope->log != server_log()) scope.emplace();
  return scope->lines;
}

void set_server_log(std::shared_ptr<const base::observe::ErrorLog> log) {
  server_log() = std::move(log);
}

}  // namespace appserver::wsgi
