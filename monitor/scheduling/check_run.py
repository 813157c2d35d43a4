"""One look: a probe run under a deadline, its bugs caught, its slowness judged.

A look over which the process stood still, or came round late time after time, has the time back
that this took, and is judged as such. So much is given back and no more: what stalls for ever must
not make it last for ever.

The prober has a `CheckRun` for each slot, `estado probe` calls `run_check` once; nobody else runs
probes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from typing import TypeVar

from monitor.domain.catalogue import Thresholds
from monitor.domain.checks.observation import FailureId, Observation, Outcome
from monitor.domain.checks.probe import MEMORY_LIMIT, Context, Probe, Transcript
from monitor.domain.checks.thresholds import is_mostly_lost, judge, judge_late, judge_stalled
from monitor.scheduling.stalls import StallDetector
from monitor.scheduling.timers import Timers

PROBE_ERROR = FailureId("probe_error")
GRACE_S = 0.2
"""How long past its deadline a probe may go on naming the class; then it is cut off."""
LEAST_LOST_S = 0.1
"""Less than this is no cause of a time-out."""

NO_THRESHOLDS = Thresholds()

SpecT = TypeVar("SpecT")
_log = logging.getLogger(__name__)


async def run_check(
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
    timers = Timers(StallDetector())
    timers.stalls.start()
    under_way = CheckRun(
        probe,
        spec,
        timers,
        timeout_s=timeout_s,
        thresholds=thresholds,
        transcript=transcript,
        memory=memory,
    )
    watch = asyncio.create_task(_end_in_time(under_way))
    try:
        await asyncio.wait([under_way.over])
    finally:
        watch.cancel()
        under_way.cancel()
        try:
            await asyncio.wait([under_way.over])
        finally:
            timers.stalls.stop()
            timers.close()
    seen = under_way.seen()
    if seen is None:
        raise asyncio.CancelledError
    return seen


async def _end_in_time(under_way: CheckRun) -> None:
    while True:
        await asyncio.sleep(GRACE_S)
        under_way.end_if_overdue()


class UnusableProbe:
    """Stands for a kind that cannot be loaded: each run says why, and nothing of its target."""

    def __init__(self, why: str) -> None:
        self._why = why

    async def start(self, spec: object, context: Context) -> Observation:
        return _error(self._why)


class CheckRun:
    """A look under way. Whoever began it asks what was `seen`, once, when it is `over`; until then
    it sees to it, every while, that a look that is overdue ends.

    `most_lost_s` is how much of the time that stalls take is given back: by default as much as the
    look had.
    """

    __slots__ = (
        "_alarm",
        "_at_deadline",
        "_began",
        "_is_called_off",
        "_is_cut_off",
        "_is_ended",
        "_lost_before_s",
        "_most_lost_s",
        "_standstills_before",
        "_thresholds",
        "_timeout_s",
        "_timers",
        "over",
    )

    def __init__(
        self,
        probe: Probe[SpecT],
        spec: SpecT,
        timers: Timers,
        *,
        timeout_s: float,
        most_lost_s: float | None = None,
        thresholds: Thresholds = NO_THRESHOLDS,
        transcript: Transcript | None = None,
        memory: bytes | None = None,
    ) -> None:
        self._timeout_s = timeout_s
        self._most_lost_s = timeout_s if most_lost_s is None else most_lost_s
        self._thresholds = thresholds
        self._is_called_off = self._is_cut_off = self._is_ended = False
        self._at_deadline: tuple[Callable[[], None], ...] = ()
        context = Context(
            deadline=monotonic() + timeout_s,
            transcript=transcript,
            memory=memory,
            at_deadline=self._keep,
            stalled_s=timers.stalls.lost_s,
        )
        self._timers = timers
        self._lost_before_s = timers.stalls.lost_s()
        self._standstills_before = timers.stalls.standstills
        self._began = timers.stalls.clock()
        self._alarm = timers.set(context.deadline, self._strike)
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
        lost_s = self._lost_s()
        seen = self._seen()
        if seen is None:
            return None
        if lost_s <= 0 and not self._is_ended:
            return judge(seen, self._thresholds)
        if self._is_worthless(lost_s):
            return judge_stalled(seen, self._thresholds, lost_s)
        return judge_late(seen, self._thresholds, lost_s)

    @property
    def held_s(self) -> float:
        """How long the loop did nothing else but this look's long steps, as far as is known: the
        futures of `monitor.net.coroutine_driver` tell it."""
        return float(getattr(self.over, "held_s", 0.0))

    def has_lost_time(self) -> bool:
        return self._lost_s() > 0

    def end_if_overdue(self) -> None:
        """End it where stalls have put its deadline off by more than they may. Where it was told so
        before and has not ended, it is cut off."""
        over_s = self._timers.stalls.clock() - self._began - self._timeout_s - self._most_lost_s
        if self.over.done() or over_s < 0 or self._lost_s() <= self._most_lost_s:
            return
        if not self._is_ended:
            self._is_ended = True
            self._strike()
        elif over_s >= GRACE_S:
            self._cut_off()

    def _lost_s(self) -> float:
        return self._timers.stalls.lost_s() - self._lost_before_s

    def _is_worthless(self, lost_s: float) -> bool:
        """Whether nothing that it says of time can be believed."""
        stalls = self._timers.stalls
        return (
            self._is_ended
            or stalls.standstills > self._standstills_before
            or (lost_s >= LEAST_LOST_S and is_mostly_lost(lost_s, stalls.clock() - self._began))
        )

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
        self._alarm.cancel()
        self._alarm = self._timers.set(monotonic() + GRACE_S, self._cut_off)
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
