# SPDX-License-Identifier: Apache-2.0
# Query string N: computes for N milliseconds, holding the GIL as Python code does.
import time


def application(environ, start_response):
    until = time.monotonic() + int(environ['QUERY_STRING'] or 50) / 1000
    while time.monotonic() < until:
        pass
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', '5')])
    return [b'spun\n']
