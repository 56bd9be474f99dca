// SPDX-License-Identifier: Apache-2.0
// The environ of one request: a copy of what is constant for its site, plus the request's own
// variables. Sources: PEP 3333 "environ Variables"; wsgi-hosting 4.3 to 4.6.
#pragma once

#include "appserver/daemon/request_message.hpp"
#include "appserver/wsgi/gil.hpp"
#include "appserver/wsgi/interpreter.hpp"
#include "appserver/wsgi/loader.hpp"
#include "appserver/wsgi/py_ref.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace appserver::wsgi {

/// What is constant for one site block in one interpreter.
struct AppEntry {
  PyRef base;  ///< dict; requests get copies
  Script* script = nullptr;
  std::string callable;
  PyRef callable_name;  ///< the same as a str, interned
  bool https = false;   ///< HTTPS as the site's variables have it
};

/// Reads a site block; null with an exception set when that fails.
std::unique_ptr<AppEntry> make_entry(const Gil& gil, Interpreter& interpreter,
                                     const daemon::RequestMessage& message);

/// What only the calling thread knows of a request. Objects are borrowed.
struct RequestFacts {
  PyObject* input = nullptr;
  PyObject* errors = nullptr;
  PyObject* thread_id = nullptr;
  std::int64_t start_us = 0;  ///< when this process took the request
};

/// A new dict, or null with an exception set.
PyRef make_environ(const Gil& gil, Interpreter& interpreter, const AppEntry& entry,
                   const daemon::RequestMessage& message, const RequestFacts& facts);

}  // namespace appserver::wsgi
