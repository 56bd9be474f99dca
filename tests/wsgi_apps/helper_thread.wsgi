# SPDX-License-Identifier: Apache-2.0
# Reads the body on a helper thread, as adapters to other interfaces do.
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(2)


def application(environ, start_response):
    body = pool.submit(environ['wsgi.input'].read).result()
    start_response('200 OK', [('Content-Type', 'application/octet-stream'),
                              ('Content-Length', str(len(body)))])
    return [body]
