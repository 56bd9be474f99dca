# SPDX-License-Identifier: Apache-2.0
# Returns str where bytes are due.
def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return ['text']
