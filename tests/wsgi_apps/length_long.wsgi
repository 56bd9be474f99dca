# SPDX-License-Identifier: Apache-2.0
# Announces 5 bytes and yields 8.
def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', '5')])
    return iter([b'1234', b'5678'])
