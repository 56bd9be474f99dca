# SPDX-License-Identifier: Apache-2.0
# Where a request ran: process, thread, application group, and how often this copy of the module was asked.
import os
import threading

import mod_wsgi

requests = 0
lock = threading.Lock()


def application(environ, start_response):
    global requests
    with lock:
        requests += 1
        number = requests
    body = 'pid=%d thread=%d group=%r/%r requests=%d\n' % (
        os.getpid(), environ['mod_wsgi.thread_id'], mod_wsgi.application_group,
        environ['mod_wsgi.application_group'], number)
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', str(len(body)))])
    return [body.encode()]
