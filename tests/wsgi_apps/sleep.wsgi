# SPDX-License-Identifier: Apache-2.0
# Query string N: answers after N milliseconds without the GIL.
import time


def application(environ, start_response):
    time.sleep(int(environ['QUERY_STRING'] or 50) / 1000)
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', '6')])
    return [b'slept\n']
