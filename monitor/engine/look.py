"""One look: a probe run under a deadline, its bugs caught, its slowness judged.

The prober calls it for each slot and `estado probe` once; nobody else runs probes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import replace
from time import monotonic
from typing import TypeVar

from monitor.domain.catalogue import Thresholds
from monitor.domain.judge import judge
from monitor.domain.observation import FailureId, Observation, Outcome
from monitor.ports.probe import MEMORY_LIMIT, Context, Probe, Transcript

PROBE_ERROR = FailureId("probe_error")
GRACE_S = 0.2
"""How long past its deadline a probe may go on naming the class; then it is cut off."""

NO_THRESHOLDS = Thresholds()

SpecT = TypeVar("SpecT")
_log = logging.getLogger(__name__)


async def look(
    probe: Probe[SpecT],
    spec: SpecT,
    *,
    timeout_s: float,
    thresholds: Thresholds = NO_THRESHOLDS,
    transcript: Transcript | None = None,
    memory: bytes | None = None,
) -> Observation:
    """What the probe saw within `timeout_s`, at most `GRACE_S` later; never an exception but
    CancelledError. A probe that raises or overruns is `unknown`, class `probe_error`."""
    context = Context(deadline=monotonic() + timeout_s, transcript=transcript, memory=memory)
    try:
        observation = await _cut_off(probe.start(spec, context), context.deadline + GRACE_S)
    except TimeoutError:
        return _error(f"the probe did not stop at its deadline of {timeout_s:g} s")
    except Exception as error:  # noqa: BLE001 - whatever its bug is, the other checks go on
        _log.exception("probe_error")
        return _error(f"{type(error).__name__}: {error}"[:300])
    return judge(_without_excess(observation), thresholds)


async def _cut_off(started: Awaitable[Observation], when: float) -> Observation:
    """Raises TimeoutError at `when`. As `asyncio.timeout_at`, at a fifth of its cost: every look
    passes here, and hardly any is ever cut off."""
    # The loop's clock and `monotonic` are one; a TimeoutError of the probe's own is its bug.
    limit = _Limit(when)
    try:
        return await started
    except TimeoutError as error:
        raise RuntimeError(f"the probe let a TimeoutError out: {error}") from error
    except asyncio.CancelledError:
        if limit.lift():
            raise TimeoutError from None
        raise
    finally:
        limit.lift()


class _Limit:
    """Cancels the running task at a moment, unless lifted before."""

    __slots__ = ("_before", "_has_struck", "_task", "_timer")

    def __init__(self, when: float) -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        assert task is not None, "a look is awaited"  # noqa: S101
        self._task = task
        self._before = task.cancelling()
        self._has_struck = False
        self._timer = loop.call_at(when, self._strike)

    def _strike(self) -> None:
        self._has_struck = True
        self._task.cancel()

    def lift(self) -> bool:
        """Whether it has struck, and nobody else wants the task cancelled."""
        self._timer.cancel()
        if not self._has_struck:
            return False
        self._has_struck = False
        return self._task.uncancel() <= self._before


def _error(message: str) -> Observation:
    return Observation(outcome=Outcome.UNKNOWN, failure=PROBE_ERROR, message=message)


def _without_excess(observation: Observation) -> Observation:
    """Memory beyond the limit is dropped: the next run starts anew rather than the log growing."""
    memory = observation.memory
    if memory is None or len(memory) <= MEMORY_LIMIT:
        return observation
    _log.warning("probe_memory_too_large", extra={"bytes": len(memory)})
    return replace(observation, memory=None)
