# SPDX-License-Identifier: Apache-2.0
# Yields an empty piece, which commits nothing, and raises.
def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    yield b''
    raise ValueError('still before the head')
