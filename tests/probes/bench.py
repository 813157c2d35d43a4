"""The contract suite's bench: one look with everything measured that a probe must keep to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from monitor.domain.checks.observation import Observation
from monitor.domain.checks.probe import Probe
from monitor.net.transport import Transport
from monitor.runtime.system_clock import SystemClock
from monitor.scheduling.check_run import run_check
from probes.registry import PROBES
from tests.support.looks import LOOKS, is_spoilt

OVERRUN_S = 0.25
_CANARY_S = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One look: what it saw, how far past its deadline it came back, how far the loop lagged."""

    observation: Observation
    overrun_s: float
    canary_lag_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """What a look must leave as it was."""

    descriptors: frozenset[tuple[str, str]]
    tasks: int
    threads: int


def footprint() -> Footprint:
    """Descriptors with what they stand for, tasks of the running loop, threads."""
    return Footprint(
        descriptors=frozenset(_descriptors()),
        tasks=len(asyncio.all_tasks()),
        threads=threading.active_count(),
    )


async def measure(
    kind: str, spec: Any, timeout_s: float, transport: Transport | None = None
) -> Measured:
    """One look through the runner, with a canary in the same loop; another where the machine stood
    still meanwhile."""
    probe = PROBES[kind].build(transport or Transport(wall=SystemClock().wall))
    measured = await _measure(probe, spec, timeout_s)
    for _ in range(LOOKS - 1):
        if not is_spoilt(measured.observation):
            break
        measured = await _measure(probe, spec, timeout_s)
    return measured


async def _measure(probe: Probe[Any], spec: Any, timeout_s: float) -> Measured:
    with _canary() as lag:
        began = monotonic()
        observation = await run_check(probe, spec, timeout_s=timeout_s)
        took = monotonic() - began
    return Measured(
        observation=observation, overrun_s=max(0.0, took - timeout_s), canary_lag_s=max(lag)
    )


@contextmanager
def _canary() -> Iterator[list[float]]:
    """How late a callback came each time, for as long as the block lasts."""
    loop = asyncio.get_running_loop()
    lags = [0.0]

    handles: list[asyncio.TimerHandle] = []

    def chirp(due: float) -> None:
        lags.append(monotonic() - due)
        again()

    def again() -> None:
        handles[:] = [loop.call_later(_CANARY_S, chirp, monotonic() + _CANARY_S)]

    again()
    try:
        yield lags
    finally:
        handles[0].cancel()


def _descriptors() -> Iterator[tuple[str, str]]:
    for entry in Path("/proc/self/fd").iterdir():
        try:
            yield entry.name, str(entry.readlink())
        except OSError:
            # The descriptor of the listing itself.
            continue
