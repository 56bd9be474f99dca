// SPDX-License-Identifier: Apache-2.0
// wsgi.errors, sys.stdout and sys.stderr: text streams that end in the error log.
// Sources: PEP 3333 "Input and Error Streams"; wsgi-hosting 6.8.
#pragma once

#include "appserver/wsgi/gil.hpp"
#include "appserver/wsgi/py_ref.hpp"
#include "appserver/wsgi/request_log.hpp"

#include <memory>
#include <string_view>

namespace appserver::wsgi {

/// The type of the three streams. Null with an exception set when it cannot be made.
PyRef make_log_stream_type(const Gil& gil);

/// sys.stdout or sys.stderr: each write goes to the log of the request the calling thread handles,
/// else to the server's.
PyRef make_thread_stream(const Gil& gil, PyObject* type, RequestLog::Stream stream);

/// wsgi.errors of one request; disarmed (null) it raises RuntimeError.
PyRef make_request_stream(const Gil& gil, PyObject* type);
void arm_request_stream(PyObject* stream, RequestLog* log) noexcept;

/// The log of the request this thread handles from now on; null: none.
void set_thread_log(RequestLog* log) noexcept;
/// The log for what the calling thread has to say: its request's, else one of its own at server
/// scope.
RequestLog& thread_log();
/// Where threads without a request log to. Set once, before any Python runs.
void set_server_log(std::shared_ptr<const base::observe::ErrorLog> log);

}  // namespace appserver::wsgi
