# SPDX-License-Identifier: Apache-2.0
# Never calls start_response.
def application(environ, start_response):
    return [b'body']
