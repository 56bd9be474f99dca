# SPDX-License-Identifier: Apache-2.0
# Uses the write callable, then returns one piece more.
def application(environ, start_response):
    write = start_response('200 OK', [('Content-Type', 'text/plain')])
    write(b'written\n')
    write(b'')
    return [b'returned\n']
