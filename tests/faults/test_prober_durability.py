"""A kill alone passes with fsync off: the kernel is asked what reached the disk, and when."""

from __future__ import annotations

import re
from pathlib import Path

from tests.faults.prober_process import give_catalogue, open_port, running_prober
from tests.support.require import require_server

_SYNCED = re.compile(r"fdatasync\(\d+<[^>]*results\.db-wal>")
_ACKNOWLEDGED = re.compile(r'write\(\d+<pipe:[^>]*>, "local c\d+ ')


def test_it_syncs_the_log_before_it_acknowledges_a_batch(tmp_path: Path) -> None:
    strace = require_server("strace", "one fdatasync before each acknowledged batch")
    trace, data_dir = tmp_path / "trace", tmp_path / "data"
    prefix = [str(strace), "-D", "-f", "-y", "-q", "-e", "trace=fdatasync,write", "-o", str(trace)]
    with open_port() as port:
        give_catalogue(data_dir, port, checks=100)
        with running_prober(data_dir, prefix=prefix) as prober:
            prober.ledger.wait_for(300)
            # Detached (-D), strace is a child of the prober's: the prober is what we started.
            prober.process.kill()
            prober.process.wait()
    batches = syncs_before_each_batch(trace.read_text("utf-8", "replace"))
    assert len(batches) >= 8
    assert min(batches) >= 1


def syncs_before_each_batch(trace: str) -> list[int]:
    """How often the log was synced between one acknowledgement and the next."""
    counts, synced = [], 0
    for line in trace.splitlines():
        if _SYNCED.search(line):
            synced += 1
        elif _ACKNOWLEDGED.search(line):
            counts.append(synced)
            synced = 0
    return counts
