# SPDX-License-Identifier: Apache-2.0
# Sends this script through wsgi.file_wrapper. Query string OFFSET[,LENGTH]: from there, with that Content-Length.
def application(environ, start_response):
    offset, _, length = environ['QUERY_STRING'].partition(',')
    file = open(__file__, 'rb')
    file.seek(int(offset or 0))
    headers = [('Content-Type', 'text/plain')]
    if length:
        headers.append(('Content-Length', length))
    start_response('200 OK', headers)
    return environ['wsgi.file_wrapper'](file)
