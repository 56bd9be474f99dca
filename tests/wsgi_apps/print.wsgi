# SPDX-License-Identifier: Apache-2.0
# Says something on every stream.
import sys

print('at import')


def application(environ, start_response):
    print('on stdout')
    print('on stderr', file=sys.stderr)
    print('on wsgi.errors', file=environ['wsgi.errors'])
    environ['wsgi.errors'].write('half a line')
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', '5')])
    return [b'said\n']
