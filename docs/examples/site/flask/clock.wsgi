# SPDX-License-Identifier: Apache-2.0
"""A Flask application under a prefix of its own: a clock that streams, and what the server told us."""
import os
import time

from flask import Flask, Response, jsonify, render_template_string, request

application = Flask(__name__)

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Flask at {{ request.script_root }}</title>
<link rel="stylesheet" href="/static/style.css"></head>
<body><header><div class="wrap"><h1>Flask at <code>{{ request.script_root }}</code></h1>
<p>Another application, another group of processes, one virtual host.</p></div></header>
<main class="wrap"><section class="card"><h2>Try</h2><ul>
<li><a href="{{ url_for('facts') }}">what the server says about this request</a></li>
<li><a href="{{ url_for('ticks') }}">five ticks of a clock, one a second, as they happen</a></li>
<li><a href="/">back to Django</a></li></ul></section></main></body></html>"""


@application.get("/")
def index():
    return render_template_string(PAGE)


@application.get("/facts")
def facts():
    environ = request.environ
    names = ("wsgi.url_scheme", "SERVER_PROTOCOL", "SERVER_PORT", "REMOTE_ADDR", "SCRIPT_NAME", "PATH_INFO",
             "wsgi.multithread", "wsgi.multiprocess", "mod_wsgi.process_group", "mod_wsgi.application_group")
    return jsonify(pid=os.getpid(), url=request.url, **{name: environ.get(name) for name in names})


@application.get("/ticks")
def ticks():
    def lines():
        for number in range(5):
            yield f"tick {number + 1} at {time.strftime('%H:%M:%S')}\n"
            time.sleep(1)
    return Response(lines(), mimetype="text/plain")
