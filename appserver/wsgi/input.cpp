// SPDX-License-Identifier: Apache-2.0
#include "appserver/wsgi/input.hpp"

#include "appserver/wsgi/types.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace appserver::wsgi {
namespace {

constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
// A length the client merely announced is no reason to take memory; it grows by what arrives.
constexpr std::size_t kFirstBlockBytes = std::size_t{1024} * 1024;
constexpr std::size_t kUnknownBlockBytes = std::size_t{64} * 1024;

struct Input {
  PyObject_HEAD BodyReader* body;  // null: the request is over
};

// One read at a time, and the request does not end under it.
class Reading {
 public:
  explicit Reading(PyObject* self) noexcept : body_(as<Input>(self)->body) {
    if (body_ == nullptr) {
      PyErr_SetString(PyExc_RuntimeError, "wsgi.input: the request has ended");
    } else if (body_->busy()) {
      PyErr_SetString(PyExc_RuntimeError, "wsgi.input: another thread is reading");
      body_ = nullptr;
    } else {
      body_->set_busy(true);
    }
  }
  ~Reading() {
    if (body_ != nullptr) body_->set_busy(false);
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  [[nodiscard]] BodyReader* body() const noexcept { return body_; }

 private:
  BodyReader* body_;
};

bool raise_read_error(const base::Error& error) noexcept {
  PyErr_Format(PyExc_OSError, "request data read error: %s",
               error.detail.empty() ? "failed" : error.detail.c_str());
  return false;
}

bool fill(const Gil& gil, BodyReader& body) {
  if (body.last() && body.error().empty()) return true;
  base::Result<> filled;
  {
    const GilRelease unlocked(gil);
    filled = body.fill();
  }
  return filled ? true : raise_read_error(filled.error());
}

PyRef take(BodyReader& body, std::size_t bytes) {
  PyRef out = PyRef::steal(
      PyBytes_FromStringAndSize(body.at_hand().data(), static_cast<Py_ssize_t>(bytes)));
  if (out) body.consume(bytes);
  return out;
}

// A bytes object under construction; only this thread sees it, so it may be filled without the GIL.
class Block {
 public:
  explicit Block(std::size_t room)
      : bytes_(PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(room))), room_(room) {}
  ~Block() { Py_XDECREF(bytes_); }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  [[nodiscard]] bool valid() const noexcept { return bytes_ != nullptr; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::span<char> rest() noexcept {
    return {PyBytes_AS_STRING(bytes_) + size_, room_ - size_};
  }
  void add(std::size_t bytes) noexcept { size_ += bytes; }
  void add(BodyReader& body, std::size_t limit) noexcept {
    const std::size_t n = std::min({body.at_hand().size(), rest().size(), limit - size_});
    (void)body.at_hand().copy(rest().data(), n);
    body.consume(n);
    size_ += n;
  }
  bool make_room(std::size_t limit) noexcept {
    return size_ < room_ || resize(room_ > limit / 2 ? limit : room_ * 2);
  }
  bool resize(std::size_t room) noexcept {
    room_ = room;
    return _PyBytes_Resize(&bytes_, static_cast<Py_ssize_t>(room)) == 0;
  }
  [[nodiscard]] PyRef finish() noexcept {
    if (size_ != room_ && !resize(size_)) return {};
    return PyRef::steal(std::exchange(bytes_, nullptr));
  }

 private:
  PyObject* bytes_;
  std::size_t room_;
  std::size_t size_ = 0;
};

std::size_t first_room(const BodyReader& body, std::size_t limit) noexcept {
  const std::size_t known =
      body.at_hand().size() +
      (body.expected() < 0 ? kUnknownBlockBytes : static_cast<std::size_t>(body.expected()));
  return std::min({limit, known, std::max(kFirstBlockBytes, body.at_hand().size())});
}

PyRef read_bytes(const Gil& gil, BodyReader& body, std::size_t limit) {
  if (limit <= body.at_hand().size() || (body.last() && body.error().empty())) {
    return take(body, std::min(limit, body.at_hand().size()));
  }
  const std::size_t cap =
      std::min(limit, static_cast<std::size_t>(std::numeric_limits<Py_ssize_t>::max()));
  Block block(first_room(body, cap));
  if (!block.valid()) return {};
  block.add(body, cap);
  while (block.size() < cap && !(body.last() && body.error().empty())) {
    if (!block.make_room(cap)) return {};
    if (cap - block.size() < BodyReader::kBufferBytes) {  // small reads share one large one
      if (!fill(gil, body)) return {};
      block.add(body, cap);
      continue;
    }
    base::Result<std::size_t> n;
    {
      const GilRelease unlocked(gil);
      n = body.read(block.rest());
    }
    if (!n) {
      raise_read_error(n.error());
      return {};
    }
    block.add(*n);
  }
  return block.finish();
}

PyRef read_line(const Gil& gil, BodyReader& body, std::size_t limit) {
  std::string line;  // only for lines that do not lie at hand in one piece
  for (;;) {
    const std::string_view part = body.at_hand().substr(0, limit - line.size());
    const std::size_t end = part.find('\n');
    const std::size_t n = end == std::string_view::npos ? part.size() : end + 1;
    const bool whole = end != std::string_view::npos || line.size() + n == limit ||
                       (body.last() && body.error().empty());
    if (whole && line.empty()) return take(body, n);
    line.append(part.substr(0, n));
    body.consume(n);
    if (whole) {
      return PyRef::steal(
          PyBytes_FromStringAndSize(line.data(), static_cast<Py_ssize_t>(line.size())));
    }
    if (!fill(gil, body)) return {};
  }
}

// The optional size of read, readline and readlines: None and negative numbers mean all.
bool parse_size(const char* method, PyObject* const* args, Py_ssize_t count, std::size_t& out) {
  out = kAll;
  if (count > 1) {
    PyErr_Format(PyExc_TypeError, "%s() takes at most 1 argument (%zd given)", method, count);
    return false;
  }
  if (count == 0 || args[0] == Py_None) return true;
  const Py_ssize_t n = PyNumber_AsSsize_t(args[0], PyExc_OverflowError);
  if (n == -1 && PyErr_Occurred() != nullptr) return false;
  if (n >= 0) out = static_cast<std::size_t>(n);
  return true;
}

PyObject* read(PyObject* self, PyObject* const* args, Py_ssize_t count) noexcept {
  std::size_t limit = 0;
  if (!parse_size("read", args, count, limit)) return nullptr;
  const Gil gil(Gil::AlreadyHeld{});
  const Reading reading(self);
  if (reading.body() == nullptr) return nullptr;
  return read_bytes(gil, *reading.body(), limit).release();
}

PyObject* readline(PyObject* self, PyObject* const* args, Py_ssize_t count) noexcept {
  std::size_t limit = 0;
  if (!parse_size("readline", args, count, limit)) return nullptr;
  const Gil gil(Gil::AlreadyHeld{});
  const Reading reading(self);
  if (reading.body() == nullptr) return nullptr;
  return read_line(gil, *reading.body(), limit).release();
}

PyObject* readlines(PyObject* self, PyObject* const* args, Py_ssize_t count) noexcept {
  std::size_t hint = 0;
  if (!parse_size("readlines", args, count, hint)) return nullptr;
  if (hint == 0) hint = kAll;  // as io does
  const Gil gil(Gil::AlreadyHeld{});
  const Reading reading(self);
  if (reading.body() == nullptr) return nullptr;
  PyRef lines = PyRef::steal(PyList_New(0));
  if (!lines) return nullptr;
  for (std::size_t total = 0; total < hint;) {
    const PyRef line = read_line(gil, *reading.body(), kAll);
    if (!line) return nullptr;
    if (PyBytes_GET_SIZE(line.get()) == 0) break;
    total += static_cast<std::size_t>(PyBytes_GET_SIZE(line.get()));
    if (PyList_Append(lines.get(), line.get()) != 0) return nullptr;
  }
  return lines.release();
}

PyObject* next(PyObject* self) noexcept {
  const Gil gil(Gil::AlreadyHeld{});
  const Reading reading(self);
  if (reading.body() == nullptr) return nullptr;
  PyRef line = read_line(gil, *reading.body(), kAll);
  if (line && PyBytes_GET_SIZE(line.get()) == 0) return nullptr;  // the end
  return line.release();
}

PyObject* close(PyObject*, PyObject*) noexcept {
  return none();
}

PyMethodDef kMethods[] = {
    {"read", as_method(read), METH_FASTCALL, "Reads n bytes, or all, of the request body."},
    {"readline", as_method(readline), METH_FASTCALL, "Reads one line, of n bytes at most."},
    {"readlines", as_method(readlines), METH_FASTCALL, "Reads lines until hint bytes are reached."},
    {"close", as_method(close), METH_NOARGS, "Does nothing."},
    {}};

}  // namespace

PyRef make_input_type(const Gil&) {
  PyType_Slot slots[] = {{Py_tp_dealloc, as_slot(dealloc_plain)},
                         {Py_tp_methods, kMethods},
                         {Py_tp_iter, as_slot(PyObject_SelfIter)},
                         {Py_tp_iternext, as_slot(next)},
                         {}};
  PyType_Spec spec = {"mod_wsgi.Input", sizeof(Input), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  return PyRef::steal(PyType_FromSpec(&spec));
}

PyRef make_input(const Gil& gil, PyObject* type) {
  return make_object(gil, type);
}

void arm_input(PyObject* input, BodyReader* body) noexcept {
  as<Input>(input)->body = body;
}

}  // namespace appserver::wsgi
