# SPDX-License-Identifier: Apache-2.0
# Yields one piece and raises.
def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    yield b'x'
    raise ValueError('after the head')
