// SPDX-License-Identifier: Apache-2.0
// Owns one reference to a Python object. Made and dropped only with the GIL.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <utility>

namespace appserver::wsgi {

class PyRef {
 public:
  PyRef() noexcept = default;
  /// Takes over a reference the caller owns (a call that returned new).
  static PyRef steal(PyObject* object) noexcept { return PyRef(object); }
  /// Takes a reference of its own.
  static PyRef borrow(PyObject* object) noexcept { return PyRef(Py_XNewRef(object)); }
  PyRef(PyRef&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  PyRef& operator=(PyRef&& other) noexcept {
    PyObject* old = std::exchange(object_, std::exchange(other.object_, nullptr));
    Py_XDECREF(old);  // last: it may run Python code that looks here
    return *this;
  }
  PyRef(const PyRef&) = delete;
  PyRef& operator=(const PyRef&) = delete;
  ~PyRef() { Py_XDECREF(object_); }

  [[nodiscard]] PyObject* get() const noexcept { return object_; }
  explicit operator bool() const noexcept { return object_ != nullptr; }
  /// Gives the reference away, for a callback's return value.
  [[nodiscard]] PyObject* release() noexcept { return std::exchange(object_, nullptr); }
  void reset() noexcept { *this = PyRef(); }

 private:
  explicit PyRef(PyObject* object) noexcept : object_(object) {}
  PyObject* object_ = nullptr;
};

}  // namespace appserver::wsgi
