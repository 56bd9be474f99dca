// SPDX-License-Identifier: Apache-2.0
// start_response and the write it returns: the checks of PEP 3333, then into Response.
// Sources: PEP 3333 "The start_response() Callable"; wsgi-hosting 4.11.
#pragma once

#include "appserver/wsgi/gil.hpp"
#include "appserver/wsgi/py_ref.hpp"
#include "appserver/wsgi/response.hpp"

namespace appserver::wsgi {

PyRef make_start_response_type(const Gil& gil);
PyRef make_write_type(const Gil& gil);

/// Both are disarmed (null) until a request and after it: calls raise RuntimeError then.
PyRef make_write(const Gil& gil, PyObject* type);
/// Keeps a reference to `write`, which its calls return.
PyRef make_start_response(const Gil& gil, PyObject* type, PyObject* write);
void arm_write(PyObject* write, Response* response) noexcept;
void arm_start_response(PyObject* start_response, Response* response) noexcept;

}  // namespace appserver::wsgi
