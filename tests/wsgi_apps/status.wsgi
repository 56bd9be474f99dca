# SPDX-License-Identifier: Apache-2.0
# The query string, percent-decoded, is the status.
from urllib.parse import unquote


def application(environ, start_response):
    start_response(unquote(environ['QUERY_STRING']), [('Content-Type', 'text/plain')])
    return [b'body\n']
