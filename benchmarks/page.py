"""What a page view costs: the page role beside nginx, the same bytes, in pairs.

    python -m benchmarks.page [--pairs 5] [--requests 3000]

Both serve a home page of 100 components over loopback to the same client, on open connections, the
server on one core and the client on the other where there are two. What counts is the server's own
CPU (user and system, of its whole process tree). Rounds alternate; the ratio is taken within each
pair and the median given with its spread. Bounded: `pairs` x 2 forms x 2 servers x `requests`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from monitor.domain.availability import Seconds
from monitor.runtime.system_clock import SystemClock
from statuspage.publish.publisher import publish
from statuspage.publish.render import render
from statuspage.view.model import PublicView
from tests.statuspage.builders import component, service, view

PATH = "/es/"
CONNECTIONS = 8
MUST: Mapping[str, float] = {"br": 2.0, "304": 2.5}
MOONSHOT = 1.3
_TICK = os.sysconf("SC_CLK_TCK")
_NGINX = """
daemon off; worker_processes 1; pid {root}/nginx.pid; error_log {root}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000; sendfile on; etag on;
  client_body_temp_path {root}/body; proxy_temp_path {root}/proxy; fastcgi_temp_path {root}/fcgi;
  uwsgi_temp_path {root}/uwsgi; scgi_temp_path {root}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location = {path} {{
      default_type "text/html; charset=utf-8"; add_header Content-Encoding br;
      root {files}; try_files /es/index.html.br =404;
    }}
  }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    name: str
    pid: int
    port: int


def hundred() -> PublicView:
    """A hundred components in ten groups, each with fifteen eventful days of ninety."""
    now = SystemClock().now()
    first = date.fromtimestamp(now) - timedelta(days=89)  # noqa: DTZ012 - any ninety days do

    def happened(seed: int) -> dict[str, Seconds]:
        kinds = (Seconds(down=900), Seconds(degraded=4000), Seconds(unknown=3000))
        days = [(first + timedelta((seed * 7 + i * 5) % 89)).isoformat() for i in range(15)]
        return {day: kinds[i % 3] for i, day in enumerate(days)}

    def group(number: int) -> list[int]:
        return list(range(number * 10, number * 10 + 10))

    return view(
        *(
            service(
                f"g{g}",
                f"Grupo {g}",
                *(component(f"c{n}", f"Servidor {n}", happened=happened(n), now=now)
                  for n in group(g)),
            )
            for g in range(10)
        ),
        now=now,
    )  # fmt: skip


def cpu_us(pid: int) -> float:
    """User and system time of a process and its children, living and reaped, in microseconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = sum(int(ticks) for ticks in fields[11:15]) / _TICK * 1e6
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(cpu_us(int(child)) for child in children)


def drive(server: Server, requests: int, etag: str | None) -> int:
    """Send requests on a few open connections in turn; return the bytes of all bodies received."""
    known = f"If-None-Match: {etag}\r\n" if etag else ""
    request = (
        f"GET {PATH} HTTP/1.1\r\nHost: bench\r\nAccept-Encoding: gzip, br\r\n"
        f"Accept-Language: es-AR,es;q=0.9\r\n{known}\r\n"
    ).encode()
    links = [socket.create_connection(("127.0.0.1", server.port), 5) for _ in range(CONNECTIONS)]
    received = 0
    try:
        for number in range(requests):
            link = links[number % CONNECTIONS]
            link.sendall(request)
            received += _read_answer(link, has_body=etag is None)
    finally:
        for link in links:
            link.close()
    return received


def _read_answer(link: socket.socket, *, has_body: bool) -> int:
    head = b""
    while b"\r\n\r\n" not in head:
        head += _more(link)
    fields, _, body = head.partition(b"\r\n\r\n")
    status = fields.split(b" ", 2)[1]
    if status != (b"200" if has_body else b"304"):
        raise RuntimeError(f"unexpected answer: {fields[:80]!r}")
    if not has_body:
        return 0
    length = next(
        int(line.split(b":")[1])
        for line in fields.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    left = length - len(body)
    while left > 0:
        left -= len(_more(link))
    return length


def _more(link: socket.socket) -> bytes:
    chunk = link.recv(65536)
    if not chunk:
        raise RuntimeError("the server hung up")
    return chunk


def etag_of(server: Server) -> str:
    with socket.create_connection(("127.0.0.1", server.port), 5) as link:
        link.sendall(
            f"HEAD {PATH} HTTP/1.1\r\nHost: b\r\nAccept-Encoding: br\r\nConnection: close\r\n\r\n"
            .encode()
        )  # fmt: skip
        head = b"".join(iter(lambda: link.recv(65536), b"")).decode()
    return next(v.strip() for k, _, v in (h.partition(":") for h in head.split("\r\n"))
                if k.lower() == "etag")  # fmt: skip


def cost(server: Server, requests: int, etag: str | None) -> float:
    """CPU per request in microseconds."""
    before = cpu_us(server.pid)
    drive(server, requests, etag)
    return (cpu_us(server.pid) - before) / requests


@contextmanager
def started(name: str, argv: list[str], port: int, core: int) -> Iterator[Server]:
    process = subprocess.Popen(argv, stderr=subprocess.DEVNULL)
    try:
        os.sched_setaffinity(process.pid, {core})
        _wait_for(port)
        for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
            os.sched_setaffinity(int(child), {core})
        yield Server(name=name, pid=process.pid, port=port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def both(root: Path) -> Iterator[tuple[Server, Server]]:
    """The page role as users start it, and nginx over its published bytes."""
    shown = hundred()
    # A day of freshness: the measurement is of the fresh form.
    publish(root / "published", render(shown), shown.at, 86_400)
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        raise SystemExit("nginx is missing: there is nothing to compare with")
    page_port, nginx_port = free_port(), free_port()
    files = (root / "published/current").resolve() / "fresh"
    conf = root / "nginx.conf"
    conf.write_text(_NGINX.format(root=root, port=nginx_port, path=PATH, files=files))
    # So that a worker that runs as nobody can read it.
    root.chmod(0o755)
    page = [sys.executable, "-m", "monitor.roles.page", "--data-dir", str(root),
            "--host", "127.0.0.1", "--port", str(page_port)]  # fmt: skip
    core = max(os.sched_getaffinity(0))
    with (
        started("page", page, page_port, core) as ours,
        started("nginx", [nginx, "-c", str(conf), "-p", str(root)], nginx_port, core) as theirs,
    ):
        yield ours, theirs


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--requests", type=int, default=3000)
    given = parser.parse_args()
    cores = os.sched_getaffinity(0)
    with tempfile.TemporaryDirectory() as folder, both(Path(folder)) as servers:
        if len(cores) > 1:
            os.sched_setaffinity(0, {min(cores)})
        sizes = {server.name: drive(server, 1, None) for server in servers}
        if len(set(sizes.values())) != 1:
            raise SystemExit(f"they serve different bytes: {sizes}")
        print(f"{sizes['page']} bytes of brotli, {given.requests} requests a round")
        for form in ("br", "304"):
            tags = {s.name: etag_of(s) if form == "304" else None for s in servers}
            rounds = []
            for server in servers:
                drive(server, 200, tags[server.name])
            for number in range(given.pairs):
                order = servers if number % 2 == 0 else servers[::-1]
                us = {s.name: cost(s, given.requests, tags[s.name]) for s in order}
                rounds.append((us["page"], us["nginx"]))
            _report(form, rounds)
    return 0


def _report(form: str, rounds: list[tuple[float, float]]) -> None:
    ratios = sorted(page / nginx for page, nginx in rounds)
    page, nginx = (statistics.median(side) for side in zip(*rounds, strict=True))
    print(
        f"{form:>4}: page {page:6.1f} us, nginx {nginx:6.1f} us, ratio "
        f"{statistics.median(ratios):.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f}); "
        f"must {MUST[form]}, moonshot {MOONSHOT}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
