"""The prober's heart: slots become looks, looks become results on their way to the log."""

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
from monitor.scheduling.connectivity_check import ConnectivityCheck, Reach
from monitor.scheduling.metrics import ProberCounters
from monitor.scheduling.own_line import ResolverKeeper, is_unresolved, worth
from monitor.scheduling.probe_state import ProbeStates
from monitor.scheduling.scheduler import ScheduledRun, Scheduler
from monitor.scheduling.stalls import StallDetector
from monitor.scheduling.timers import Timers

Offer = Callable[[Result, bytes | None], None]
"""Hand a result, with the memory to keep beside it, to the log's writer. Never blocks."""

DRAIN_S = 10.0
"""How long looks under way at the end may go on; then they are cut off: their slots are gaps."""

_log = logging.getLogger(__name__)


class Runner:
    """Runs slots as they come: adopt a catalogue, then `run`.

    One timer on the grid begins all the looks of its tick. A look takes no task of its own where
    its probe needs none; a failure that waits for its gate, or our resolver, takes one.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        slots: Scheduler,
        probes: Mapping[str, Probe[Any]],
        reach: Reach,
        offer: Offer,
        probe_states: ProbeStates,
        resolver: ResolverKeeper | None = None,
        location: LocationId = LOCAL,
        stalls: StallDetector | None = None,
    ) -> None:
        self._clock = clock
        self._slots = slots
        self._probes = probes
        self._reach = reach
        self._offer = offer
        self._probe_states = probe_states
        self._resolver = resolver
        self._location = location
        self._gates: dict[tuple[int, str], ConnectivityCheck] = {}
        self._looks: dict[CheckRun, None] = {}
        self._stalls = stalls or StallDetector()
        self._timers = Timers(self._stalls)
        self._group: asyncio.TaskGroup | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._wake_at = 0.0
        self._is_stopping = False
        self.tally = ProberCounters()

    def adopt(self, revisions: Sequence[CatalogueRevision]) -> None:
        """Follow these revisions, each from its own second."""
        keepers: dict[ConnectivitySettings, ConnectivityCheck] = {}
        for revision in revisions:
            for gate in revision.catalogue.gates:
                keeper = keepers.setdefault(gate, ConnectivityCheck(gate, self._reach))
                self._gates.setdefault((revision.number, gate.id), keeper)
        self._slots.adopt(revisions)
        self._set_timer()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then the looks under way are waited for, `DRAIN_S` at most."""
        self._stalls.start()
        try:
            async with asyncio.timeout(None) as limit, asyncio.TaskGroup() as self._group:
                self._set_timer()
                await stop.wait()
                self._is_stopping = True
                self._end_timer()
                limit.reschedule(asyncio.get_running_loop().time() + DRAIN_S)
                await self._looks_over()
        except TimeoutError:
            _log.warning("looks_cut_off", extra={"after_s": DRAIN_S})
        finally:
            self._end_timer()
            self._group = None
            for under_way in self._looks:
                under_way.cancel()
            await self._looks_over()
            self._timers.close()
            self._stalls.stop()

    async def _looks_over(self) -> None:
        while self._looks:
            await asyncio.wait([under_way.over for under_way in self._looks])

    def _set_timer(self) -> None:
        """Wake when the slots say; sooner than before where something has changed."""
        if self._group is None or self._is_stopping:
            return
        self._end_timer()
        self._wake_at = self._slots.wake_at()
        patience = max(0.0, self._wake_at - self._clock.monotonic())
        self._timer = asyncio.get_running_loop().call_later(patience, self._wake)

    def _end_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wake(self) -> None:
        now = self._clock.monotonic()
        self.tally.woken(now - self._wake_at)
        try:
            self._end_the_late()
            for turn in self._slots.take():
                self.tally.begun(now - turn.due_at)
                self._begin(turn)
            self._set_timer()
        except Exception as error:  # noqa: BLE001 - raised by `run`
            self._fail(error)

    def _end_the_late(self) -> None:
        """Stalls put deadlines off; no look may keep its check's next one waiting for more than an
        interval by them."""
        # In the order in which they began: where one has lost no time, none behind it has.
        for under_way in list(takewhile(CheckRun.has_lost_time, self._looks)):
            under_way.end_if_overdue()

    def _begin(self, turn: ScheduledRun) -> None:
        check = turn.check
        under_way = CheckRun(
            self._probes[check.kind],
            check.spec,
            self._timers,
            timeout_s=check.timeout_s,
            most_lost_s=check.interval,
            thresholds=check.thresholds,
            memory=self._probe_states.recall(check),
        )
        self._looks[under_way] = None
        under_way.over.add_done_callback(lambda _: self._ended(turn, under_way))

    def _ended(self, turn: ScheduledRun, under_way: CheckRun) -> None:
        self._looks.pop(under_way, None)
        try:
            seen = under_way.seen()
            if under_way.held_s:
                self._stalls.attribute(turn.check.id, under_way.held_s)
            self._slots.ended(turn)
            # Cut off at the end, its slot is a gap.
            if seen is not None and self._group is not None:
                self._take_in(turn, seen, self._group)
        except Exception as error:  # noqa: BLE001 - raised by `run`
            self._fail(error)

    def _take_in(self, turn: ScheduledRun, seen: Observation, group: asyncio.TaskGroup) -> None:
        """What was seen goes to the log; a failure, once it is known whether we can see."""
        if seen.outcome is Outcome.DOWN:
            keeper = self._keeper(turn.check, turn.revision)
            resolver = self._resolver
            if keeper is not None or (resolver is not None and is_unresolved(seen)):
                self.tally.held += 1
                group.create_task(self._hold(turn, seen, keeper))
                return
        self._log(turn, seen)

    async def _hold(
        self, turn: ScheduledRun, seen: Observation, keeper: ConnectivityCheck | None
    ) -> None:
        """A failure is held until its gate, and our resolver, have been looked at after it."""
        seen = await worth(seen, keeper, self._resolver)
        self.tally.unseen += seen.failure == NO_NETWORK
        self.tally.unresolved += seen.failure == NO_RESOLVER
        self._log(turn, seen)

    def _log(self, turn: ScheduledRun, seen: Observation) -> None:
        """The row of a slot. One that waited for this run may follow."""
        self._offer(self._result(turn, seen), self._probe_states.keep(turn.check, seen.memory))
        self.tally.finished += 1
        if self._slots.logged(turn):
            self._set_timer()

    def _fail(self, error: Exception) -> None:
        """A bug of the runner's own ends `run`: no slot may be lost in silence."""
        if self._group is not None:
            self._group.create_task(_raise(error))

    def _keeper(self, check: Check, revision: int) -> ConnectivityCheck | None:
        return None if check.gate is None else self._gates.get((revision, check.gate))

    def _result(self, turn: ScheduledRun, seen: Observation) -> Result:
        return Result(
            check=turn.check.id,
            location=self._location,
            slot=turn.slot,
            revision=turn.revision,
            outcome=seen.outcome,
            failure=seen.failure,
            message=seen.message,
            phases_ms=seen.phases_ms,
            evidence=seen.evidence,
            era=turn.era,
        )


async def _raise(error: Exception) -> None:
    raise error
