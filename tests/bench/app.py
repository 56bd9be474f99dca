# SPDX-License-Identifier: Apache-2.0
"""The application that every stack of the benchmark serves: it does next to nothing, so what is measured is the way."""
import time

TEN_KIB = b"x" * (10 * 1024)
CHUNK = b"y" * (16 * 1024)


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/hello":
        body = [b"Hello, World!"]
    elif path == "/10k":
        body = [TEN_KIB]
    elif path == "/stream":
        start_response("200 OK", [("Content-Type", "application/octet-stream"), ("Content-Length", str(64 * len(CHUNK)))])
        return (CHUNK for _ in range(64))
    elif path == "/post":
        count = 0
        stream = environ["wsgi.input"]
        left = int(environ.get("CONTENT_LENGTH") or 0)
        while left > 0:
            data = stream.read(min(left, 65536))
            if not data:
                break
            left -= len(data)
            count += len(data)
        body = [b"%d" % count]
    elif path == "/sleep":
        time.sleep(0.05)
        body = [b"slept"]
    else:
        start_response("404 Not Found", [("Content-Length", "0")])
        return []
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body[0])))])
    return body
