// SPDX-License-Identifier: Apache-2.0
// wsgi.input: the face of a BodyReader in Python.
// Sources: PEP 3333 "Input and Error Streams"; wsgi-hosting 4.7.
#pragma once

#include "appserver/wsgi/body_reader.hpp"
#include "appserver/wsgi/gil.hpp"
#include "appserver/wsgi/py_ref.hpp"

namespace appserver::wsgi {

PyRef make_input_type(const Gil& gil);
/// A stream without a body yet; disarmed (null) it raises RuntimeError.
PyRef make_input(const Gil& gil, PyObject* type);
void arm_input(PyObject* input, BodyReader* body) noexcept;

}  // namespace appserver::wsgi
