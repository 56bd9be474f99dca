// SPDX-License-Identifier: Apache-2.0
// The modules `mod_wsgi` and `apache` that applications import. Source: wsgi-hosting 6.5.
#pragma once

#include "appserver/wsgi/interpreter.hpp"

namespace appserver::wsgi {

/// Puts both modules into sys.modules of the current interpreter; false with an exception set.
bool add_modules(const Gil& gil, const Interpreter& interpreter);
/// A callable that logs a text line by line at level warn; for the prelude.
PyRef make_warn(const Gil& gil);

}  // namespace appserver::wsgi
