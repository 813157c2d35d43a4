"""The machine's clock: the one place that reads it."""

from __future__ import annotations

import os
import time
from functools import cache
from pathlib import Path

from monitor.domain.time.interval import Second

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_SINCE_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Of Linux; elsewhere the monotonic clock is the nearest thing."""


class SystemClock:
    """Implements `monitor.domain.time.clock.Clock`."""

    __slots__ = ()

    def now(self) -> Second:
        return Second(int(time.time()))

    def wall(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    def boottime(self) -> float:
        return time.clock_gettime(_SINCE_BOOT)

    def boot_id(self) -> str:
        return read_boot_id(_BOOT_ID)


@cache
def read_boot_id(path: Path) -> str:
    """The kernel's id of this boot. Where it gives none, an id of this process: what it measured is
    then comparable with nothing that another one measured."""
    try:
        return path.read_text("ascii").strip() or os.urandom(16).hex()
    except (OSError, ValueError):
        return os.urandom(16).hex()
