"""What each screen and each reading operation costs the console's process, over a large world.

The role runs as `estado run` starts it, over a world of `console_world` that moves on as beside a
core and a prober. An administrator's sessions ask for every page of the console's table and every
operation of the API's that reads. What counts is the CPU of the threads that
answer (`time.thread_time`), which each piece of their work writes down; `role` is that of the whole
process meanwhile, which the kernel counts, without what it takes while nobody asks. What all
requests share, which is to follow the core's state, is in `role` of whichever was under way, and
told by itself. Beside three more of each a second client asks for the role's health without a
pause: `held` is the longest that the event loop left it waiting, on a machine that may have others
to run.
"""

from __future__ import annotations

import http.client
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.console_past import Size
from benchmarks.console_world import World, config_text, going, make_world
from monitor.api.table import OPERATIONS
from monitor.console.table import SCREENS
from monitor.runtime.system_clock import SystemClock
from monitor.scheduling.metrics import quantile
from tests.e2e.product import HOST, ROOT, Product, free_port, until

SESSIONS = 40
"""A key may ask 60 times in 10 s."""
_READY_S = 120.0
_IDLE_S = 8.0
_WATCHED = 3
"""Requests beside which the event loop is watched: they are not among those that are timed."""
_TIMED = """
import os, runpy, sys, time
from monitor.api.requests import limits
from monitor.api.present.core_states import CoreStates

out = os.open(sys.argv.pop(1), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
def timed(kind, work):
    def counted(*given):
        began = time.thread_time()
        try:
            return work(*given)
        finally:
            os.write(out, f"{kind} {(time.thread_time() - began) * 1000}\\n".encode())
    return counted
run = limits.Threads.run
limits.Threads.run = lambda self, work: run(self, timed("answer", work))
CoreStates._renew = timed("follow", CoreStates._renew)
runpy.run_module("monitor.roles.console.role", run_name="__main__")
"""
"""The role, with the CPU of its threads written down: each line a kind and milliseconds."""
_COOKIE = "estado-session"
_VARIANTS = {
    "/checks": ("/checks?q=c77",),
    "/incidents": ("/incidents?days=365", "/incidents?q=falla"),
    "/audit": ("/audit?kind=incident",),
    "/api/v1/incidents": ("/api/v1/incidents?open=true", "/api/v1/incidents?record=true"),
    "/api/v1/maintenance": ("/api/v1/maintenance?past=true",),
    "/api/v1/audit": ("/api/v1/audit?limit=1000",),
}
"""What else people ask of a path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Role:
    """`idle` is the share of a core that it takes while nobody asks."""

    pid: int
    idle: float
    timed: Path

    def spent(self, kind: str, after: int = 0) -> list[float]:
        """In milliseconds, from that byte of what was written down on."""
        lines = self.timed.read_bytes()[after:].decode().splitlines()
        return [float(line.split()[1]) for line in lines if line.startswith(kind)]

    @property
    def written(self) -> int:
        return self.timed.stat().st_size


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """In milliseconds, and the size of the answer in KiB. `cpu` is that of the threads, `first` of
    the request that found nothing at hand."""

    path: str
    first: float
    cpu: Sequence[float]
    role: Sequence[float]
    wall: Sequence[float]
    held: float
    kib: float

    @property
    def p95(self) -> float:
        return quantile(list(self.cpu), 0.95)


def run(*, size: Size, queries: int, most_ms: float | None, only: str = "") -> int:
    """Print the table; 1 where one costs more than it may."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        made, world = _made(Path(name), size)
        with _console(made) as pid, going(world, SystemClock()):
            role, loop = _Role(pid=pid, idle=_idle(pid), timed=made.folder / "timed"), _loop_ms()
            _say(f"idle: {role.idle * 1000:.1f} ms a second; a loop of a million: {loop:.0f} ms")
            with _computing(made, world) as computed:
                costs = [
                    _cost(made, world, role, path, queries)
                    for path in paths(world)
                    if only in path
                ]  # fmt: skip
            follow = role.spent("follow")
    code = _report(costs, most_ms)
    for seconds in computed:
        _say(f"an effect on {size.contracts} contracts meanwhile: {seconds:.1f} s")
    if follow:
        _say(f"the core's state: first {follow[0]:.0f} ms, then {statistics.median(follow):.0f} ms")
    return code


def paths(world: World) -> Iterator[str]:
    """Every page and every operation that reads, with names of things that are there."""
    plain = [s.path for s in SCREENS if s.method == "GET"]
    plain += [operation.url for operation in OPERATIONS if operation.method == "GET"]
    for path in plain:
        found = _filled(path, world)
        if found is not None:
            yield from (found, *_VARIANTS.get(path, ()))


def _filled(path: str, world: World) -> str | None:
    """None where there is nothing of that kind: no change of the configuration was asked for, no
    exclusion was proposed, and no month was closed with credits."""
    if any(part in path for part in ("/applications/", "/exclusions/{", "/credits/{")):
        return None
    subject = {
        "check": str(world.failing), "component": "c0",
        "incident": str(world.incident), "maintenance": str(world.window),
        "contract": "", "account": str(world.account),
    }  # fmt: skip
    names = {"check": subject["check"], "month": world.month, "revision": "1", "name": "person7"}
    family = re.findall(r"/(check|component|incident|maintenance|contract|account)s?/{id", path)
    if family:
        names["id"] = subject[family[0]]
    if "contract" in path and "{" in path:
        return None
    return re.sub(r"{(\w+)(?::[^}]*)?}", lambda name: names[name[1]], path)


def _made(folder: Path, size: Size) -> tuple[Product, World]:
    page, ops, console = free_port(), free_port(), free_port()
    made = Product(
        folder=folder, config=folder / "services.yaml", page_port=page, ops_port=ops,
        console_port=console, has_forks=False,
    )  # fmt: skip
    operations = (
        f"{{listen: '{HOST}:{ops}', history: '{HOST}:{free_port()}', "
        f"console: {{listen: '{HOST}:{console}'}}}}"
    )
    text = config_text(size, page=f"{HOST}:{page}", operations=operations)
    made.config.write_text(text, "utf-8")
    return made, make_world(made.data, text, SystemClock().now(), size, SESSIONS)


@contextmanager
def _console(made: Product) -> Iterator[int]:
    # The store role counts latencies, which the history answers with.
    made.start("store")
    _start(made)
    try:
        until(lambda: _is_well(made), within=_READY_S, what="the console", every=0.2)
        yield made.roles["console"].pid
    finally:
        made.stop_all()


def _start(made: Product) -> None:
    with (made.folder / "console.log").open("ab") as log:
        made.roles["console"] = subprocess.Popen(
            [
                sys.executable, "-c", _TIMED, str(made.folder / "timed"),
                "--config", str(made.config), "--data-dir", str(made.data),
            ],
            cwd=ROOT, stdout=log, stderr=log,
        )  # fmt: skip


def _is_well(made: Product) -> bool:
    if made.roles["console"].poll() is not None:
        raise SystemExit(f"the console ended: {(made.folder / 'console.log').read_text()}")
    try:
        return _asked(made.console_port, "/healthz", {})[0] == 200
    except OSError:
        return False


def _cost(made: Product, world: World, role: _Role, path: str, queries: int) -> Cost:
    cpu, whole, wall, size = [], [], [], 0
    # The first one finds nothing at hand; it is what a restart costs, once.
    begin = role.written
    _answer(made, world, path, 0)
    first = sum(role.spent("answer", begin))
    for number in range(queries):
        before, begin, began = cpu_ms(role.pid), role.written, time.monotonic()
        size += len(_answer(made, world, path, number))
        wall.append((time.monotonic() - began) * 1000)
        cpu.append(sum(role.spent("answer", begin)))
        whole.append(max(0.0, cpu_ms(role.pid) - before - role.idle * wall[-1]))
        time.sleep(0.05)
    with _pinging(made.console_port) as waits:
        for number in range(_WATCHED):
            _answer(made, world, path, number)
    cost = Cost(
        path=path,
        first=first,
        cpu=cpu,
        role=whole,
        wall=wall,
        held=max(waits),
        kib=size / queries / 1024,
    )
    sys.stderr.write(f"{_line(cost)}\n")
    return cost


def _answer(made: Product, world: World, path: str, number: int) -> bytes:
    """By one key after another."""
    key = world.keys[number % len(world.keys)]
    is_api = path.startswith("/api/")
    headers = {"Authorization": f"Bearer {key}"} if is_api else {"Cookie": f"{_COOKIE}={key}"}
    status, content = _asked(made.console_port, path, headers)
    if status != 200:
        raise RuntimeError(f"{path}: {status} {content[:300]!r}")
    return content


def _idle(pid: int) -> float:
    """The share of a core that the role takes while nobody asks for anything."""
    before, began = cpu_ms(pid), time.monotonic()
    time.sleep(_IDLE_S)
    return (cpu_ms(pid) - before) / 1000 / (time.monotonic() - began)


def _loop_ms() -> float:
    """What a machine is worth while others use it too: two tables are compared by it."""
    began = time.thread_time()
    sum(number * number for number in range(1_000_000))
    return (time.thread_time() - began) * 1000


def cpu_ms(pid: int) -> float:
    """CPU of all threads that a process has, user and system."""
    spent = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        spent += int((task / "schedstat").read_text().split()[0])
    return spent / 1e6


def _asked(port: int, path: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
    wire = http.client.HTTPConnection(HOST, port, timeout=120)
    try:
        wire.request("GET", path, headers=dict(headers))
        answer = wire.getresponse()
        return answer.status, answer.read()
    finally:
        wire.close()


@contextmanager
def _computing(made: Product, world: World) -> Iterator[list[float]]:
    """How long each effect of an exclusion took that the console computed meanwhile: it computes
    all the time, or never where the world has none."""
    took: list[float] = []
    over = threading.Event()

    def ask() -> None:
        for number, reference in enumerate(world.exclusions):
            if over.is_set():
                return
            began = time.monotonic()
            _answer(made, world, f"/api/v1/exclusions/{reference}/effect", number)
            took.append(time.monotonic() - began)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    try:
        yield took
        if world.exclusions and not thread.is_alive():
            raise RuntimeError("the effects were computed before the last screen was asked for")
    finally:
        over.set()
        thread.join(_READY_S)


@contextmanager
def _pinging(port: int) -> Iterator[list[float]]:
    """How long each of many small requests took meanwhile, in milliseconds."""
    waits: list[float] = []
    over = threading.Event()

    def ping() -> None:
        wire = http.client.HTTPConnection(HOST, port, timeout=120)
        while not waits or not over.wait(0.01):
            began = time.monotonic()
            wire.request("GET", "/healthz")
            wire.getresponse().read()
            waits.append((time.monotonic() - began) * 1000)
        wire.close()

    thread = threading.Thread(target=ping, daemon=True)
    thread.start()
    try:
        yield waits
    finally:
        over.set()
        thread.join()


def _report(costs: Sequence[Cost], most_ms: float | None) -> int:
    _say(
        f"{'milliseconds':42}{'first':>8}{'CPU p50':>9}{'p95':>8}{'role p50':>9}{'p95':>8}"
        f"{'wall p50':>10}{'p95':>8}"
        f"{'held':>7}{'KiB':>9}"
    )
    for cost in sorted(costs, key=lambda c: -c.p95):
        _say(_line(cost))
    over = [c.path for c in costs if most_ms is not None and c.p95 > most_ms]
    if most_ms is not None:
        said = f"BROKEN by {', '.join(over)}" if over else "kept"
        _say(f"bound: p95 of CPU {most_ms:g} ms: {said}")
    return 1 if over else 0


def _line(cost: Cost) -> str:
    wall = list(cost.wall)
    return (
        f"{cost.path:42}{cost.first:8.1f}{statistics.median(cost.cpu):9.1f}{cost.p95:8.1f}"
        f"{statistics.median(cost.role):9.1f}{quantile(list(cost.role), 0.95):8.1f}"
        f"{statistics.median(wall):10.1f}{quantile(wall, 0.95):8.1f}{cost.held:7.0f}{cost.kib:9.1f}"
    )


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
