# Two stages: the first builds the wheel and the environment, the second carries them alone.
# The image was not built where this file was written (no container engine there); the wheel it
# installs is built, installed and started from another folder by the tests.

FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY requirements/base.lock requirements/base.lock
RUN python -m venv /opt/estado \
    && /opt/estado/bin/python -m pip install --no-cache-dir --require-hashes -r requirements/base.lock
COPY . .
RUN /opt/estado/bin/python -m pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
RUN useradd --system --create-home --home-dir /var/lib/estado estado
COPY --from=build /opt/estado /opt/estado
COPY config/services.yaml /etc/estado/services.yaml
ENV PATH=/opt/estado/bin:$PATH PYTHONUNBUFFERED=1
USER estado
VOLUME /var/lib/estado
EXPOSE 8080
ENTRYPOINT ["estado"]
CMD ["run", "--config", "/etc/estado/services.yaml", "--data-dir", "/var/lib/estado"]
