"""The prober's core: slots become check runs, and runs become results for the log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from typing import Any

from monitor.domain.catalogue import CatalogueRevision, Check, ConnectivitySettings
from monitor.domain.checks.connectivity import NO_NETWORK, NO_RESOLVER
from monitor.domain.checks.observation import LOCAL, LocationId, Observation, Outcome, Result
from monitor.domain.checks.probe import Probe
from monitor.domain.time.clock import Clock
from monitor.scheduling.check_run import CheckRun
from monitor.scheduling.connectivity_check import ConnectivityCheck, IsReachable
from monitor.scheduling.metrics import ProberCounters
from monitor.scheduling.own_line import ResolverCheck, is_unresolved, worth
from monitor.scheduling.probe_state import ProbeStates
from monitor.scheduling.scheduler import ScheduledRun, Scheduler
from monitor.scheduling.stalls import StallDetector
from monitor.scheduling.timers import Timers

Offer = Callable[[Result, bytes | None], None]
"""Hand a result, with the probe state to store beside it, to the log's writer. Never blocks."""

DRAIN_S = 10.0
"""How long runs may go on after the stop; then they are cut off and their slots are gaps."""

_log = logging.getLogger(__name__)


class Runner:
    """Runs slots as they come: call `adopt` with the revisions, then `run`.

    One timer on the grid begins all the check runs of its tick. A run takes no task of its own
    where its probe needs none. A failure that waits for its connectivity check, or for our
    resolver, takes one.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        slots: Scheduler,
        probes: Mapping[str, Probe[Any]],
        reach: IsReachable,
        offer: Offer,
        probe_states: ProbeStates,
        resolver: ResolverCheck | None = None,
        location: LocationId = LOCAL,
        stalls: StallDetector | None = None,
    ) -> None:
        self._clock = clock
        self._scheduler = slots
        self._probes = probes
        self._reach = reach
        self._offer = offer
        self._probe_states = probe_states
        self._resolver = resolver
        self._location = location
        self._connectivity_checks: dict[tuple[int, str], ConnectivityCheck] = {}
        self._runs: dict[CheckRun, None] = {}
        self._stalls = stalls or StallDetector()
        self._timers = Timers(self._stalls)
        self._group: asyncio.TaskGroup | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._wake_at = 0.0
        self._is_stopping = False
        self.counters = ProberCounters()

    def adopt(self, revisions: Sequence[CatalogueRevision]) -> None:
        """Follow these revisions, each from its own second."""
        connectivity_checks: dict[ConnectivitySettings, ConnectivityCheck] = {}
        for revision in revisions:
            for settings in revision.catalogue.gates:
                connectivity = connectivity_checks.setdefault(
                    settings, ConnectivityCheck(settings, self._reach)
                )
                self._connectivity_checks.setdefault((revision.number, settings.id), connectivity)
        self._scheduler.adopt(revisions)
        self._set_timer()

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set; then wait for the runs under way, `DRAIN_S` at most."""
        self._stalls.start()
        try:
            async with asyncio.timeout(None) as limit, asyncio.TaskGroup() as self._group:
                self._set_timer()
                await stop.wait()
                self._is_stopping = True
                self._end_timer()
                limit.reschedule(asyncio.get_running_loop().time() + DRAIN_S)
                await self._runs_over()
        except TimeoutError:
            _log.warning("looks_cut_off", extra={"after_s": DRAIN_S})
        finally:
            self._end_timer()
            self._group = None
            for check_run in self._runs:
                check_run.cancel()
            await self._runs_over()
            self._timers.close()
            self._stalls.stop()

    async def _runs_over(self) -> None:
        while self._runs:
            await asyncio.wait([check_run.over for check_run in self._runs])

    def _set_timer(self) -> None:
        """Wake when the scheduler says; sooner than before where something has changed."""
        if self._group is None or self._is_stopping:
            return
        self._end_timer()
        self._wake_at = self._scheduler.wake_at()
        delay_s = max(0.0, self._wake_at - self._clock.monotonic())
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._wake)

    def _end_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wake(self) -> None:
        now = self._clock.monotonic()
        self.counters.woken(now - self._wake_at)
        try:
            self._end_overdue()
            for scheduled in self._scheduler.take():
                self.counters.begun(now - scheduled.due_at)
                self._begin(scheduled)
            self._set_timer()
        except Exception as error:  # noqa: BLE001 - raised by `run`
            self._fail(error)

    def _end_overdue(self) -> None:
        """End overdue runs. Stalls put deadlines off, but no run may keep its check's next one
        waiting for more than an interval by that."""
        # Runs are in the order in which they began: where one has lost no time, no later one has.
        for check_run in list(takewhile(CheckRun.has_lost_time, self._runs)):
            check_run.end_if_overdue()

    def _begin(self, scheduled: ScheduledRun) -> None:
        check = scheduled.check
        check_run = CheckRun(
            self._probes[check.kind],
            check.spec,
            self._timers,
            timeout_s=check.timeout_s,
            most_lost_s=check.interval,
            thresholds=check.thresholds,
            memory=self._probe_states.recall(check),
        )
        self._runs[check_run] = None
        check_run.over.add_done_callback(lambda _: self._ended(scheduled, check_run))

    def _ended(self, scheduled: ScheduledRun, check_run: CheckRun) -> None:
        self._runs.pop(check_run, None)
        try:
            observation = check_run.seen()
            if check_run.held_s:
                self._stalls.attribute(scheduled.check.id, check_run.held_s)
            self._scheduler.ended(scheduled)
            # A run that is cut off at the end leaves its slot as a gap.
            if observation is not None and self._group is not None:
                self._process(scheduled, observation, self._group)
        except Exception as error:  # noqa: BLE001 - raised by `run`
            self._fail(error)

    def _process(
        self, scheduled: ScheduledRun, observation: Observation, group: asyncio.TaskGroup
    ) -> None:
        """Log the observation; a failure only after it is known whether we are online."""
        if observation.outcome is Outcome.DOWN:
            connectivity = self._connectivity_check(scheduled.check, scheduled.revision)
            resolver = self._resolver
            if connectivity is not None or (resolver is not None and is_unresolved(observation)):
                self.counters.held += 1
                group.create_task(self._check_failure(scheduled, observation, connectivity))
                return
        self._log(scheduled, observation)

    async def _check_failure(
        self,
        scheduled: ScheduledRun,
        observation: Observation,
        connectivity: ConnectivityCheck | None,
    ) -> None:
        """Hold a failure until its connectivity check and our resolver have been asked after it."""
        observation = await worth(observation, connectivity, self._resolver)
        self.counters.unseen += observation.failure == NO_NETWORK
        self.counters.unresolved += observation.failure == NO_RESOLVER
        self._log(scheduled, observation)

    def _log(self, scheduled: ScheduledRun, observation: Observation) -> None:
        """Log the result of a slot. The check's next slot, if it waits, may begin."""
        self._offer(
            self._result(scheduled, observation),
            self._probe_states.keep(scheduled.check, observation.memory),
        )
        self.counters.finished += 1
        if self._scheduler.logged(scheduled):
            self._set_timer()

    def _fail(self, error: Exception) -> None:
        """A bug of the runner's own ends `run`: no slot may be lost in silence."""
        if self._group is not None:
            self._group.create_task(_raise(error))

    def _connectivity_check(self, check: Check, revision: int) -> ConnectivityCheck | None:
        return None if check.gate is None else self._connectivity_checks.get((revision, check.gate))

    def _result(self, scheduled: ScheduledRun, observation: Observation) -> Result:
        return Result(
            check=scheduled.check.id,
            location=self._location,
            slot=scheduled.slot,
            revision=scheduled.revision,
            outcome=observation.outcome,
            failure=observation.failure,
            message=observation.message,
            phases_ms=observation.phases_ms,
            evidence=observation.evidence,
            era=scheduled.era,
        )


async def _raise(error: Exception) -> None:
    raise error
