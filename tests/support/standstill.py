"""Stop a process as a hang does: once this returns, none of its threads answers anything more."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from tests.support.patience import PATIENCE_S

_STOPPED = ("T", "t", "X", "Z")


def stop_and_wait(pid: int) -> None:
    """Raises ProcessLookupError where it has ended, TimeoutError where a thread goes on."""
    os.kill(pid, signal.SIGSTOP)
    # The signal is on its way when kill() returns: on a busy machine a thread that was running
    # answers the next request still.
    patience = time.monotonic() + PATIENCE_S
    while not _stands_still(pid):
        if time.monotonic() > patience:
            raise TimeoutError(f"process {pid} goes on")
        os.sched_yield()


def _stands_still(pid: int) -> bool:
    """Whether every thread is stopped, or gone."""
    return all(_state(thread) in _STOPPED for thread in Path(f"/proc/{pid}/task").glob("*"))


def _state(thread: Path) -> str:
    try:
        # The name in brackets may hold anything, a space or a bracket too.
        return (thread / "stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"
