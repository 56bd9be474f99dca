// SPDX-License-Identifier: Apache-2.0
// Small helpers to write a Python type in C++: slots, methods, allocation. Types are made once per
// interpreter.
#pragma once

#include "appserver/wsgi/gil.hpp"
#include "appserver/wsgi/py_ref.hpp"

#include <string_view>

namespace appserver::wsgi {

/// A method of any calling convention as the pointer type the method table wants.
template <class F>
PyCFunction as_method(F* function) noexcept {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}
template <class F>
void* as_slot(F* function) noexcept {
  return reinterpret_cast<void*>(function);
}
/// For slots that take tables and texts.
template <class T>
void* as_slot_data(T* data) noexcept {
  return const_cast<void*>(static_cast<const void*>(data));
}

/// A new object of a type of ours, or a null PyRef with an exception set. Its own members are zero.
inline PyRef make_object(const Gil&, PyObject* type) noexcept {
  auto* const as_type = reinterpret_cast<PyTypeObject*>(type);
  return PyRef::steal(as_type->tp_alloc(as_type, 0));
}
template <class T>
T* as(PyObject* object) noexcept {
  return reinterpret_cast<T*>(object);
}

/// tp_dealloc for objects that own no references but that to their type.
inline void dealloc_plain(PyObject* self) noexcept {
  PyTypeObject* const type = Py_TYPE(self);
  type->tp_free(self);
  Py_DECREF(type);
}

inline PyObject* none() noexcept {
  return Py_NewRef(Py_None);
}

/// The UTF-8 or latin-1 text of a bytes object.
inline std::string_view bytes_view(PyObject* bytes) noexcept {
  return {PyBytes_AS_STRING(bytes), static_cast<std::size_t>(PyBytes_GET_SIZE(bytes))};
}

}  // namespace appserver::wsgi
