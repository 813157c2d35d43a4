"""A real nginx in front of one server, set up as our manual says and no more."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.ports import free_ports, is_open
from tests.support.require import require_server

_CONFIG = """
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/tmp; proxy_temp_path {folder}/tmp; fastcgi_temp_path {folder}/tmp;
  uwsgi_temp_path {folder}/tmp; scgi_temp_path {folder}/tmp;
  gzip on;
  gzip_types application/json;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://127.0.0.1:{upstream};
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      {extra}
    }}
  }}
}}
"""


@contextmanager
def proxying_nginx(folder: Path, upstream: int, extra: str = "") -> Iterator[int]:
    """The port of an nginx that passes all on to the port `upstream` of loopback."""
    binary = require_server("nginx", "streams through a web server in front")
    (folder / "tmp").mkdir()
    (port,) = free_ports(1)
    user = "user root;" if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(
        _CONFIG.format(folder=folder, port=port, upstream=upstream, user=user, extra=extra), "utf-8"
    )
    process = subprocess.Popen([binary, "-c", config, "-e", folder / "error.log"])
    try:
        until = time.monotonic() + 10
        while not is_open(port):
            assert process.poll() is None, (folder / "error.log").read_text("utf-8")
            assert time.monotonic() < until
        yield port
    finally:
        process.terminate()
        process.wait(10)
