# SPDX-License-Identifier: Apache-2.0
# Reads 64 KiB of the body, waits until the file named by the query string exists, then reads the rest.
import os
import time


def application(environ, start_response):
    stream = environ['wsgi.input']
    count = len(stream.read(65536))
    while not os.path.exists(environ['QUERY_STRING']):
        time.sleep(0.01)
    while True:
        block = stream.read(65536)
        if not block:
            break
        count += len(block)
    body = b'%d' % count
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', str(len(body)))])
    return [body]
