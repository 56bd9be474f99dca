# SPDX-License-Identifier: Apache-2.0
# Announces 8 bytes and yields 5.
def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', '8')])
    return iter([b'12345'])
