# SPDX-License-Identifier: Apache-2.0
"""The stacks that are compared: each with two workers or fronts and an application of 2 processes x 15 threads,
keep-alive without a limit, no access log, on ports of the loopback interface."""
import pathlib
import shutil
import socket

from . import processes

HERE = pathlib.Path(__file__).resolve().parent.parent
MODULES = "/usr/lib/apache2/modules"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Stack:
    """`ports`: scheme -> port. `trees`: what was started, in order."""

    name = ""
    schemes = ("http",)
    has_static = True
    needs = ()  # programs that must be there

    def __init__(self, folder, site, binaries):
        self.folder = folder / self.name
        self.folder.mkdir(parents=True)
        self.folder.chmod(0o755)
        self.site = site
        self.binaries = binaries
        self.ports = {scheme: free_port() for scheme in self.schemes}
        self.trees = []

    def available(self):
        return all(shutil.which(program) for program in self.needs)

    def start(self):
        self.launch()
        for port in self.ports.values():
            processes.wait_until(lambda p=port: self.answers(p), f"{self.name} on port {port}; see {self.folder}")

    def answers(self, port):
        for tree in self.trees:
            if not tree.alive():
                raise RuntimeError(f"{self.name} ended: {pathlib.Path(tree.log).read_text()[-2000:]}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            return False

    def run(self, *command, env=None):
        self.trees.append(processes.Tree([str(word) for word in command], self.folder / "log", env, self.folder))

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def stop(self):
        for tree in reversed(self.trees):
            tree.stop()

    def cpu_seconds(self):
        return sum(tree.cpu_seconds() for tree in self.trees)

    def switches(self):
        return sum(tree.switches() for tree in self.trees)

    def members(self):
        return [pid for tree in self.trees for pid in tree.members()]

    def pss_bytes(self):
        pairs = [tree.pss_bytes(self.is_application) for tree in self.trees]
        return sum(p[0] for p in pairs), sum(p[1] for p in pairs)

    @staticmethod
    def is_application(command):
        return "wsgi:b" in command  # Apache writes the name over its argv[0], and cuts it there


class Apache(Stack):
    schemes = ("http", "https")
    needs = ("apache2",)
    delegation = "WSGIDaemonProcess bench processes=2 threads=15 display-name=%{GROUP}\nWSGIProcessGroup bench\n"

    def launch(self):
        loads = "".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so\n" for name in
                        ("mpm_event", "authz_core", "alias", "mime", "ssl", "http2", "wsgi"))
        conf = f"""ServerRoot {self.folder}
PidFile {self.folder}/pid
{loads}ServerName localhost
User www-data
Group www-data
Listen 127.0.0.1:{self.ports['http']}
Listen 127.0.0.1:{self.ports['https']}
StartServers 2
ServerLimit 2
ThreadsPerChild 64
MaxRequestWorkers 128
MinSpareThreads 1
MaxSpareThreads 128
AsyncRequestWorkerFactor 10
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 60
TypesConfig /etc/mime.types
ErrorLog {self.folder}/error.log
WSGISocketPrefix {self.folder}/wsgi
WSGIApplicationGroup %{{GLOBAL}}
{self.delegation}WSGIScriptAlias / {HERE}/app.py
Alias /static/ {self.site.static}/
<Directory />
  Options FollowSymLinks
  AllowOverride None
  Require all granted
</Directory>
<VirtualHost *:{self.ports['https']}>
  SSLEngine on
  SSLCertificateFile {self.site.certificate}
  SSLCertificateKeyFile {self.site.key}
  Protocols h2 http/1.1
</VirtualHost>
"""
        self.run("apache2", "-f", self.write("apache.conf", conf), "-DFOREGROUND")


class ApacheDaemon(Apache):
    name = "apache-daemon"


class ApacheEmbedded(Apache):
    # Keeps its 64 threads a process: with 15 Apache closes keep-alive connections when all are busy, and the row would
    # measure connecting.
    name = "apache-embedded"
    delegation = ""

    @staticmethod
    def is_application(command):
        return False  # Python is in every process


class NginxUwsgi(Stack):
    name = "nginx-uwsgi"
    schemes = ("http", "https")
    needs = ("nginx", "uwsgi")

    def launch(self):
        sock = self.folder / "uwsgi.sock"
        self.run("uwsgi", "--plugin", "python3", "--master", "--processes", 2, "--threads", 15, "--listen", 1024,
                 "--socket", sock, "--chmod-socket=666", "--wsgi-file", HERE / "app.py", "--disable-logging",
                 "--procname-prefix-spaced", "wsgi:bench", "--die-on-term", "--need-app")
        processes.wait_until(sock.exists, f"uwsgi; see {self.folder}")
        conf = f"""daemon off;
worker_processes 2;
pid {self.folder}/nginx.pid;
error_log {self.folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  include /etc/nginx/mime.types;
  access_log off;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_requests 100000000;
  keepalive_timeout 60s;
  open_file_cache max=1000 inactive=60s;
  client_body_temp_path {self.folder}/body;
  proxy_temp_path {self.folder}/proxy;
  uwsgi_temp_path {self.folder}/uwsgi;
  fastcgi_temp_path {self.folder}/fastcgi;
  scgi_temp_path {self.folder}/scgi;
  client_body_buffer_size 128k;
  server {{
    listen 127.0.0.1:{self.ports['http']} backlog=1024;
    listen 127.0.0.1:{self.ports['https']} ssl http2 backlog=1024;
    ssl_certificate {self.site.certificate};
    ssl_certificate_key {self.site.key};
    location /static/ {{ alias {self.site.static}/; }}
    location / {{ include /etc/nginx/uwsgi_params; uwsgi_pass unix:{sock}; }}
  }}
}}
"""
        self.run("nginx", "-e", self.folder / "error.log", "-c", self.write("nginx.conf", conf))


class Gunicorn(Stack):
    name = "gunicorn"
    has_static = False
    needs = ("gunicorn",)

    def launch(self):
        self.run("/usr/bin/gunicorn", "--chdir", HERE, "--bind", f"127.0.0.1:{self.ports['http']}", "--workers", 2,
                 "--threads", 15, "--worker-class", "gthread", "--keep-alive", 60, "app:application")

    @staticmethod
    def is_application(command):
        return True


class AppServer(Stack):
    """Our app server alone, plain HTTP, the application in daemon processes."""

    name = "gatehouse"
    threads = 15

    @property
    def delegation(self):
        return (f"WSGIDaemonProcess bench processes=2 threads={self.threads} display-name=%{{GROUP}}\n"
                "WSGIProcessGroup bench\n")

    def configuration(self):
        return f"""MaxKeepAliveRequests 0
KeepAliveTimeout 60
WSGIApplicationGroup %{{GLOBAL}}
{self.delegation}WSGIScriptAlias / {HERE}/app.py
Alias /static/ {self.site.static}/
<Directory />
  Require all granted
</Directory>
"""

    def launch(self):
        conf = self.write("site.conf", f"Listen 127.0.0.1:{self.ports['http']}\n" + self.configuration())
        self.run(self.binaries / "gatehouse-appserver", "run", "-f", conf, "-c",
                 f"AdminListen unix:{self.folder}/admin.sock")


class AppServerEmbedded(AppServer):
    name = "gatehouse-embedded"
    delegation = ""

    @staticmethod
    def is_application(command):
        return False


class AppServerOneThread(AppServer):
    name = "gatehouse-2x1"
    threads = 1


class Appliance(AppServer):
    """Proxy and app server together, as `gatehouse up` runs them."""

    name = "gatehouse-appliance"
    schemes = ("http", "https")

    def launch(self):
        sock = self.folder / "app.sock"
        conf = self.write("site.conf", f"""Listen 127.0.0.1:{self.ports['http']}
Listen 127.0.0.1:{self.ports['https']}
{self.configuration()}<VirtualHost *:{self.ports['https']}>
  SSLEngine on
  SSLCertificateFile {self.site.certificate}
  SSLCertificateKeyFile {self.site.key}
  Protocols h2 http/1.1
</VirtualHost>
""")
        self.run(self.binaries / "gatehouse-appserver", "run", "-f", conf, "-c", f"BackendListen unix:{sock}", "-c",
                 f"AdminListen unix:{self.folder}/admin.sock")
        processes.wait_until(sock.exists, f"the app server; see {self.folder}")
        self.run(self.binaries / "gatehouse-proxy", "run", "-f", conf, "-c", f"AppServer unix:{sock}", "-c",
                 f"AdminListen unix:{self.folder}/proxy-admin.sock proxy")


ALL = (AppServer, AppServerOneThread, AppServerEmbedded, Appliance, ApacheDaemon, ApacheEmbedded, NginxUwsgi, Gunicorn)
