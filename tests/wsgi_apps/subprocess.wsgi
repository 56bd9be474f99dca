# SPDX-License-Identifier: Apache-2.0
# Runs a program and gives its output.
import subprocess


def application(environ, start_response):
    body = subprocess.run(['/bin/echo', 'from a child'], stdout=subprocess.PIPE, check=True).stdout
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', str(len(body)))])
    return [body]
