# SPDX-License-Identifier: Apache-2.0
# Gives the request body back piece by piece while it is read.
def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'application/octet-stream')])
    return iter(lambda: environ['wsgi.input'].read(65536), b'')
