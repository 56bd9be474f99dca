// SPDX-License-Identifier: Apache-2.0
#include "appserver/wsgi/response_iterator.hpp"

#include "appserver/wsgi/file_wrapper.hpp"
#include "appserver/wsgi/types.hpp"

namespace appserver::wsgi {
namespace {

Took send_item(const Gil& gil, PyObject* item, Response::Flush flush, Response& response) {
  if (!PyBytes_Check(item)) {
    PyErr_Format(PyExc_TypeError, "the application's iterable must yield bytes, not %.200s",
                 Py_TYPE(item)->tp_name);
    return Took::raised;
  }
  if (PyBytes_GET_SIZE(item) == 0) return Took::ok;  // commits nothing
  while (response.busy()) {                          // write() on a helper thread comes first
    const GilRelease unlocked(gil);
    response.wait_until_idle();
  }
  return response.write(gil, bytes_view(item), flush);
}

// Everything is there already: nothing to gain from flushing in between. The sequence may change
// while the GIL is away, so size and items are looked up anew.
template <class Size, class Item>
Took send_sequence(const Gil& gil, Size size, Item at, Response& response) {
  for (Py_ssize_t i = 0; i < size(); ++i) {
    const PyRef item = PyRef::borrow(at(i));
    const Took took = send_item(gil, item.get(), Response::Flush::never, response);
    if (took != Took::ok) return took;
  }
  return Took::ok;
}

Took send_by_iterator(const Gil& gil, PyObject* iterable, Response& response) {
  const PyRef iterator = PyRef::steal(PyObject_GetIter(iterable));
  if (!iterator) return Took::raised;
  while (const PyRef item = PyRef::steal(PyIter_Next(iterator.get()))) {
    const Took took = send_item(gil, item.get(), Response::Flush::by_rule, response);
    if (took != Took::ok) return took;
  }
  return PyErr_Occurred() != nullptr ? Took::raised : Took::ok;
}

Took send_items(const Gil& gil, PyObject* iterable, Response& response) {
  if (PyList_CheckExact(iterable)) {
    return send_sequence(
        gil, [&] { return PyList_GET_SIZE(iterable); },
        [&](Py_ssize_t i) { return PyList_GET_ITEM(iterable, i); }, response);
  }
  if (PyTuple_CheckExact(iterable)) {
    return send_sequence(
        gil, [&] { return PyTuple_GET_SIZE(iterable); },
        [&](Py_ssize_t i) { return PyTuple_GET_ITEM(iterable, i); }, response);
  }
  return send_by_iterator(gil, iterable, response);
}

}  // namespace

Took send_iterable(const Gil& gil, PyObject* iterable, PyObject* file_wrapper_type,
                   Response& response) {
  if (reinterpret_cast<PyObject*>(Py_TYPE(iterable)) == file_wrapper_type &&
      !response.committed()) {
    if (const auto file = wrapped_file(gil, iterable)) {
      return response.send_file(gil, file->fd, file->offset, file->size);
    }
  }
  const Took took = send_items(gil, iterable, response);
  if (took != Took::ok) return took;
  return response.commit(gil) ? Took::ok : Took::raised;
}

bool close_iterable(const Gil&, PyObject* iterable) {
  if (PyList_CheckExact(iterable) || PyTuple_CheckExact(iterable)) return true;
  const PyRef method = PyRef::steal(PyObject_GetAttrString(iterable, "close"));
  if (!method) {
    if (PyErr_ExceptionMatches(PyExc_AttributeError) == 0) return false;
    PyErr_Clear();
    return true;
  }
  const PyRef result = PyRef::steal(PyObject_CallNoArgs(method.get()));
  return static_cast<bool>(result);
}

}  // namespace appserver::wsgi
