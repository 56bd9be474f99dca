# SPDX-License-Identifier: Apache-2.0
# Query string COUNT,MILLISECONDS: one line, a pause, and so on.
import time


def application(environ, start_response):
    count, pause = (int(part) for part in (environ['QUERY_STRING'] or '3,100').split(','))
    start_response('200 OK', [('Content-Type', 'text/plain')])
    for number in range(count):
        yield b'line %d\n' % number
        time.sleep(pause / 1000)
