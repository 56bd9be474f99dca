# SPDX-License-Identifier: Apache-2.0
# The smallest answer: 13 bytes.
def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', '13')])
    return [b'Hello, World!']
