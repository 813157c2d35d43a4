"""How many visitors the page serves by itself: wrk beside the page role and beside nginx.

    python -m benchmarks.load [--seconds 30] [--connections 100,1000]

Only the page role runs: no core, prober, store or database. wrk asks as fast as it is answered, on
connections that stay open, from one core; the server has the other one. Forms: the home page in
brotli, the same unchanged (304), `crowd`: pages, the API and pictures in turn, as different
browsers ask for them, and `paced`: the home page with a pause between two requests, so that all
together come to about the rate that is asked for. wrk counts for whoever waited what would have
been asked meanwhile: all arrive at once, and that weighs. Newcomers are clients that connect while
wrk does its worst: how long the first byte takes them. Bounded: forms x connections x servers x
`seconds`.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.page import PATH, Server, both, cpu_us, etag_of

MUST_RATE, MUST_P99_MS = 20_000, 50.0
NEWCOMERS = 50
_ACCEPTED = ("Accept-Encoding: gzip, br", "Accept-Language: es-AR,es;q=0.9")
_CROWD = """
local paths = {"/es/", "/en/", "/historial", "/api/v2/summary.json", "/api/v2/status.json",
               "/componente/c1", "/componente/c2", "/", "/badge.svg", "/badge/c3.svg"}
local agents = {"Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/145.0",
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/143.0",
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Safari/605.1.15",
                "Prometheus/3.0", "curl/8.11.0"}
local languages = {"es-AR,es;q=0.9", "en-GB,en;q=0.9,es;q=0.8", "pt-BR,pt;q=0.9"}
local asked = 0
request = function()
  asked = asked + 1
  return wrk.format("GET", paths[asked % #paths + 1], {
    ["Host"] = "estado.example", ["Accept"] = "text/html,*/*;q=0.8",
    ["User-Agent"] = agents[asked % #agents + 1] .. " " .. asked % 9973,
    ["Accept-Encoding"] = "gzip, deflate, br",
    ["Accept-Language"] = languages[asked % #languages + 1]})
end
"""
_PACED = "function delay() return {pause_ms} end\n"
_AWAY_MS = 3
"""Of a round of `paced`, what is no pause."""
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1_000.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What wrk saw, and what the server's process used meanwhile."""

    rate: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    busy: float
    complaints: str
    """Errors of sockets, and how many answers were neither a success nor a redirect."""


def loaded(server: Server, connections: int, seconds: int, asking: list[str]) -> Load:
    before, began = cpu_us(server.pid), time.monotonic()
    told = subprocess.run(
        _wrk(server, connections, seconds, asking), capture_output=True, text=True, check=True
    ).stdout
    used, took = cpu_us(server.pid) - before, time.monotonic() - began
    requests = int(_found(r"(\d+) requests in", told))
    return Load(
        rate=float(_found(r"Requests/sec:\s+([\d.]+)", told)),
        p50_ms=_latency_ms("50", told),
        p99_ms=_latency_ms("99", told),
        cpu_us=used / requests,
        busy=used / took / 1e6,
        complaints="; ".join(re.findall(r"(?:Socket errors|Non-2xx).*", told)),
    )


def newcomers_ms(server: Server) -> list[float]:
    """How long each of some who connect at once waits for the first byte, shortest first."""
    asked = f"GET {PATH} HTTP/1.1\r\nHost: bench\r\nAccept-Encoding: br\r\n\r\n".encode()
    waiting = []
    for _ in range(NEWCOMERS):
        began = time.monotonic()
        link = socket.create_connection(("127.0.0.1", server.port), 30)
        link.sendall(asked)
        waiting.append((began, link))
    took = []
    for began, link in waiting:
        with link:
            link.recv(65_536)
            took.append((time.monotonic() - began) * 1_000)
    return sorted(took)


def _wrk(server: Server, connections: int, seconds: int, asking: list[str]) -> list[str]:
    return [
        "wrk", "--threads=1", f"--connections={connections}", f"--duration={seconds}s", "--latency",
        "--timeout=30s", *asking, f"http://127.0.0.1:{server.port}{PATH}",
    ]  # fmt: skip


def _latency_ms(percentile: str, told: str) -> float:
    value, unit = re.findall(rf"{percentile}%\s+([\d.]+)(us|ms|s)", told)[0]
    return float(value) * _UNITS[unit]


def _found(pattern: str, told: str) -> str:
    found = re.search(pattern, told)
    if found is None:
        raise RuntimeError(f"unexpected report of wrk: {told[:500]}")
    return found[1]


def _headers(*lines: str) -> list[str]:
    return [word for line in lines for word in ("--header", line)]


def _report(server: Server, form: str, connections: int, load: Load) -> None:
    print(
        f"{server.name:>5} {form:>5} {connections:5} connections: {load.rate:7.0f} requests/s, "
        f"p50 {load.p50_ms:6.1f} ms, p99 {load.p99_ms:6.1f} ms, {load.cpu_us:5.1f} us of CPU each, "
        f"{load.busy:4.0%} of a core; load {os.getloadavg()[0]:.1f} {load.complaints}",
        flush=True,
    )


def _newcomers(server: Server, connections: int) -> None:
    with _busy(server, connections):
        for name, pause in (("as the crowd comes", 0.3), ("when it is there", 3.0)):
            time.sleep(pause)
            took = newcomers_ms(server)
            print(
                f"{server.name:>5} {NEWCOMERS} newcomers beside {connections}, {name}: "
                f"p50 {statistics.median(took):.0f} ms, last {took[-1]:.0f} ms",
                flush=True,
            )


@contextmanager
def _busy(server: Server, connections: int) -> Iterator[None]:
    driving = subprocess.Popen(
        _wrk(server, connections, 30, _headers(*_ACCEPTED)), stdout=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        driving.terminate()
        driving.wait(10)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--connections", default="100,1000", help="numbers with commas between")
    given = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing: nothing asks as fast")
    cores = os.sched_getaffinity(0)
    print(f"must: {MUST_RATE} requests/s with p99 <= {MUST_P99_MS:.0f} ms")
    with tempfile.TemporaryDirectory() as folder, both(Path(folder)) as servers:
        if len(cores) > 1:
            os.sched_setaffinity(0, {min(cores)})
        crowd = Path(folder) / "crowd.lua"
        crowd.write_text(_CROWD)
        paced = Path(folder) / "paced.lua"
        for connections in map(int, given.connections.split(",")):
            pause_ms = max(0, round(connections / MUST_RATE * 1_000) - _AWAY_MS)
            paced.write_text(_PACED.format(pause_ms=pause_ms))
            for server in servers:
                known = f"If-None-Match: {etag_of(server)}"
                forms = {
                    "br": _headers(*_ACCEPTED),
                    "304": _headers(*_ACCEPTED, known),
                    "paced": [*_headers(*_ACCEPTED), "--script", str(paced)],
                }
                if server.name == "page":
                    forms["crowd"] = ["--script", str(crowd)]
                for form, asking in forms.items():
                    load = loaded(server, connections, given.seconds, asking)
                    _report(server, form, connections, load)
                _newcomers(server, connections)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
