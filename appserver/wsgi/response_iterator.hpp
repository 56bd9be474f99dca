// SPDX-License-Identifier: Apache-2.0
// Walks what the application returned and hands the pieces to the response; closes it afterwards.
// Sources: PEP 3333 "Specification Details", "Buffering and Streaming"; wsgi-hosting 4.11.
#pragma once

#include "appserver/wsgi/gil.hpp"
#include "appserver/wsgi/response.hpp"

namespace appserver::wsgi {

/// Sends the whole iterable, head included. `raised`: an exception is set.
Took send_iterable(const Gil& gil, PyObject* iterable, PyObject* file_wrapper_type,
                   Response& response);
/// Calls close() if there is one; false with an exception set when it raised.
bool close_iterable(const Gil& gil, PyObject* iterable);

}  // namespace appserver::wsgi
