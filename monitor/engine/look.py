"""One look: a probe run under a deadline, its bugs caught, its slowness judged.

A look over which the process stood still has the time back that this took, and is judged as such.

The prober has a `Look` for each slot, `estado probe` calls `look` once; nobody else runs probes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from typing import TypeVar

from monitor.domain.catalogue import Thresholds
from monitor.domain.judge import judge, judge_stalled
from monitor.domain.observation import FailureId, Observation, Outcome
from monitor.engine.alarms import Alarms
from monitor.engine.stalls import StallDetector
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
    alarms = Alarms(StallDetector())
    alarms.stalls.start()
    under_way = Look(
        probe,
        spec,
        alarms,
        timeout_s=timeout_s,
        thresholds=thresholds,
        transcript=transcript,
        memory=memory,
    )
    try:
        await asyncio.wait([under_way.over])
    finally:
        under_way.cancel()
        try:
            await asyncio.wait([under_way.over])
        finally:
            alarms.stalls.stop()
            alarms.close()
    seen = under_way.seen()
    if seen is None:
        raise asyncio.CancelledError
    return seen


class Look:
    """A look under way. Whoever began it asks what was `seen`, once, when it is `over`."""

    __slots__ = (
        "_alarm",
        "_alarms",
        "_at_deadline",
        "_is_called_off",
        "_is_cut_off",
        "_lost_before_s",
        "_thresholds",
        "_timeout_s",
        "over",
    )

    def __init__(
        self,
        probe: Probe[SpecT],
        spec: SpecT,
        alarms: Alarms,
        *,
        timeout_s: float,
        thresholds: Thresholds = NO_THRESHOLDS,
        transcript: Transcript | None = None,
        memory: bytes | None = None,
    ) -> None:
        self._timeout_s = timeout_s
        self._thresholds = thresholds
        self._is_called_off = self._is_cut_off = False
        self._at_deadline: tuple[Callable[[], None], ...] = ()
        context = Context(
            deadline=monotonic() + timeout_s,
            transcript=transcript,
            memory=memory,
            at_deadline=self._keep,
            stalled_s=alarms.stalls.lost_s,
        )
        self._alarms = alarms
        self._lost_before_s = alarms.stalls.lost_s()
        self._alarm = alarms.set(context.deadline, self._strike)
        self.over: asyncio.Future[Observation]
        try:
            started = probe.start(spec, context)
            # A future needs no task; a coroutine gets one.
            if not isinstance(started, asyncio.Future):
                started = asyncio.ensure_future(started)
            self.over = started
        except Exception as error:  # noqa: BLE001 - as one that comes later
            self.over = asyncio.get_running_loop().create_future()
            self.over.set_exception(error)

    def cancel(self) -> None:
        """It is over when the probe has cleared up."""
        if not self.over.done():
            self._is_called_off = True
            self.over.cancel()

    def seen(self) -> Observation | None:
        """None where it was cancelled."""
        self._alarm.cancel()
        stalled_s = self._alarms.stalls.lost_s() - self._lost_before_s
        seen = self._seen()
        if seen is None:
            return None
        if stalled_s > 0:
            return judge_stalled(seen, self._thresholds, stalled_s)
        return judge(seen, self._thresholds)

    def _seen(self) -> Observation | None:
        """As the probe left it."""
        if self.over.cancelled():
            if self._is_called_off:
                return None
            if self._is_cut_off:
                message = f"the probe did not stop at its deadline of {self._timeout_s:g} s"
                return replace(_error(message), is_timing=True)
            return _error("the probe cancelled itself")
        error = self.over.exception()
        if error is not None:
            # Whatever its bug is, the other checks go on.
            _log.error("probe_error", exc_info=error)
            return _error(f"{type(error).__name__}: {error}"[:300])
        return _without_excess(self.over.result())

    def _keep(self, call: Callable[[], None]) -> None:
        self._at_deadline = (*self._at_deadline, call)

    def _strike(self) -> None:
        """Time is up: the probe has a moment to say where it was."""
        self._alarm = self._alarms.set(monotonic() + GRACE_S, self._cut_off)
        for call in self._at_deadline:
            call()

    def _cut_off(self) -> None:
        self._is_cut_off = True
        self.over.cancel()


def _error(message: str) -> Observation:
    return Observation(outcome=Outcome.UNKNOWN, failure=PROBE_ERROR, message=message)


def _without_excess(observation: Observation) -> Observation:
    """Memory beyond the limit is dropped: the next run starts anew rather than the log growing."""
    memory = observation.memory
    if memory is None or len(memory) <= MEMORY_LIMIT:
        return observation
    _log.warning("probe_memory_too_large", extra={"bytes": len(memory)})
    return replace(observation, memory=None)
