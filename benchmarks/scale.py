"""Many checks for half an hour: CPU, memory, bytes a result, lateness and the log's depth by role.

The product runs as users start it, over nginx on loopback. What is sampled every ten seconds is
printed as medians and worst values; at the end stand the bytes that a result takes, and how long
the page with its 90 days takes to read.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.processes import cpu_by_role, memory_by_role, since
from benchmarks.stage import Site, product_config, running, site, stored
from tests.e2e.product import HOST, fetch, free_port

_EVERY_S = 10.0
_PAGE_READS = 50


@dataclass(slots=True)
class Samples:
    """One value of each figure a sample."""

    depth: list[float] = field(default_factory=list)
    late_p99_ms: list[float] = field(default_factory=list)
    missed: float = 0.0
    memory: list[dict[str, float]] = field(default_factory=list)


def run(*, checks: int, interval: int, minutes: int, components: int) -> int:
    """Print the figures; the exit code."""
    with tempfile.TemporaryDirectory(prefix="scale-") as name, site(Path(name)) as target:
        ops, page = free_port(), free_port()
        config = target.folder / "services.yaml"
        config.write_text(
            product_config(
                target,
                checks=checks,
                interval=interval,
                components=components,
                is_tls=False,
                ops=ops,
                page=page,
            )
        )
        data = target.folder / "data"
        argv = [sys.executable, "-m", "monitor.cli", "run", "-c", str(config), "-d", str(data)]
        with (target.folder / "log").open("wb") as log, running(argv, log) as pid:
            # Every check has run, and each role has settled.
            time.sleep(interval + 60)
            began, reached = cpu_by_role(pid), target.count()
            samples = _sample(pid, ops, minutes * 60)
            spent, runs = since(began, cpu_by_role(pid)), target.count() - reached
            reads = sorted(_read_page(page) for _ in range(_PAGE_READS))
        _print_report(target, data, samples, spent, runs, minutes, reads)
    return 0


def _sample(pid: int, ops: int, seconds: float) -> Samples:
    samples = Samples()
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        time.sleep(_EVERY_S)
        _, text = fetch(f"http://{HOST}:{ops}/metrics", {})
        metrics = dict(
            line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")
        )
        samples.depth.append(float(metrics.get("estado_log_depth", "nan")))
        late = float(metrics.get('estado_slot_lateness_seconds{quantile="0.99"}', "nan"))
        samples.late_p99_ms.append(late * 1000)
        samples.missed = float(metrics.get("estado_slots_missed_total", "nan"))
        samples.memory.append(memory_by_role(pid))
    return samples


def _read_page(port: int) -> float:
    """Milliseconds until the whole page is there, compressed as a browser asks for it."""
    request = urllib.request.Request(f"http://{HOST}:{port}/es/", headers={"Accept-Encoding": "br"})
    began = time.perf_counter()
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
        response.read()
    return (time.perf_counter() - began) * 1000


def _print_report(
    target: Site,
    data: Path,
    samples: Samples,
    spent: dict[str, float],
    runs: int,
    minutes: int,
    reads: list[float],
) -> None:
    up = stored(data)
    _say(
        f"{runs} looks in {minutes} min; in all {target.count()} reached the target, {up} stored up"
    )
    total = sum(spent.values())
    _say(
        f"CPU: {total / (minutes * 60) * 100:.1f} % of a core, {total / runs * 1e6:.0f} us a check"
    )
    for role in sorted(spent):
        worst = max(memory.get(role, 0.0) for memory in samples.memory)
        _say(f"  {role}: {spent[role] / runs * 1e6:.0f} us a check, at most {worst:.0f} MiB")
    _say(f"memory: at most {max(sum(memory.values()) for memory in samples.memory):.0f} MiB in all")
    late = samples.late_p99_ms
    _say(f"lateness p99: median {statistics.median(late):.1f} ms, worst {max(late):.1f} ms")
    _say(f"slots missed: {samples.missed:.0f}")
    depth = samples.depth
    _say(f"log depth: median {statistics.median(depth):.0f}, worst {max(depth):.0f} rows")
    for file in ("results.db", "store.db", "journal.db"):
        size = subprocess.run(
            ["du", "-bc", *map(str, data.glob(f"{file}*"))],
            capture_output=True,
            text=True,
            check=True,
        )
        _say(f"{file}: {int(size.stdout.split()[-2]) / up:.1f} bytes a result")
    middle, worst = reads[len(reads) // 2], reads[int(len(reads) * 0.95)]
    _say(f"page, whole, brotli: median {middle:.1f} ms, p95 {worst:.1f} ms")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
