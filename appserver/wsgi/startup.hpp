// SPDX-License-Identifier: Apache-2.0
// Starting CPython in this process: configuration, home, errors in its own words.
// Sources: wsgi-hosting 2.1 (python-home, lang), 6.9; CPython's "Python Initialization
// Configuration".
#pragma once

#include "appserver/wsgi/py_ref.hpp"
#include "appserver/wsgi/python.hpp"
#include "base/result.hpp"

#include <string>

namespace appserver::wsgi {

/// Starts the main interpreter; the calling thread holds the GIL then. After an error the process
/// is good for nothing but to report it.
base::Result<> start_interpreter(const PythonSettings& settings);

/// A new sub-interpreter that shares the GIL; its thread state becomes the current one.
base::Result<PyThreadState*> new_interpreter();
/// Ends the sub-interpreter whose last thread state, `state`, is current, and makes `next` current.
void end_interpreter(PyThreadState* state, PyThreadState* next);

}  // namespace appserver::wsgi
