# SPDX-License-Identifier: Apache-2.0
# Query string N: yields N MiB in pieces of 64 KiB, without Content-Length.
def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'application/octet-stream')])
    piece = b'b' * 65536
    for _ in range(int(environ['QUERY_STRING'] or 1) * 16):
        yield piece
