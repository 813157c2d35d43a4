"""The prober's heart: slots become looks, looks become results on their way to the log."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor.domain.catalogue import Check, Gate
from monitor.domain.interval import Second
from monitor.domain.observation import (
    LOCAL,
    CheckId,
    LocationId,
    Observation,
    Outcome,
    Result,
)
from monitor.engine.gate import GateKeeper, Reach, unseen
from monitor.engine.look import look
from monitor.engine.slots import GRID, Due, SlotWheel
from monitor.ports.clock import Clock
from monitor.ports.probe import Probe
from monitor.ports.results import FoldKey

Offer = Callable[[Result, bytes | None], None]
"""Hand a result, with the probe's memory, to the log's writer. Never blocks."""
_RECENT = 2_000


@dataclass(slots=True)
class Tally:
    """What the prober counts of itself."""

    started: int = 0
    finished: int = 0
    missed: int = 0
    lateness_ms: deque[float] = field(default_factory=lambda: deque(maxlen=_RECENT))
    loop_lag_ms: float = 0.0


@dataclass(slots=True)
class _Turn:
    """One check's present: the slot that waits, and whether a run is under way."""

    waiting: Due | None = None
    is_running: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """What to look at: the checks of one revision, its gates and its bounds."""

    revision: int
    effective_from: Second
    checks: tuple[Check, ...]
    gates: tuple[Gate, ...]
    max_concurrent: int
    handshakes_per_tick: int


class Runner:
    """Runs due slots, at most one of a check at a time, within the assignment's bounds.

    A slot that cannot begin waits until the check's next one is due; then it is missed.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        probes: Mapping[str, Probe[Any]],
        reach: Reach,
        offer: Offer,
        memories: Mapping[FoldKey, bytes],
        location: LocationId = LOCAL,
    ) -> None:
        self._clock = clock
        self._probes = probes
        self._reach = reach
        self._offer = offer
        self._location = location
        self._memories = dict(memories)
        self._wheel = SlotWheel(clock)
        self._turns: dict[CheckId, _Turn] = {}
        self._ready: deque[CheckId] = deque()
        self._running: set[asyncio.Task[None]] = set()
        self._gates: dict[str, GateKeeper] = {}
        self._assignment: Assignment | None = None
        self._pending: list[Assignment] = []
        self._kick = asyncio.Event()
        self.tally = Tally()

    @property
    def wheel(self) -> SlotWheel:
        return self._wheel

    def assign(self, assignments: list[Assignment]) -> None:
        """Take over the revisions to come; each changes over at its own second."""
        known = self._assignment.revision if self._assignment else -1
        self._pending = sorted(
            (a for a in assignments if a.revision > known), key=lambda a: a.revision
        )
        self._kick.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then the looks under way are waited for."""
        stopped = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self.turn()
                await self._sleep(stopped)
        finally:
            stopped.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=30)

    async def _sleep(self, stopped: asyncio.Task[bool]) -> None:
        """Until the grid's next moment that matters, an assignment, or the end."""
        wake = self._next_turn()
        self._kick.clear()
        kicked = asyncio.create_task(self._kick.wait())
        patience = max(0.0, wake - self._clock.monotonic())
        try:
            await asyncio.wait(
                [stopped, kicked], timeout=patience, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            kicked.cancel()
        self.tally.loop_lag_ms = max(0.0, (self._clock.monotonic() - wake) * 1000)

    def turn(self) -> None:
        """One tick of the grid: change over, collect what is due, begin what may begin."""
        self._change_over()
        for due in self._wheel.due():
            self._enqueue(due)
        self._begin_ready()

    def _next_turn(self) -> float:
        if self._ready:
            return self._clock.monotonic() + GRID
        return self._wheel.next_at()

    def _change_over(self) -> None:
        now = self._clock.now()
        while self._pending and (
            self._assignment is None or self._pending[0].effective_from <= now
        ):
            chosen = self._pending.pop(0)
            self._assignment = chosen
            self._gates = {g.id: GateKeeper(g, self._reach) for g in chosen.gates}
            start = max(now, chosen.effective_from)
            self._wheel.plan(chosen.checks, Second(start))

    def _enqueue(self, due: Due) -> None:
        turn = self._turns.setdefault(due.check.id, _Turn())
        if turn.waiting is None:
            self._ready.append(due.check.id)
        else:
            self.tally.missed += 1
        turn.waiting = due

    def _begin_ready(self) -> None:
        """Begin in order of waiting; the handshakes of one tick are bounded, for a batch of them
        would show in the latencies that are reported."""
        assignment = self._assignment
        if assignment is None:
            return
        left = min(assignment.handshakes_per_tick, assignment.max_concurrent - len(self._running))
        for _ in range(len(self._ready)):
            if left <= 0:
                return
            ident = self._ready.popleft()
            turn = self._turns[ident]
            if turn.is_running:
                self._ready.append(ident)
                continue
            due, turn.waiting = turn.waiting, None
            if due is not None:
                self._begin(due, turn, assignment.revision)
                left -= 1

    def _begin(self, due: Due, turn: _Turn, revision: int) -> None:
        late = self._clock.monotonic() - due.at
        self.tally.lateness_ms.append(max(0.0, late * 1000))
        self.tally.started += 1
        turn.is_running = True
        task = asyncio.get_running_loop().create_task(self._run(due, turn, revision))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run(self, due: Due, turn: _Turn, revision: int) -> None:
        check = due.check
        key = (check.id, self._location)
        try:
            seen = await look(
                self._probes[check.kind],
                check.spec,
                timeout_s=check.timeout_s,
                thresholds=check.thresholds,
                memory=self._memories.get(key),
            )
            seen = await self._believed(check, seen)
        finally:
            turn.is_running = False
        self._remember(key, seen.memory)
        self.tally.finished += 1
        self._offer(self._result(due, seen, revision), seen.memory)

    async def _believed(self, check: Check, seen: Observation) -> Observation:
        """A failure is held until the gate has been looked at after it."""
        keeper = self._gates.get(check.gate) if check.gate else None
        if seen.outcome is not Outcome.DOWN or keeper is None:
            return seen
        return seen if await keeper.is_open() else unseen(seen)

    def _remember(self, key: FoldKey, memory: bytes | None) -> None:
        if memory is None:
            self._memories.pop(key, None)
        else:
            self._memories[key] = memory

    def _result(self, due: Due, seen: Observation, revision: int) -> Result:
        return Result(
            check=due.check.id,
            location=self._location,
            slot=due.slot,
            revision=revision,
            outcome=seen.outcome,
            failure=seen.failure,
            message=seen.message,
            phases_ms=seen.phases_ms,
            evidence=seen.evidence,
        )
