# SPDX-License-Identifier: Apache-2.0
# Query string SIGNAL[,after]: the process kills itself, before the head or after the first piece.
import os


def application(environ, start_response):
    number, _, when = (environ['QUERY_STRING'] or '9').partition(',')
    if when == 'after':
        start_response('200 OK', [('Content-Type', 'text/plain')])
        yield b'first\n'
        yield b'second\n'
    os.kill(os.getpid(), int(number))
    yield b'never\n'
