# SPDX-License-Identifier: Apache-2.0
# Reads the body in blocks and answers its length and SHA-256.
import hashlib


def application(environ, start_response):
    digest = hashlib.sha256()
    length = 0
    while True:
        block = environ['wsgi.input'].read(65536)
        if not block:
            break
        length += len(block)
        digest.update(block)
    body = ('%d %s\n' % (length, digest.hexdigest())).encode()
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', str(len(body)))])
    return [body]
