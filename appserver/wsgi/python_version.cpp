// SPDX-License-Identifier: Apache-2.0
// Which Python this is, for those who have no interpreter.
#include "appserver/wsgi/python.hpp"

#include <Python.h>

#include <string>
#include <string_view>

namespace appserver::wsgi {

std::string python_version() {
  const std::string_view whole = Py_GetVersion();  // "3.11.2 (main, ...) [GCC ...]"
  return std::string(whole.substr(0, whole.find(' ')));
}

}  // namespace appserver::wsgi
