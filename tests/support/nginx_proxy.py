"""A real nginx in front of one server, set up as our manual says and no more."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.certificates import Authority
from tests.support.patience import PATIENCE_S
from tests.support.ports import free_ports, is_open
from tests.support.require import require_server

_HEAD = """
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
"""
_SERVER = """
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://127.0.0.1:{upstream};
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      {extra}
    }}
  }}
"""
_DOCS = Path(__file__).resolve().parents[2] / "docs"
PUBLIC_HOST = "ops.example.com"
"""As the manual calls it."""


@contextmanager
def proxying_nginx(folder: Path, upstream: int, extra: str = "") -> Iterator[int]:
    """The port of an nginx that passes all on to the port `upstream` of loopback."""
    (port,) = free_ports(1)
    with _running(folder, port, _SERVER.format(port=port, upstream=upstream, extra=extra)):
        yield port


@contextmanager
def manuals_nginx(folder: Path, upstream: int) -> Iterator[int]:
    """The port of an nginx with TLS and HTTP/2 as `docs/console.md` sets it up, word by word but
    for ports and certificate: what is not in the manual is not in the test."""
    (port,) = free_ports(1)
    chain, key = Authority().good([PUBLIC_HOST, "127.0.0.1"]).write(folder, "public")
    with _running(folder, port, _manuals_server(port, upstream, chain, key)):
        yield port


@contextmanager
def caching_nginx(folder: Path, upstream: int) -> Iterator[int]:
    """The port of an nginx as `docs/private-pages.md` sets it up, without TLS. It is told to keep
    whatever it may, for a minute; `X-Cached` says whether it did."""
    (port,) = free_ports(1)
    given = _manuals_block("private-pages.md", 8080, f"listen 127.0.0.1:{port};", upstream)
    keeps = "proxy_cache kept; proxy_cache_valid 200 1m; proxy_ignore_headers Cache-Control;"
    keyed = "proxy_cache_key "
    assert keyed in given
    server = given.replace(keyed, f"{keeps} add_header X-Cached $upstream_cache_status; {keyed}")
    with _running(folder, port, f"proxy_cache_path {folder}/kept keys_zone=kept:1m;\n{server}"):
        yield port


def _manuals_server(port: int, upstream: int, chain: Path, key: Path) -> str:
    tls = f"ssl_certificate {chain}; ssl_certificate_key {key};"
    listens = f"listen 127.0.0.1:{port} ssl http2; {tls}"
    return _manuals_block("console.md", 9092, listens, upstream)


def _manuals_block(name: str, passed_on: int, listens: str, upstream: int) -> str:
    """What that page of the manual says of nginx, where it listens and passes on elsewhere."""
    found = re.search(r"```nginx\n(.*?)```", (_DOCS / name).read_text("utf-8"), re.DOTALL)
    assert found is not None
    said, passes = "listen 443 ssl;", f"proxy_pass http://127.0.0.1:{passed_on};"
    assert said in found[1]
    assert passes in found[1]
    there = found[1].replace(said, listens)
    return there.replace(passes, f"proxy_pass http://127.0.0.1:{upstream};")


@contextmanager
def _running(folder: Path, port: int, server: str) -> Iterator[None]:
    binary = require_server("nginx", "streams through a web server in front")
    (folder / "tmp").mkdir()
    user = "user root;" if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(_HEAD.format(folder=folder, user=user) + server + "}\n", "utf-8")
    process = subprocess.Popen([binary, "-c", config, "-e", folder / "error.log"])
    try:
        until = time.monotonic() + PATIENCE_S
        while not is_open(port):
            assert process.poll() is None, (folder / "error.log").read_text("utf-8")
            assert time.monotonic() < until
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
