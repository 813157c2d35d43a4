"""A real nginx: plain HTTP, and TLS in every quality."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from tests.support.certificates import Authority, Issued, self_signed
from tests.support.patience import PATIENCE_S
from tests.support.ports import free_ports, is_open
from tests.support.require import require_server

QUALITIES = ("good", "expired", "self_signed", "wrong_host", "incomplete_chain", "expiring")
_ATTEMPTS = 5

_HEAD = """
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 256; }}
http {{
  access_log {folder}/access.log;
  client_body_temp_path {folder}/tmp; proxy_temp_path {folder}/tmp; fastcgi_temp_path {folder}/tmp;
  uwsgi_temp_path {folder}/tmp; scgi_temp_path {folder}/tmp;
  default_type text/plain;
"""
_SITE = """
  server {{
    listen 127.0.0.1:{port}{tls};
    {certificate}
    root {folder}/www;
    location = / {{ return 200 'hola mundo\\n'; }}
    location = /status.json {{
      default_type application/json;
      return 200 '{{"status": "ok", "checks": [{{"name": "db", "up": true}}], "load": 0.5}}';
    }}
    location = /500 {{ return 500 'boom'; }}
    location = /204 {{ return 204; }}
    location = /to {{ return 302 /; }}
    location = /loop {{ return 302 /loop; }}
    location = /post {{ if ($request_method != POST) {{ return 405; }} return 201 'made'; }}
    location /private/ {{ auth_basic x; auth_basic_user_file {folder}/users; }}
    location /packed/ {{ gzip on; gzip_min_length 1; gzip_types text/plain; }}
  }}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nginx:
    """Where it listens: `http` the plain port, `https` one port a quality of certificate."""

    http: int
    https: MappingProxyType[str, int]
    ca_file: Path
    folder: Path

    @property
    def www(self) -> Path:
        return self.folder / "www"


@contextmanager
def running_nginx(folder: Path) -> Iterator[Nginx]:
    """An nginx of its own in an empty folder, ended on leaving."""
    binary = require_server("nginx", "HTTP and TLS against a real server")
    certificates = _write_certificates(folder)
    log = folder / "start.log"
    for _ in range(_ATTEMPTS):
        ports = free_ports(1 + len(QUALITIES))
        config = _write_config(folder, ports, certificates)
        with log.open("wb") as out:
            process = subprocess.Popen(
                [binary, "-c", config, "-e", folder / "error.log"], stdout=out, stderr=out
            )
        if _is_up(process, ports):
            break
    else:
        raise RuntimeError(f"nginx did not start: {log.read_text('utf-8')}")
    try:
        yield Nginx(
            http=ports[0],
            https=MappingProxyType(dict(zip(QUALITIES, ports[1:], strict=True))),
            ca_file=folder / "ca.pem",
            folder=folder,
        )
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _write_certificates(folder: Path) -> dict[str, tuple[Path, Path]]:
    authority = Authority()
    made: dict[str, Issued] = {
        "good": authority.good(),
        "expired": authority.expired(),
        "self_signed": self_signed(),
        "wrong_host": authority.wrong_host(),
        "incomplete_chain": authority.incomplete_chain(),
        "expiring": authority.good(days=3),
    }
    (folder / "ca.pem").write_bytes(authority.ca_pem())
    return {name: issued.write(folder, name) for name, issued in made.items()}


def _write_config(
    folder: Path, ports: list[int], certificates: dict[str, tuple[Path, Path]]
) -> Path:
    for name in ("tmp", "www", "www/private", "www/packed"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "www/private/index.html").write_text("dentro\n", "utf-8")
    (folder / "www/packed/page.txt").write_text("hola mundo\n" * 100, "utf-8")
    (folder / "users").write_text("probe:{PLAIN}hunter2\n", "utf-8")
    user = "user root;" if os.geteuid() == 0 else ""
    text = _HEAD.format(folder=folder, user=user)
    text += _SITE.format(folder=folder, port=ports[0], tls="", certificate="")
    for name, port in zip(QUALITIES, ports[1:], strict=True):
        chain, key = certificates[name]
        lines = (
            f"ssl_certificate {chain}; ssl_certificate_key {key}; ssl_protocols TLSv1.2 TLSv1.3;"
        )
        text += _SITE.format(folder=folder, port=port, tls=" ssl", certificate=lines)
    config = folder / "nginx.conf"
    config.write_text(text + "}\n", "utf-8")
    return config


def _is_up(process: subprocess.Popen[bytes], ports: list[int]) -> bool:
    """Whether every port answers before the process ends or ten seconds have gone."""
    until = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < until:
        if all(map(is_open, ports)):
            return True
        time.sleep(0.02)
    if process.poll() is None:
        process.terminate()
    process.wait(PATIENCE_S)
    return False
