// SPDX-License-Identifier: Apache-2.0
// What an interpreter is told, from the configuration: for a daemon process and for a front with
// embedded mode.
#pragma once

#include "appserver/config/model/model.hpp"
#include "appserver/wsgi/python.hpp"
#include "base/observe/log.hpp"

#include <cstddef>
#include <memory>

namespace appserver::server {

wsgi::PythonSettings daemon_python_settings(const config::Model& model, std::size_t group,
                                            std::shared_ptr<base::observe::ErrorLog> log);
wsgi::PythonSettings embedded_python_settings(const config::Model& model, unsigned fronts,
                                              std::shared_ptr<base::observe::ErrorLog> log);

}  // namespace appserver::server
