# SPDX-License-Identifier: Apache-2.0
# Counts calls of close(); query string `raise` fails on the way, `count` tells the number.
closed = 0


class Body:
    def __init__(self, fail):
        self.fail = fail

    def __iter__(self):
        yield b'one\n'
        if self.fail:
            raise ValueError('on the way')
        yield b'two\n'

    def close(self):
        global closed
        closed += 1


def application(environ, start_response):
    query = environ['QUERY_STRING']
    start_response('200 OK', [('Content-Type', 'text/plain')])
    if query == 'count':
        return [b'%d\n' % closed]
    return Body(query == 'raise')
