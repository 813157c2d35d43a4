"""T8: on a full disk probing goes on, acknowledges nothing, and recovers without a restart."""

from __future__ import annotations

import shutil
import signal
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.domain.checks.observation import Result
from tests.faults.prober_process import (
    Prober,
    give_catalogue,
    ident_of,
    logged,
    open_port,
    running_prober,
)
from tests.support.require import require, require_server

SIZE = 4 << 20
INTERVAL = 2


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """Where a file system of 4 MB will be, in the mount namespace of the prober alone."""
    unshare = require_server("unshare", "a disk that is full")
    can = subprocess.run([unshare, "-m", "true"], capture_output=True, check=False)
    require(can.returncode == 0, "mount namespaces", "a disk that is full")
    place = tmp_path / "disk"
    place.mkdir()
    return place


def through(prober: Prober, path: Path) -> Path:
    """The same place as the prober sees it."""
    return Path(f"/proc/{prober.process.pid}/root{path}")


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as out:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    out.write(b"x" * size)
            except OSError:
                continue


def test_it_goes_on_probing_and_recovers(small_disk: Path) -> None:
    mounting = f'mount -t tmpfs -o size={SIZE} none {small_disk} && exec "$@"'
    prefix = ["unshare", "-m", "sh", "-c", mounting, "sh"]
    with open_port() as port, running_prober(small_disk, prefix=prefix) as prober:
        disk = through(prober, small_disk)
        prober.wait_until((disk / "results.db").exists, "a log on the small disk")
        give_catalogue(disk, port, checks=120, interval=INTERVAL)
        prober.ledger.wait_for(120)

        fill(disk / "ballast")
        prober.wait_until(lambda: "log.full" in prober.stderr, "a full disk")
        looks = port.taken
        prober.wait_until(lambda: port.taken > looks + 60, "looks while there is no room")
        acknowledged = len(prober.ledger)
        prober.wait_until(lambda: port.taken > looks + 240, "looks while there is no room")
        assert len(prober.ledger) == acknowledged

        (disk / "ballast").unlink()
        prober.wait_until(lambda: "log.writable" in prober.stderr, "room again")
        prober.ledger.wait_for(acknowledged + 300)
        said = prober.ledger.so_far()
        kept = logged(copied_out(prober, disk))
        assert {*said} <= {ident_of(result) for result in kept}
        assert slots_without_a_hole(kept)


def copied_out(prober: Prober, disk: Path) -> Path:
    """The log where SQLite can open it, as a standstill left it: it follows no link into another
    process's mounts."""
    prober.process.send_signal(signal.SIGSTOP)
    outside = Path(f"{prober.said}.copy")
    outside.mkdir()
    for name in ("results.db", "results.db-wal"):
        shutil.copy(disk / name, outside / name)
    return outside


def slots_without_a_hole(results: list[Result]) -> bool:
    """What waited for room came in too: each check has a result of every slot."""
    by_check: dict[str, list[int]] = {}
    for result in results:
        by_check.setdefault(result.check, []).append(result.slot)
    return all(b - a == INTERVAL for slots in by_check.values() for a, b in pairwise(slots))
