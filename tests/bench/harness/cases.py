# SPDX-License-Identifier: Apache-2.0
"""What is measured, and on which stacks."""
import dataclasses

DAEMON = ("gatehouse", "apache-daemon", "nginx-uwsgi", "gunicorn")
FILES = ("gatehouse", "apache-daemon", "nginx-uwsgi")
SECURE = ("gatehouse-appliance", "apache-daemon", "nginx-uwsgi")


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    title: str
    path: str
    length: int
    connections: int
    stacks: tuple
    protocol: str = "http"  # http, https or h2
    streams: int = 1
    post: bool = False
    mix: bool = False

    def url(self, stack):
        scheme = "http" if self.protocol == "http" else "https"
        return f"{scheme}://127.0.0.1:{stack.ports[scheme]}{self.path}"


ALL = (
    Case("hello-64", "WSGI hello, 13 bytes, 64 connections", "/hello", 13, 64, DAEMON + ("gatehouse-2x1",)),
    Case("hello-8", "WSGI hello, 8 connections", "/hello", 13, 8, DAEMON),
    Case("hello-1", "WSGI hello, 1 connection", "/hello", 13, 1, DAEMON),
    Case("embedded-64", "WSGI hello, embedded, 64 connections", "/hello", 13, 64,
         ("gatehouse-embedded", "apache-embedded")),
    Case("sleepers", "hello beside 5 % of requests that sleep 50 ms, 16 connections (latencies: of the fast ones)",
         "/hello", 13, 16, DAEMON, mix=True),
    Case("10k", "WSGI 10 KiB, 64 connections", "/10k", 10240, 64, DAEMON),
    Case("stream", "WSGI 1 MiB in 64 pieces, 16 connections", "/stream", 1 << 20, 16, DAEMON),
    Case("post-64k", "POST of 64 KiB, 64 connections", "/post", 5, 64, DAEMON, post=True),
    Case("static-1k", "file of 1 KiB, 64 connections", "/static/1k.bin", 1024, 64, FILES),
    Case("static-100k", "file of 100 KiB, 64 connections", "/static/100k.bin", 102400, 64, FILES),
    Case("static-10m", "file of 10 MiB, 8 connections", "/static/10m.bin", 10 << 20, 8, FILES),
    Case("https-hello", "WSGI hello over TLS, HTTP/1.1, 64 connections", "/hello", 13, 64, SECURE, "https"),
    Case("h2-hello", "WSGI hello over HTTP/2, 16 connections x 4 streams", "/hello", 13, 16, SECURE, "h2", 4),
    Case("h2-10k", "WSGI 10 KiB over HTTP/2, 16 connections x 4 streams", "/10k", 10240, 16, SECURE, "h2", 4),
    Case("https-static-100k", "file of 100 KiB over TLS, HTTP/1.1, 16 connections", "/static/100k.bin", 102400, 16,
         SECURE, "https"),
)
