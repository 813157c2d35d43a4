"""The supervisor: what ends the product, and what ends one role for a while."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.bootstrap import supervisor
from monitor.bootstrap.supervisor import Supervisor

FATAL = 78
_ROLE = """
import pathlib, sys
starts = pathlib.Path(sys.argv[1])
count = len(starts.read_text()) if starts.exists() else 0
starts.write_text("x" * (count + 1))
sys.exit({codes}[min(count, {last})])
"""


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    signums = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = {signum: signal.getsignal(signum) for signum in signums}
    yield
    for signum, handler in before.items():
        signal.signal(signum, handler)


def supervised(
    monkeypatch: pytest.MonkeyPatch, folder: Path, *codes: int
) -> tuple[Supervisor, Path]:
    """A supervisor of one role that ends with these codes, start by start."""
    starts = folder / "starts"
    source = _ROLE.format(codes=codes, last=len(codes) - 1)
    argv = [sys.executable, "-c", source, str(starts)]
    monkeypatch.setattr(supervisor, "role_argv", lambda *_: argv)
    monkeypatch.setattr(supervisor, "_BACKOFF", (0.0,))
    return Supervisor(folder, folder, ("core",)), starts


def stop_after(starts: Path, wanted: int) -> threading.Thread:
    """Send SIGTERM to this process, as systemd does, once the role has started so often."""

    def watch() -> None:
        turn = threading.Event()
        for _ in range(600):
            if starts.exists() and len(starts.read_text()) >= wanted:
                break
            turn.wait(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    watcher = threading.Thread(target=watch)
    watcher.start()
    return watcher


def test_a_role_that_cannot_run_at_its_first_start_ends_the_product(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    product, starts = supervised(monkeypatch, tmp_path, FATAL)
    assert product.run() == FATAL
    assert starts.read_text() == "x"


def test_a_file_gone_bad_while_the_product_runs_takes_no_other_role_down(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    product, starts = supervised(monkeypatch, tmp_path, 1, FATAL)
    watcher = stop_after(starts, 4)
    assert product.run() == 0
    watcher.join()
    assert len(starts.read_text()) >= 4
