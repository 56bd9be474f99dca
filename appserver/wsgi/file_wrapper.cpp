// SPDX-License-Identifier: Apache-2.0
#include "appserver/wsgi/file_wrapper.hpp"

#include "appserver/wsgi/types.hpp"

#include <limits>
#include <structmember.h>
#include <sys/stat.h>

namespace appserver::wsgi {
namespace {

constexpr Py_ssize_t kBlockBytes = 8192;

struct FileWrapper {
  PyObject_HEAD PyObject* file;  // owned
  Py_ssize_t block_bytes;
};

PyObject* make(PyTypeObject* type, PyObject* args, PyObject* keywords) noexcept {
  static const char* const kNames[] = {"filelike", "blksize", nullptr};
  PyObject* file = nullptr;
  Py_ssize_t block_bytes = kBlockBytes;
  // The parameter is char** for reasons of C; it is not written to.
  if (PyArg_ParseTupleAndKeywords(args, keywords, "O|n:FileWrapper", const_cast<char**>(kNames),
                                  &file, &block_bytes) == 0) {
    return nullptr;
  }
  PyObject* const self = type->tp_alloc(type, 0);
  if (self == nullptr) return nullptr;
  as<FileWrapper>(self)->file = Py_NewRef(file);
  as<FileWrapper>(self)->block_bytes = block_bytes;
  return self;
}

int traverse(PyObject* self, visitproc visit, void* arg) noexcept {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(as<FileWrapper>(self)->file);
  return 0;
}

int clear(PyObject* self) noexcept {
  Py_CLEAR(as<FileWrapper>(self)->file);
  return 0;
}

void dealloc(PyObject* self) noexcept {
  PyObject_GC_UnTrack(self);
  (void)clear(self);
  dealloc_plain(self);
}

PyObject* next(PyObject* self) noexcept {
  const auto* const wrapper = as<FileWrapper>(self);
  if (wrapper->file == nullptr) return nullptr;
  PyRef block = PyRef::steal(PyObject_CallMethod(wrapper->file, "read", "n", wrapper->block_bytes));
  if (!block) return nullptr;
  const int more = PyObject_IsTrue(block.get());
  return more > 0 ? block.release() : nullptr;  // empty: the end; -1: the exception
}

PyObject* close(PyObject* self, PyObject*) noexcept {
  PyObject* const file = as<FileWrapper>(self)->file;
  const PyRef method =
      file == nullptr ? PyRef() : PyRef::steal(PyObject_GetAttrString(file, "close"));
  if (!method) {
    PyErr_Clear();  // nothing to close
    return none();
  }
  return PyObject_CallNoArgs(method.get());
}

PyMethodDef kMethods[] = {{"close", as_method(close), METH_NOARGS, "Closes the wrapped file."}, {}};

PyMemberDef kMembers[] = {
    {"filelike", T_OBJECT, offsetof(FileWrapper, file), READONLY, "The wrapped file."},
    {"blksize", T_PYSSIZET, offsetof(FileWrapper, block_bytes), READONLY, "Bytes per read."},
    {}};

// An int the file's method returns, if it has the method and that is what it returns.
std::optional<long long> ask(PyObject* file, const char* method) {
  const PyRef result = PyRef::steal(PyObject_CallMethod(file, method, nullptr));
  if (!result || !PyLong_Check(result.get())) {
    PyErr_Clear();
    return std::nullopt;
  }
  const long long value = PyLong_AsLongLong(result.get());
  if (value == -1 && PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    return std::nullopt;
  }
  return value;
}

}  // namespace

PyRef make_file_wrapper_type(const Gil&) {
  PyType_Slot slots[] = {{Py_tp_new, as_slot(make)},
                         {Py_tp_dealloc, as_slot(dealloc)},
                         {Py_tp_traverse, as_slot(traverse)},
                         {Py_tp_clear, as_slot(clear)},
                         {Py_tp_iter, as_slot(PyObject_SelfIter)},
                         {Py_tp_iternext, as_slot(next)},
                         {Py_tp_methods, kMethods},
                         {Py_tp_members, kMembers},
                         {}};
  PyType_Spec spec = {"mod_wsgi.FileWrapper", sizeof(FileWrapper), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, slots};
  return PyRef::steal(PyType_FromSpec(&spec));
}

std::optional<RegularFile> wrapped_file(const Gil&, PyObject* wrapper) {
  const PyRef file = PyRef::borrow(as<FileWrapper>(wrapper)->file);
  if (!file) return std::nullopt;
  const std::optional<long long> fd = ask(file.get(), "fileno");
  if (!fd || *fd < 0 || *fd > std::numeric_limits<int>::max()) return std::nullopt;
  struct stat status {};
  if (fstat(static_cast<int>(*fd), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  const std::optional<long long> offset = ask(file.get(), "tell");
  if (!offset || *offset < 0) return std::nullopt;
  const std::int64_t left = status.st_size - *offset;
  return RegularFile{static_cast<int>(*fd), static_cast<std::uint64_t>(*offset),
                     left > 0 ? static_cast<std::uint64_t>(left) : 0};
}

}  // namespace appserver::wsgi
