"""The prober's heart: slots become looks, looks become results on their way to the log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from monitor.domain.catalogue import CatalogueRevision, Check, Gate
from monitor.domain.observation import LOCAL, LocationId, Observation, Outcome, Result
from monitor.engine.gate import GateKeeper, Reach, unseen
from monitor.engine.look import look
from monitor.engine.memories import Memories
from monitor.engine.slots import Slots, Turn
from monitor.engine.tally import Tally
from monitor.ports.clock import Clock
from monitor.ports.probe import Probe

Offer = Callable[[Result, bytes | None], None]
"""Hand a result, with the memory to keep beside it, to the log's writer. Never blocks."""

DRAIN_S = 10.0
"""How long looks under way at the end may go on; then they are cut off: their slots are gaps."""

_log = logging.getLogger(__name__)


class Runner:
    """Runs slots as they come: adopt a catalogue, then `run`.

    One timer on the grid begins all the looks of its tick. A look takes one task; nothing else
    does.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        slots: Slots,
        probes: Mapping[str, Probe[Any]],
        reach: Reach,
        offer: Offer,
        memories: Memories,
        location: LocationId = LOCAL,
    ) -> None:
        self._clock = clock
        self._slots = slots
        self._probes = probes
        self._reach = reach
        self._offer = offer
        self._memories = memories
        self._location = location
        self._gates: dict[tuple[int, str], GateKeeper] = {}
        self._group: asyncio.TaskGroup | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._wake_at = 0.0
        self._is_stopping = False
        self.tally = Tally()

    def adopt(self, revisions: Sequence[CatalogueRevision]) -> None:
        """Follow these revisions, each from its own second."""
        keepers: dict[Gate, GateKeeper] = {}
        for revision in revisions:
            for gate in revision.catalogue.gates:
                keeper = keepers.setdefault(gate, GateKeeper(gate, self._reach))
                self._gates.setdefault((revision.number, gate.id), keeper)
        self._slots.adopt(revisions)
        self._set_timer()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then the looks under way are waited for, `DRAIN_S` at most."""
        try:
            async with asyncio.timeout(None) as limit, asyncio.TaskGroup() as self._group:
                self._set_timer()
                await stop.wait()
                self._is_stopping = True
                self._end_timer()
                limit.reschedule(asyncio.get_running_loop().time() + DRAIN_S)
        except TimeoutError:
            _log.warning("looks_cut_off", extra={"after_s": DRAIN_S})
        finally:
            self._end_timer()
            self._group = None

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
        assert self._group is not None, "the timer ends before the group does"  # noqa: S101
        for turn in self._slots.take():
            self.tally.begun(now - turn.due_at)
            self._group.create_task(self._run(turn))
        self._set_timer()

    async def _run(self, turn: Turn) -> None:
        """One slot from its look to its row. A slot that waited for this one may follow."""
        check = turn.check
        try:
            seen = await look(
                self._probes[check.kind],
                check.spec,
                timeout_s=check.timeout_s,
                thresholds=check.thresholds,
                memory=self._memories.recall(check),
            )
        finally:
            self._slots.ended(turn)
        seen = await self._believed(turn, seen)
        self._offer(self._result(turn, seen), self._memories.keep(check, seen.memory))
        self.tally.finished += 1
        if self._slots.logged(turn):
            self._set_timer()

    async def _believed(self, turn: Turn, seen: Observation) -> Observation:
        """A failure is held until its gate has been looked at after it."""
        keeper = self._keeper(turn.check, turn.revision)
        if seen.outcome is not Outcome.DOWN or keeper is None:
            return seen
        self.tally.held += 1
        if await keeper.is_open():
            return seen
        self.tally.unseen += 1
        return unseen(seen)

    def _keeper(self, check: Check, revision: int) -> GateKeeper | None:
        return None if check.gate is None else self._gates.get((revision, check.gate))

    def _result(self, turn: Turn, seen: Observation) -> Result:
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
        )
