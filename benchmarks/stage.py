"""The setting of a measurement: nginx as a target that counts requests, and the product."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.product import HOST, free_port
from tests.support.certificates import Authority


@dataclass(frozen=True, slots=True)
class Site:
    """nginx, plain and TLS, with an access log to count by."""

    folder: Path
    plain: int
    tls: int

    def url(self, *, is_tls: bool) -> str:
        return f"https://{HOST}:{self.tls}/" if is_tls else f"http://{HOST}:{self.plain}/"

    def count(self) -> int:
        with (self.folder / "access.log").open("rb") as log:
            return sum(1 for _ in log)


def product_config(
    site: Site,
    *,
    checks: int,
    interval: int,
    components: int,
    is_tls: bool,
    page: int,
    ops: int,
    console: int = 0,
) -> str:
    """Checks over the site, spread over components, ten components a service. Every role listens
    where nothing else does."""
    settings = f", settings: {{ca_file: {site.folder / 'ca.pem'}}}" if is_tls else ""
    lines = [
        "page:", "  name: Banco", "  company: Prueba", f"  url: http://{HOST}",
        f"  listen: {HOST}:{page}", "timezone: America/Argentina/Buenos_Aires",
        "terms: [{id: default, guarantee: '0.9989'}]",
        f"operations: {{listen: '{HOST}:{ops}', history: '{HOST}:{free_port()}', "
        f"console: {{listen: '{HOST}:{console or free_port()}'}}}}",
        f"defaults: {{interval: {interval}s, timeout: 5s}}", "services:",
    ]  # fmt: skip
    each = f"probe: http, target: '{site.url(is_tls=is_tls)}'{settings}"
    for part in range(components):
        own_checks = ", ".join(f"{{id: k{n}, {each}}}" for n in range(part, checks, components))
        if part % 10 == 0:
            lines += [f"  - id: s{part}", f"    name: S{part}", "    components:"]
        lines.append(f"      - {{id: c{part}, name: C{part}, checks: [{own_checks}]}}")
    return "\n".join(lines) + "\n"


def stored(data: Path) -> int:
    with contextlib.closing(sqlite3.connect(data / "results.db")) as log:
        return int(log.execute("SELECT count(*) FROM result WHERE outcome = 'up'").fetchone()[0])


@contextlib.contextmanager
def running(argv: list[str], log: object) -> Iterator[int]:
    process = subprocess.Popen(argv, stdout=log, stderr=log)  # type: ignore[call-overload]
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


@contextlib.contextmanager
def site(folder: Path) -> Iterator[Site]:
    authority = Authority()
    (folder / "ca.pem").write_bytes(authority.ca_pem())
    authority.good().write(folder, "cert")
    new_site = Site(folder, free_port(), free_port())
    config = folder / "nginx.conf"
    config.write_text(
        f"worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
        "events { worker_connections 1024; }\n"
        f"http {{ access_log {folder}/access.log; client_body_temp_path {folder};\n"
        f" server {{ listen {HOST}:{new_site.plain}; return 200 'ok'; }}\n"
        f" server {{ listen {HOST}:{new_site.tls} ssl; ssl_certificate {folder}/cert.pem;\n"
        f"  ssl_certificate_key {folder}/cert.key; ssl_session_tickets off;\n"
        "  ssl_protocols TLSv1.2 TLSv1.3;\n"
        "  return 200 'ok'; } }\n"
    )
    process = subprocess.Popen(["nginx", "-c", str(config)])
    time.sleep(0.5)
    try:
        yield new_site
    finally:
        process.terminate()
        process.wait(10)
