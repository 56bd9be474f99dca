# SPDX-License-Identifier: Apache-2.0
# The environ, one `key type repr(value)` a line, sorted.
def application(environ, start_response):
    lines = ['%s %s %r\n' % (key, type(value).__name__, value) for key, value in sorted(environ.items())]
    body = ''.join(lines).encode('utf-8', 'backslashreplace')
    start_response('200 OK', [('Content-Type', 'text/plain; charset=utf-8'),
                              ('Content-Length', str(len(body)))])
    return [body]
