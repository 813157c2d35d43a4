"""Slots: which check runs next, how many run at once, and what came too late.

A check's slots are whole UTC seconds, one per interval; each begins once or never. A slot that
cannot begin waits until the check's next one is due. Then it is missed: counted, but never run.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from monitor.catalogues.in_force import HANDED_OVER_S
from monitor.domain.catalogue import CatalogueRevision, Check
from monitor.domain.checks.observation import LOCAL, CheckId, LocationId
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.scheduling.grid_clock import GridClock, WallStep
from monitor.scheduling.timer_wheel import Tick, TimerWheel, first_tick, slot_of

WATCH_WALL_S = 1.0
"""How long a step of the wall clock may go unnoticed."""


BeginEra = Callable[[WallStep], int]
"""Begin an era of the clock. Returns its number."""


class _CheckQueue:
    """The queue of a check: one run at a time, and at most one slot that waits."""

    __slots__ = ("is_queued", "is_running", "waiting")

    def __init__(self) -> None:
        self.waiting: ScheduledRun | None = None
        self.is_running = False
        self.is_queued = False


@dataclass(slots=True, kw_only=True, eq=False)
class ScheduledRun:
    """A slot that may begin. `due_at` and `void_at` are on the monotonic clock."""

    check: Check
    slot: Second
    era: int
    revision: int
    due_at: float
    void_at: float
    queue: _CheckQueue


@dataclass(slots=True, kw_only=True, eq=False)
class _Plan:
    """One revision with its timer wheel, from its first tick on."""

    revision: CatalogueRevision
    begins: Tick
    wheel: TimerWheel

    @property
    def starts_per_tick(self) -> int:
        """As configured, but never too few to catch up with what is due on average."""
        configured = self.revision.catalogue.operations.handshakes_per_tick
        return max(configured, math.ceil(2 * self.wheel.mean_per_tick))

    @property
    def max_concurrent(self) -> int:
        return self.revision.catalogue.operations.max_concurrent


class Scheduler:
    """Call `take` at `wake_at`. For each scheduled run call `ended` when its check run is over, and
    `logged` when its result is on its way to the log.

    No slot is issued twice within an era of the clock. `begin_era` is called for a new era whenever
    the wall clock was set; `era` is the era at the start.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        location: LocationId = LOCAL,
        time: GridClock | None = None,
        era: int = 0,
        begin_era: BeginEra | None = None,
    ) -> None:
        self._clock = clock
        self._location = location
        self._begin_era = begin_era
        self.era = era
        self._plans: list[_Plan] = []
        self._queues: dict[CheckId, _CheckQueue] = {}
        self._ready: deque[_CheckQueue] = deque()
        self._running = 0
        self._begun_at = Tick(0)
        self._begun = 0
        self.time = time or GridClock(clock)
        self.missed = 0

    def adopt(self, revisions: Sequence[CatalogueRevision]) -> None:
        """Follow these revisions, each from its own second; the first one also before that."""
        known = {plan.revision.number: plan for plan in self._plans}
        ordered = sorted((self._begins(r), r.number, r) for r in revisions)
        while len(ordered) > 1 and ordered[1][0] <= self.time.next:
            ordered.pop(0)
        self._plans = [known.get(n) or self._plan(r) for _, n, r in ordered]
        for plan, (begins, _, _) in zip(self._plans, ordered, strict=True):
            plan.begins = begins

    def _begins(self, revision: CatalogueRevision) -> Tick:
        """As `Catalogues.present`: revisions are handed over `HANDED_OVER_S` ahead at most. One
        that is to begin later than that has begun already; the wall clock was set back since."""
        ahead = revision.effective_from - slot_of(self.time.next)
        return self.time.next if ahead > HANDED_OVER_S else first_tick(revision.effective_from)

    def take(self) -> list[ScheduledRun]:
        """The runs that begin now."""
        step = self.time.follow_wall()
        if step is not None:
            self.era = self.era + 1 if self._begin_era is None else self._begin_era(step)
            self.adopt([plan.revision for plan in self._plans])
        first, last = self.time.advance()
        self._collect(first, last)
        return self._begin(last)

    def wake_at(self) -> float:
        """The monotonic moment at which `take` has runs to begin, or is to check the wall clock."""
        now = self._clock.monotonic()
        if self._ready:
            return max(now, self.time.moment(self.time.next))
        moments = [now + WATCH_WALL_S]
        plan = self._in_force(self.time.next)
        due = plan.wheel.next_from(self.time.next) if plan else None
        if due is not None:
            moments.append(self.time.moment(due))
        moments += [self.time.moment(later.begins) for later in self._plans[1:2]]
        return min(moments)

    def ended(self, scheduled: ScheduledRun) -> None:
        """The check run is over: another check's run may begin."""
        self._running -= 1

    def logged(self, scheduled: ScheduledRun) -> bool:
        """The result is on its way to the log: the check's next slot may begin. Returns whether one
        waits."""
        queue = scheduled.queue
        queue.is_running = False
        if queue.waiting is None:
            return False
        self._queue(queue)
        return True

    def _plan(self, revision: CatalogueRevision) -> _Plan:
        ours = (c for c in revision.catalogue.checks if self._location in c.locations)
        return _Plan(revision=revision, begins=self._begins(revision), wheel=TimerWheel(ours))

    def _in_force(self, tick: Tick) -> _Plan | None:
        """The plan of a tick; earlier plans are dropped."""
        plans = self._plans
        while len(plans) > 1 and plans[1].begins <= tick:
            plans.pop(0)
        return plans[0] if plans else None

    def _collect(self, first: Tick, last: Tick) -> None:
        """Schedule every slot of these ticks, each under the revision of its second."""
        while first <= last:
            plan = self._in_force(first)
            if plan is None:
                return
            until = last if len(self._plans) == 1 else Tick(min(last, self._plans[1].begins - 1))
            for tick in plan.wheel.between(first, until):
                self._schedule(tick, plan)
            first = Tick(until + 1)

    def _schedule(self, tick: Tick, plan: _Plan) -> None:
        slot, due_at = slot_of(tick), self.time.moment(tick)
        for check in plan.wheel.due(tick):
            queue = self._queues.get(check.id)
            if queue is None:
                queue = self._queues[check.id] = _CheckQueue()
            if queue.waiting is not None:
                self.missed += 1
            queue.waiting = ScheduledRun(
                check=check, slot=slot, era=self.era, revision=plan.revision.number, due_at=due_at,
                void_at=due_at + check.interval, queue=queue,
            )  # fmt: skip
            if not queue.is_running:
                self._queue(queue)

    def _queue(self, queue: _CheckQueue) -> None:
        if not queue.is_queued:
            queue.is_queued = True
            self._ready.append(queue)

    def _begin(self, tick: Tick) -> list[ScheduledRun]:
        """Begin as many runs as the bounds allow, in order of arrival. Handshakes of one tick are
        bounded, because a batch of them would show in the latencies that are reported."""
        plan = self._in_force(tick)
        if plan is None or not self._ready:
            return []
        if tick != self._begun_at:
            self._begun_at, self._begun = tick, 0
        now = self._clock.monotonic()
        begun: list[ScheduledRun] = []
        room = min(plan.starts_per_tick - self._begun, plan.max_concurrent - self._running)
        while self._ready and len(begun) < room:
            scheduled = self._take_waiting(self._ready.popleft(), now)
            if scheduled is not None:
                begun.append(scheduled)
        self._begun += len(begun)
        self._running += len(begun)
        return begun

    def _take_waiting(self, queue: _CheckQueue, now: float) -> ScheduledRun | None:
        """The waiting run of a check's queue, now running; None where its time is over."""
        queue.is_queued = False
        scheduled, queue.waiting = queue.waiting, None
        if scheduled is None or now >= scheduled.void_at:
            self.missed += scheduled is not None
            return None
        queue.is_running = True
        return scheduled
