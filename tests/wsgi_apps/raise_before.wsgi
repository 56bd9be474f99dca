# SPDX-License-Identifier: Apache-2.0
# Raises before start_response.
def application(environ, start_response):
    raise ValueError('before the head')
