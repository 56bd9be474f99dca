# SPDX-License-Identifier: Apache-2.0
# Answers without looking at the request body.
def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [b'not read\n']
