"""How long the history takes to answer, over a folder of data such as `month` makes.

The role `store` runs on the folder's files as `estado run` starts it, on a port of its own. One
client asks it over one connection, about random checks, and times each whole response. A response
other than 200 ends the benchmark.
"""

from __future__ import annotations

import http.client
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.processes import cpu_by_role, memory_by_role
from monitor.catalogues.file import read_catalogues, write_catalogues
from monitor.domain.catalogue import Catalogue
from monitor.results.log.result_log import open_reader
from monitor.roles.settings import catalogue_file, log_file
from monitor.scheduling.metrics import quantile
from tests.e2e.product import HOST, free_port

_HOUR, _DAY = 3_600, 86_400
_READY_S = 600.0
_ROOT = "/api/v1/checks"


def run(folder: Path, *, queries: int) -> int:
    """Print a table; the exit code."""
    end, port = _last_slot(folder), free_port()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        catalogue = _linked(folder, Path(name), port)
        return _measure(Path(name), port, catalogue, end, queries)


def _linked(folder: Path, made: Path, port: int) -> Catalogue:
    """Link the folder's files into another folder, whose catalogue names a port that is free."""
    for file in folder.glob("*.db"):
        (made / file.name).symlink_to(file.resolve())
    revision = read_catalogues(catalogue_file(folder))[-1]
    operations = replace(revision.catalogue.operations, history_host=HOST, history_port=port)
    catalogue = replace(revision.catalogue, operations=operations)
    write_catalogues(catalogue_file(made), [replace(revision, catalogue=catalogue)])
    return catalogue


def _measure(folder: Path, port: int, catalogue: Catalogue, end: int, queries: int) -> int:
    with _role(folder) as process, closing(http.client.HTTPConnection(HOST, port)) as wire:
        _wait(wire, process, catalogue)
        _say(f"{len(catalogue.checks)} checks, {queries} questions each; milliseconds")
        _say(f"{'question':34}{'p50':>9}{'p95':>9}{'p99':>9}{'first':>9}{'KiB':>9}")
        rng = random.Random(1)  # noqa: S311 - a draw, not a secret
        for name, path in _questions(catalogue, end, rng).items():
            _say(_measured(wire, name, path, queries))
        cpu, memory = cpu_by_role(process.pid), memory_by_role(process.pid)
        _say(f"role: {sum(cpu.values()):.1f} s of CPU, {sum(memory.values()):.0f} MiB")
    return 0


def _questions(
    catalogue: Catalogue, end: int, rng: random.Random
) -> Mapping[str, Callable[[], str]]:
    """Each function gives another address at each call; spans end with the data."""

    def of(name: str, seconds: int, **query: str) -> Callable[[], str]:
        def path() -> str:
            check = rng.choice(catalogue.checks).id
            span = {"from": str(end - seconds), "to": str(end), **query}
            return f"{_ROOT}/{check}/{name}?{urlencode(span)}"

        return path

    def deep() -> str:
        check, until = rng.choice(catalogue.checks).id, end - rng.randrange(2 * _DAY)
        return f"{_ROOT}/{check}/results?from={end - 30 * _DAY}&to={until}"

    return {
        "checks": lambda: _ROOT,
        "results, 100 newest": of("results", 30 * _DAY),
        "results, 100 of any time": deep,
        "results, 2 000": of("results", 30 * _DAY, limit="2000"),
        "results, CSV of a day": of("results", _DAY, format="csv"),
        "latency, 2 h of looks": of("latency", 2 * _HOUR),
        "latency, 24 hours": of("latency", _DAY),
        "latency, 30 days": of("latency", 30 * _DAY),
        "latency, 30 days by the hour": of("latency", 30 * _DAY, resolution="hour"),
        "uptime, 24 hours": of("uptime", _DAY),
        "uptime, 30 days": of("uptime", 30 * _DAY),
    }


def _measured(
    wire: http.client.HTTPConnection, name: str, path: Callable[[], str], queries: int
) -> str:
    took, size = [], 0
    for _ in range(queries):
        began = time.monotonic()
        size += len(_ask(wire, path()))
        took.append((time.monotonic() - began) * 1000)
    shares = "".join(f"{quantile(took, share):9.1f}" for share in (0.5, 0.95, 0.99))
    return f"{name:34}{shares}{took[0]:9.1f}{size / queries / 1024:9.1f}"


def _ask(wire: http.client.HTTPConnection, path: str) -> bytes:
    wire.request("GET", path)
    response = wire.getresponse()
    body = response.read()
    if response.status != 200:
        raise RuntimeError(f"{path}: {response.status} {body.decode()[:300]}")
    return body


def _wait(
    wire: http.client.HTTPConnection, process: subprocess.Popen[bytes], catalogue: Catalogue
) -> None:
    """Wait until it listens and has counted what is in the log."""
    until = time.monotonic() + _READY_S
    path = f"{_ROOT}/{catalogue.checks[0].id}/latency?resolution=day"
    while time.monotonic() < until and process.poll() is None:
        try:
            _ask(wire, path)
        except (OSError, RuntimeError, http.client.HTTPException):
            wire.close()
            time.sleep(0.5)
        else:
            return
    raise RuntimeError("the role does not answer")


def _last_slot(folder: Path) -> int:
    """One second after the newest result of the log."""
    reader = open_reader(log_file(folder))
    try:
        depth = reader.depth(0)
        (last,) = reader.read(reader.read(0, 1)[0].seq + depth - 2, 1)
    finally:
        reader.close()
    return last.result.slot + 1


@contextmanager
def _role(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    argv = [sys.executable, "-m", "monitor.roles.store.role", "--data-dir", str(folder)]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL) as running:
        try:
            yield running
        finally:
            running.terminate()


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()
