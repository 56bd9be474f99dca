# SPDX-License-Identifier: Apache-2.0
# Both programs, the script that starts them, and the example site.
#
#   docker build -t gatehouse .
#   docker run --rm -p 8443:8443 -p 8080:8080 gatehouse                                the example
#   docker run --rm -p 8443:8443 -v $PWD:/app:ro gatehouse                             your wsgi.py
#   docker run --rm -p 443:443 -p 80:80 -v $PWD/site.conf:/etc/gatehouse/site.conf:ro -v $PWD:/srv:ro gatehouse
#
# The package names stand in ./gatehouse, in one place for the image and for a developer's machine.

FROM debian:bookworm-slim AS build
ENV DEBIAN_FRONTEND=noninteractive
WORKDIR /src
COPY gatehouse ./
RUN apt-get update && apt-get install -y --no-install-recommends $(sh ./gatehouse packages build) \
    && rm -rf /var/lib/apt/lists/*
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY base base
COPY proxy proxy
COPY appserver appserver
RUN --mount=type=cache,target=/root/.cache/ccache \
    cmake --preset release -D GH_TESTS=OFF \
    && cmake --build --preset release --target gatehouse-proxy gatehouse-appserver \
    && strip --strip-debug build/release/bin/gatehouse-proxy build/release/bin/gatehouse-appserver

FROM debian:bookworm-slim
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Gatehouse" \
      org.opencontainers.image.description="Runs Apache/mod_wsgi virtual hosts unchanged: TLS, HTTP/2, static files, WSGI" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="docker.io/library/debian:bookworm-slim"
COPY gatehouse /usr/bin/gatehouse
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        $(gatehouse packages image) $(gatehouse packages run) \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 65532 gatehouse \
    && useradd --uid 65532 --gid 65532 --no-create-home --home-dir /run/gatehouse --shell /usr/sbin/nologin gatehouse \
    && mkdir -p /etc/gatehouse /app \
    && install -d -o gatehouse -g gatehouse -m 0750 /run/gatehouse
COPY docs/examples /usr/share/gatehouse/examples
COPY LICENSE /usr/share/doc/gatehouse/copyright
COPY --from=build /src/build/release/bin/gatehouse-proxy /src/build/release/bin/gatehouse-appserver /usr/libexec/gatehouse/
# Without bytecode files beside the sources (the root is read-only), and logs as they are written.
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 65532:65532
WORKDIR /app
# The one folder that is written to: sockets, the made certificate, temporary files. A volume, so that `--read-only` needs
# nothing more; a tmpfs does as well.
VOLUME /run/gatehouse
EXPOSE 8080 8443 9117 9118
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 CMD ["gatehouse", "healthcheck"]
ENTRYPOINT ["/usr/bin/tini", "--", "/usr/bin/gatehouse"]
CMD ["up"]
