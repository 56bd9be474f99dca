// SPDX-License-Identifier: Apache-2.0
#include "appserver/wsgi/start_response.hpp"

#include "appserver/wsgi/types.hpp"

#include <array>
#include <string_view>
#include <structmember.h>

namespace appserver::wsgi {
namespace {

struct Write {
  PyObject_HEAD Response* response;  // null: the request is over
  vectorcallfunc call;
};

struct StartResponse {
  PyObject_HEAD Response* response;
  PyObject* write;  // owned
  vectorcallfunc call;
};

// RFC 9110 5.6.2 token.
constexpr std::array<bool, 256> kToken = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  for (unsigned char c = 'a'; c <= 'z'; ++c) table[c] = table[c - 32U] = true;
  return table;
}();

bool is_token(std::string_view text) noexcept {
  for (const char c : text) {
    if (!kToken[static_cast<unsigned char>(c)]) return false;
  }
  return !text.empty();
}

bool has_control(std::string_view text) noexcept {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
  }
  return false;
}

bool ends_line(std::string_view text) noexcept {
  for (const char c : text) {
    if (c == '\r' || c == '\n' || c == '\0') return true;
  }
  return false;
}

std::string_view trim(std::string_view text) noexcept {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// The latin-1 bytes of a str, without a copy; false with an exception set for anything else (PEP
// 3333 "Unicode Issues").
bool latin1(PyObject* object, const char* what, std::string_view& out) noexcept {
  if (!PyUnicode_Check(object)) {
    PyErr_Format(PyExc_TypeError, "%s must be str, not %.200s", what, Py_TYPE(object)->tp_name);
    return false;
  }
  if (PyUnicode_KIND(object) != PyUnicode_1BYTE_KIND) {
    const PyRef encoded =
        PyRef::steal(PyUnicode_AsLatin1String(object));  // raises UnicodeEncodeError
    if (encoded) PyErr_Format(PyExc_ValueError, "%s is not latin-1", what);
    return false;
  }
  out = {reinterpret_cast<const char*>(PyUnicode_1BYTE_DATA(object)),
         static_cast<std::size_t>(PyUnicode_GET_LENGTH(object))};
  return true;
}

bool digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

struct Status {
  int code = 0;
  std::string_view reason;
};

bool parse_status(PyObject* object, Status& out) noexcept {
  std::string_view text;
  if (!latin1(object, "status", text)) return false;
  const bool shaped = text.size() >= 3 && digit(text[0]) && digit(text[1]) && digit(text[2]) &&
                      (text.size() == 3 || text[3] == ' ') && !has_control(text);
  if (shaped) {
    out.code = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
    if (text.size() > 4) out.reason = text.substr(4);
    if (out.code >= 200) return true;
    PyErr_Format(PyExc_ValueError, "status %d is not one of a final response", out.code);
    return false;
  }
  PyErr_Format(PyExc_ValueError, "status must be three digits, a space and a reason, not %R",
               object);
  return false;
}

// One (name, value); the views hold as long as the tuple.
bool parse_field(PyObject* item, std::string_view& name, std::string_view& value) noexcept {
  if (!PyTuple_Check(item)) {
    PyErr_Format(PyExc_TypeError, "each header must be a tuple, not %.200s",
                 Py_TYPE(item)->tp_name);
    return false;
  }
  if (PyTuple_GET_SIZE(item) != 2) {
    PyErr_Format(PyExc_ValueError, "each header must have 2 items, not %zd",
                 PyTuple_GET_SIZE(item));
    return false;
  }
  if (!latin1(PyTuple_GET_ITEM(item, 0), "header name", name)) return false;
  if (!latin1(PyTuple_GET_ITEM(item, 1), "header value", value)) return false;
  if (!is_token(name)) {
    PyErr_Format(PyExc_ValueError, "invalid header name %R", PyTuple_GET_ITEM(item, 0));
    return false;
  }
  if (ends_line(value)) {
    PyErr_Format(PyExc_ValueError, "invalid value %R of header %R", PyTuple_GET_ITEM(item, 1),
                 PyTuple_GET_ITEM(item, 0));
    return false;
  }
  value = trim(value);
  return true;
}

// exc_info after the head went out: the original exception again (PEP 3333 "Error Handling").
void raise_again(PyObject* exc_info) noexcept {
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* traceback = nullptr;
  if (PyArg_ParseTuple(exc_info, "OOO:start_response", &type, &value, &traceback) == 0) return;
  if (PyExceptionInstance_Check(value)) {
    if (PyTraceBack_Check(traceback)) (void)PyException_SetTraceback(value, traceback);
    PyErr_SetObject(PyExceptionInstance_Class(value), value);
  } else {
    PyErr_SetObject(PyExceptionClass_Check(type) ? type : PyExc_RuntimeError, value);
  }
}

bool replace_allowed(const Response& response, PyObject* exc_info) noexcept {
  if (exc_info != nullptr && exc_info != Py_None) {
    if (!PyTuple_Check(exc_info)) {
      PyErr_SetString(PyExc_RuntimeError, "exc_info must be a tuple");
      return false;
    }
    if (response.committed()) raise_again(exc_info);
    return !response.committed();
  }
  if (response.committed()) PyErr_SetString(PyExc_RuntimeError, "headers were already sent");
  return !response.committed();
}

PyObject* call_start_response(PyObject* self, PyObject* const* args, size_t nargsf,
                              PyObject* names) noexcept {
  const auto* const start = as<StartResponse>(self);
  const Py_ssize_t count = PyVectorcall_NARGS(nargsf);
  if (names != nullptr && PyTuple_GET_SIZE(names) != 0) {
    PyErr_SetString(PyExc_TypeError, "start_response() takes no keyword arguments");
    return nullptr;
  }
  if (count < 2 || count > 3) {
    return PyErr_Format(PyExc_TypeError, "start_response() takes 2 or 3 arguments (%zd given)",
                        count);
  }
  if (start->response == nullptr) {
    PyErr_SetString(PyExc_RuntimeError, "start_response(): the request has ended");
    return nullptr;
  }
  Response& response = *start->response;
  if (!replace_allowed(response, count == 3 ? args[2] : nullptr)) return nullptr;
  Status status;
  if (!parse_status(args[0], status)) return nullptr;
  PyObject* const fields = args[1];
  if (!PyList_Check(fields)) {
    return PyErr_Format(PyExc_TypeError, "headers must be a list, not %.200s",
                        Py_TYPE(fields)->tp_name);
  }
  // Checked whole before anything is replaced: a refused call leaves the former one standing.
  const Py_ssize_t fields_count = PyList_GET_SIZE(fields);
  std::string_view name;
  std::string_view value;
  for (Py_ssize_t i = 0; i < fields_count; ++i) {
    if (!parse_field(PyList_GET_ITEM(fields, i), name, value)) return nullptr;
  }
  response.start(status.code, status.reason);
  for (Py_ssize_t i = 0; i < fields_count; ++i) {
    (void)parse_field(PyList_GET_ITEM(fields, i), name, value);  // cannot fail a second time
    response.add_field(name, value);
  }
  return Py_NewRef(start->write);
}

class Writing {
 public:
  explicit Writing(Response& response) noexcept : response_(response) { response_.set_busy(true); }
  ~Writing() { response_.set_busy(false); }
  Writing(const Writing&) = delete;
  Writing& operator=(const Writing&) = delete;

 private:
  Response& response_;
};

PyObject* call_write(PyObject* self, PyObject* const* args, size_t nargsf,
                     PyObject* names) noexcept {
  if ((names != nullptr && PyTuple_GET_SIZE(names) != 0) || PyVectorcall_NARGS(nargsf) != 1) {
    PyErr_SetString(PyExc_TypeError, "write() takes exactly 1 argument");
    return nullptr;
  }
  Response* const response = as<Write>(self)->response;
  if (response == nullptr) {
    PyErr_SetString(PyExc_RuntimeError, "write(): the request has ended");
    return nullptr;
  }
  if (!PyBytes_Check(args[0])) {
    return PyErr_Format(PyExc_TypeError, "write() argument must be bytes, not %.200s",
                        Py_TYPE(args[0])->tp_name);
  }
  if (PyBytes_GET_SIZE(args[0]) == 0) return none();
  if (response->busy()) {
    PyErr_SetString(PyExc_RuntimeError, "write(): another thread is writing");
    return nullptr;
  }
  const Gil gil(Gil::AlreadyHeld{});
  const Writing writing(*response);
  switch (response->write(gil, bytes_view(args[0]), Response::Flush::by_rule)) {
    case Took::ok:
      return none();
    case Took::client_gone:
      PyErr_SetString(PyExc_OSError, "write(): the client closed the connection");
      return nullptr;
    case Took::raised:
      break;
  }
  return nullptr;
}

void dealloc_start_response(PyObject* self) noexcept {
  Py_XDECREF(as<StartResponse>(self)->write);
  dealloc_plain(self);
}

template <class T>
PyRef make_callable_type(const char* name, destructor dealloc) {
  PyMemberDef members[] = {
      {"__vectorcalloffset__", T_PYSSIZET, offsetof(T, call), READONLY, nullptr}, {}};
  PyType_Slot slots[] = {{Py_tp_dealloc, as_slot(dealloc)},
                         {Py_tp_call, as_slot(PyVectorcall_Call)},
                         {Py_tp_members, members},
                         {}};
  PyType_Spec spec = {
      name, sizeof(T), 0,
      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  return PyRef::steal(PyType_FromSpec(&spec));
}

}  // namespace

PyRef make_start_response_type(const Gil&) {
  return make_callable_type<StartResponse>("mod_wsgi.StartResponse", dealloc_start_response);
}

PyRef make_write_type(const Gil&) {
  return make_callable_type<Write>("mod_wsgi.Write", dealloc_plain);
}

PyRef make_write(const Gil& gil, PyObject* type) {
  PyRef object = make_object(gil, type);
  if (object) as<Write>(object.get())->call = call_write;
  return object;
}

PyRef make_start_response(const Gil& gil, PyObject* type, PyObject* write) {
  PyRef object = make_object(gil, type);
  if (object) {
    as<StartResponse>(object.get())->write = Py_NewRef(write);
    as<StartResponse>(object.get())->call = call_start_response;
  }
  return object;
}

void arm_write(PyObject* write, Response* response) noexcept {
  as<Write>(write)->response = response;
}

void arm_start_response(PyObject* start_response, Response* response) noexcept {
  as<StartResponse>(start_response)->response = response;
}

}  // namespace appserver::wsgi
