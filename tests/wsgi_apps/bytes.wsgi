# SPDX-License-Identifier: Apache-2.0
# Query string N: N bytes in pieces of 64 KiB, without Content-Length.
def application(environ, start_response):
    left = int(environ['QUERY_STRING'] or 1024)
    start_response('200 OK', [('Content-Type', 'application/octet-stream')])
    piece = b'x' * 65536
    while left > 0:
        yield piece[:left]
        left -= len(piece)
