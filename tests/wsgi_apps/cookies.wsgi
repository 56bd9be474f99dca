# SPDX-License-Identifier: Apache-2.0
# Two Set-Cookie fields stay two.
def application(environ, start_response):
    start_response('200 OK', [('Set-Cookie', 'a=1'), ('Content-Type', 'text/plain'), ('Set-Cookie', 'b=2')])
    return [b'ok\n']
