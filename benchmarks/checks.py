"""CPU per check of the whole product at a steady rate, beside Debian's blackbox_exporter.

The product runs as users start it: `estado run`, every role, production settings, storage and all.
Its figure is the utime and stime of the whole process tree, and of each role. It is measured over
whole minutes, since the page is rendered once in each, and after the check runs with which a fresh
start settles. The exporter is asked over HTTP at the same rate and stores nothing; the client that
asks it is not counted. nginx is the target of both and counts what reached it. The rounds are
interleaved; the figures are medians of the pairs.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import cpu_by_role, since
from benchmarks.stage import Site, product_config, running, site, stored
from tests.e2e.product import HOST, free_port

EXPORTER = "prometheus-blackbox-exporter"
_WARM_S = 150.0
"""All checks have run after 20 s; the second minute's rendering then is like any other."""
COMPONENTS = 100


@dataclass(frozen=True, slots=True)
class Measured:
    """One round: microseconds of CPU a check by role, and how many reached the target meanwhile.

    `all_reached` and `all_stored` count the product's whole life: they must be equal.
    """

    us_by_role: Mapping[str, float]
    reached: int
    all_reached: int = 0
    all_stored: int = 0

    @property
    def us_per_check(self) -> float:
        return sum(self.us_by_role.values())


def run(*, pairs: int, minutes: int, rate: int) -> int:
    """Print a table for plain and TLS; return 1 where a peer is missing."""
    for needed in (EXPORTER, "nginx"):
        if shutil.which(needed) is None:
            sys.stderr.write(f"{needed} is missing: apt-get install it to compare\n")
            return 1
    with tempfile.TemporaryDirectory(prefix="bench-") as name, site(Path(name)) as target:
        for is_tls in (False, True):
            _compare(target, pairs=pairs, seconds=60 * minutes, rate=rate, is_tls=is_tls)
    return 0


def _compare(target: Site, *, pairs: int, seconds: int, rate: int, is_tls: bool) -> None:
    ours: list[Measured] = []
    theirs: list[Measured] = []
    for number in range(pairs):
        ours.append(_round_ours(target, seconds, rate, is_tls=is_tls, number=number))
        theirs.append(_round_theirs(target, seconds, rate, is_tls=is_tls))
        _print_pair(number, ours[-1], theirs[-1], is_tls=is_tls)
    ratios = [t.us_per_check / o.us_per_check for o, t in zip(ours, theirs, strict=True)]
    kind = "TLS" if is_tls else "plain"
    sys.stdout.write(
        f"{kind}: ours {statistics.median(o.us_per_check for o in ours):.0f} us, exporter "
        f"{statistics.median(t.us_per_check for t in theirs):.0f} us a check; ratio median "
        f"{statistics.median(ratios):.2f} (from {min(ratios):.2f} to {max(ratios):.2f}, "
        f"{pairs} pairs of {seconds} s at {rate}/s)\n"
        f"{kind} by role: {_roles(ours)}\n"
    )


def _roles(rounds: list[Measured]) -> str:
    """`core 60 us, prober 200 us`: each role's median."""
    return ", ".join(
        f"{role} {statistics.median(r.us_by_role.get(role, 0.0) for r in rounds):.0f} us"
        for role in sorted(rounds[0].us_by_role)
    )


def _print_pair(number: int, ours: Measured, theirs: Measured, *, is_tls: bool) -> None:
    kind = "TLS" if is_tls else "plain"
    sys.stdout.write(
        f"  {kind} pair {number + 1}: ours {ours.us_per_check:.0f} us ({ours.reached} reached the "
        f"target; in all {ours.all_reached} reached, {ours.all_stored} stored up), exporter "
        f"{theirs.us_per_check:.0f} us "
        f"({theirs.reached} reached)\n"
    )
    sys.stdout.flush()


def _round_ours(target: Site, seconds: int, rate: int, *, is_tls: bool, number: int) -> Measured:
    folder = target.folder / f"product-{is_tls}-{number}"
    folder.mkdir()
    config = folder / "services.yaml"
    config.write_text(_config(target, rate, is_tls=is_tls))
    data = folder / "data"
    argv = [sys.executable, "-m", "monitor.cli", "run", "-c", str(config), "-d", str(data)]
    before = target.count()
    with (folder / "log").open("wb") as log, running(argv, log) as pid:
        time.sleep(_WARM_S)
        began, reached = cpu_by_role(pid), target.count()
        time.sleep(seconds)
        spent, now_reached = since(began, cpu_by_role(pid)), target.count() - reached
    return Measured(_each(spent, now_reached), now_reached, target.count() - before, stored(data))


def _round_theirs(target: Site, seconds: int, rate: int, *, is_tls: bool) -> Measured:
    port = free_port()
    config = target.folder / "blackbox.yml"
    config.write_text(
        "modules:\n  it:\n    prober: http\n    timeout: 5s\n    http:\n"
        "      preferred_ip_protocol: ip4\n      tls_config:\n"
        f"        ca_file: {target.folder / 'ca.pem'}\n"
    )
    argv = [
        EXPORTER, f"--config.file={config}", f"--web.listen-address={HOST}:{port}",
        "--log.level=error",
    ]  # fmt: skip
    with (target.folder / "exporter.log").open("wb") as log, running(argv, log) as pid:
        time.sleep(1.5)
        path = f"/probe?module=it&target={target.url(is_tls=is_tls)}"
        asyncio.run(_ask(port, path, rate, 3))
        began, reached = cpu_by_role(pid), target.count()
        asyncio.run(_ask(port, path, rate, seconds))
        spent, now_reached = since(began, cpu_by_role(pid)), target.count() - reached
    return Measured(_each(spent, now_reached), now_reached)


def _each(spent_s: Mapping[str, float], checks: int) -> dict[str, float]:
    return {role: seconds / checks * 1e6 for role, seconds in spent_s.items()}


async def _ask(port: int, path: str, rate: int, seconds: int) -> None:
    """Send `rate` requests a second, evenly spread, over open connections as Prometheus does."""
    idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()

    async def one() -> None:
        wire = idle.pop() if idle else await asyncio.open_connection(HOST, port)
        wire[1].write(request)
        head = await wire[0].readuntil(b"\r\n\r\n")
        _, has_length, rest = head.lower().partition(b"content-length:")
        if has_length:
            await wire[0].readexactly(int(rest.split(b"\r\n")[0]))
        else:
            await wire[0].readuntil(b"\r\n0\r\n\r\n")
        idle.append(wire)

    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.TaskGroup() as group:
        for number in range(rate * seconds):
            await asyncio.sleep(max(0.0, began + number / rate - loop.time()))
            group.create_task(one())
    for _, writer in idle:
        writer.close()


def _config(target: Site, rate: int, *, is_tls: bool) -> str:
    """`rate` checks a second, each every 20 s, of a page of 100 components."""
    return product_config(
        target, checks=rate * 20, interval=20, components=COMPONENTS, is_tls=is_tls,
        page=free_port(), ops=free_port(),
    )  # fmt: skip
