# Two stages: the first builds the wheel and the environment, the second carries the environment
# alone. Versions are pinned by tag: no registry could be asked for a digest where this was written.
# Put one behind each tag (python:3.11.14-slim-bookworm@sha256:…) once you have pulled it.
#
# The image itself was not built in CI (there is no container engine); the tests build the same
# wheel, check each path below, and run what is run below in a plain folder. See docs/deployment.md.

FROM python:3.11.14-slim-bookworm AS build
WORKDIR /src
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# The dependencies first: they change less often than the product does.
COPY requirements/prod.lock requirements/prod.lock
RUN python -m venv /opt/estado \
    && /opt/estado/bin/python -m pip install --require-hashes -r requirements/prod.lock
COPY pyproject.toml hatch_build.py README.md CHANGELOG.md LICENSE ./
COPY monitor monitor
COPY probes probes
COPY statuspage statuspage
COPY credits credits
COPY templates templates
COPY config config
RUN /opt/estado/bin/python -m pip wheel --no-deps --no-build-isolation --wheel-dir /dist . \
    && /opt/estado/bin/python -m pip install --no-deps --no-index /dist/*.whl \
    && /opt/estado/bin/python -m compileall -q /opt/estado/lib \
    && /opt/estado/bin/python -m pip uninstall --yes hatchling pip

FROM python:3.11.14-slim-bookworm
RUN groupadd --gid 10001 estado \
    && useradd --uid 10001 --gid 10001 --home-dir /var/lib/estado --shell /usr/sbin/nologin estado \
    && install --directory --owner=estado --group=estado --mode=0750 /var/lib/estado
COPY --from=build /opt/estado /opt/estado
ENV PATH=/opt/estado/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
VOLUME /var/lib/estado
EXPOSE 8080 9090 9092
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-m", "monitor.roles.health", "--data-dir", "/var/lib/estado"]
# SIGTERM ends the roles in order and waits for their last commit.
STOPSIGNAL SIGTERM
ENTRYPOINT ["estado"]
# The configuration is mounted there: an image without one says so and ends.
CMD ["run", "--config", "/etc/estado/services.yaml", "--data-dir", "/var/lib/estado"]
