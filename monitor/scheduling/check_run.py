"""One check run: a probe under a deadline. Its bugs are caught and its slowness is judged.

A run during which the process stood still, or came round late again and again, gets the lost time
back, and is judged as a run that lost time. What is given back is limited, so that endless stalls
do not make a run endless.

The prober has a `CheckRun` for each slot; `estado probe` calls `run_check` once. Nothing else runs
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
"""How long past its deadline a probe may take to report the class; then it is cut off."""
LEAST_LOST_S = 0.1
"""A shorter loss of time does not explain a time-out."""

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
    """What the probe observed within `timeout_s`, at most `GRACE_S` later. Raises only
    CancelledError. A probe that raises or overruns gives `unknown`, class `probe_error`."""
    timers = Timers(StallDetector())
    timers.stalls.start()
    check_run = CheckRun(
        probe,
        spec,
        timers,
        timeout_s=timeout_s,
        thresholds=thresholds,
        transcript=transcript,
        memory=memory,
    )
    watch = asyncio.create_task(_end_in_time(check_run))
    try:
        await asyncio.wait([check_run.over])
    finally:
        watch.cancel()
        check_run.cancel()
        try:
            await asyncio.wait([check_run.over])
        finally:
            timers.stalls.stop()
            timers.close()
    observation = check_run.seen()
    if observation is None:
        raise asyncio.CancelledError
    return observation


async def _end_in_time(check_run: CheckRun) -> None:
    while True:
        await asyncio.sleep(GRACE_S)
        check_run.end_if_overdue()


class UnusableProbe:
    """Replaces a kind that cannot be loaded: each run says why, and nothing about its target."""

    def __init__(self, why: str) -> None:
        self._why = why

    async def start(self, spec: object, context: Context) -> Observation:
        return _error(self._why)


class CheckRun:
    """A check run under way. The caller that began it calls `seen` once, when it is `over`. Until
    then the caller calls `end_if_overdue` from time to time.

    `most_lost_s` is how much of the time that stalls take is given back; by default, the time-out.
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
            at_deadline=self._call_at_deadline,
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
        except Exception as error:  # noqa: BLE001 - handled as one that the probe raises later
            self.over = asyncio.get_running_loop().create_future()
            self.over.set_exception(error)

    def cancel(self) -> None:
        """Cancel the run. It is over when the probe has cleaned up."""
        if not self.over.done():
            self._is_called_off = True
            self.over.cancel()

    def seen(self) -> Observation | None:
        """The judged observation; None where the run was cancelled."""
        self._alarm.cancel()
        lost_s = self._lost_s()
        observation = self._observed()
        if observation is None:
            return None
        if lost_s <= 0 and not self._is_ended:
            return judge(observation, self._thresholds)
        if self._is_worthless(lost_s):
            return judge_stalled(observation, self._thresholds, lost_s)
        return judge_late(observation, self._thresholds, lost_s)

    @property
    def held_s(self) -> float:
        """How many seconds this run's long steps kept the loop from all else, as far as is known:
        the futures of `monitor.net.coroutine_driver` count it."""
        return float(getattr(self.over, "held_s", 0.0))

    def has_lost_time(self) -> bool:
        return self._lost_s() > 0

    def end_if_overdue(self) -> None:
        """End the run where stalls have put off its deadline by more than `most_lost_s`. Where an
        earlier call did so and the run has not ended, cut it off."""
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
        """Whether nothing that the observation says about time can be believed."""
        stalls = self._timers.stalls
        return (
            self._is_ended
            or stalls.standstills > self._standstills_before
            or (lost_s >= LEAST_LOST_S and is_mostly_lost(lost_s, stalls.clock() - self._began))
        )

    def _observed(self) -> Observation | None:
        """The observation before judging; None where the run was cancelled."""
        if self.over.cancelled():
            if self._is_called_off:
                return None
            if self._is_cut_off:
                message = f"the probe did not stop at its deadline of {self._timeout_s:g} s"
                return replace(_error(message), is_time_dependent=True)
            return _error("the probe cancelled itself")
        error = self.over.exception()
        if error is not None:
            # Whatever the bug is, the other checks go on.
            _log.error("probe_error", exc_info=error)
            return _error(f"{type(error).__name__}: {error}"[:300])
        return _without_excess(self.over.result())

    def _call_at_deadline(self, call: Callable[[], None]) -> None:
        self._at_deadline = (*self._at_deadline, call)

    def _strike(self) -> None:
        """The deadline: the probe has `GRACE_S` left to report its phase."""
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
    """Drop a probe state beyond the limit: the next run starts anew, and the log does not grow."""
    memory = observation.memory
    if memory is None or len(memory) <= MEMORY_LIMIT:
        return observation
    _log.warning("probe_memory_too_large", extra={"bytes": len(memory)})
    return replace(observation, memory=None)
