"""From the result log to the result store: nothing is lost while the store is away.

Each step does one thing and returns how long to wait before the next, so that its caller controls
the clock. The cursor advances only when the store confirms; a kill anywhere repeats writes, which
changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from monitor.domain.checks.observation import LoggedResult
from monitor.domain.time.clock import Clock
from monitor.domain.time.eras import Eras
from monitor.domain.time.interval import Interval, Second
from monitor.results.log.ports import ResultReader
from monitor.results.stores.ports import (
    DeadLetter,
    Positions,
    ResultStore,
    StoreMisconfigured,
    StoreRefused,
    StoreUnavailable,
)

READER = "store"
BATCH = 5_000
GATHER_S = 1.0
"""How long rows gather while the store keeps up."""
_BACKOFF_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
LONGEST_WAIT_S = 600.0
"""The store may ask for longer: that is no reason to wait until results are pruned."""
PAUSE_S = 30.0
"""How often a paused store is tried again: a person may have mended it."""
REFUSED_AT_ONCE = 100
"""More refusals than this in one batch are no odd results: the store does not fit."""


PROVE_EVERY_S = 600.0
"""How often one row is read back."""
_SHORTEST_RETENTION_S = 3_600
"""A store may drop at once what is older than its retention; none is shorter than an hour."""


class Reached(Protocol):
    def __call__(self, point: str, /) -> None: ...


class Forwarder:
    """Forwards rows in order; see `step`. Its counters are for operators."""

    def __init__(
        self,
        *,
        log: ResultReader,
        store: ResultStore,
        positions: Positions,
        clock: Clock,
        say: Callable[..., None],
        reached: Reached,
    ) -> None:
        """`say(event, **fields)` writes a line of the operators' log."""
        self._log = log
        self._store = store
        self._positions = positions
        self._clock = clock
        self._say = say
        self._reached = reached
        self._cursor: int | None = None
        self._failures = 0
        self._read_back_at = clock.monotonic()
        self._writing = asyncio.Lock()
        self.written = 0
        self.missed = 0
        """Rows that the log had pruned before the store confirmed them; at most so many."""
        self.last_write: Second | None = None
        self.oldest_unstored: Second | None = None
        self.exported_until: Second | None = None
        """Every result logged before is in the store; None until that was so once."""
        self.paused = ""
        self.fault = ""

    async def step(self) -> float:
        """Forward one batch; the seconds to wait before the next step. No store's fault raises."""
        began = self._clock.now()
        try:
            async with self._writing:
                rows = await self._step()
            if not rows:
                self.oldest_unstored, self.exported_until = None, began
                return GATHER_S
        except StoreMisconfigured as error:
            return self._pause(str(error))
        except StoreUnavailable as error:
            return self._back_off(error)
        if len(rows) == BATCH:
            return 0.0
        self.exported_until = began
        return GATHER_S

    async def forward_again(self, rows: Sequence[LoggedResult]) -> None:
        """Write rows that count again where a later era's took their place. What was refused once
        is refused again, and was reported then.

        Raises StoreUnavailable or StoreMisconfigured.
        """
        async with self._writing:
            for first in range(0, len(rows), BATCH):
                await self._write(rows[first : first + BATCH], REFUSED_AT_ONCE)

    async def _step(self) -> Sequence[LoggedResult]:
        rows = await asyncio.to_thread(self._read)
        if rows:
            # Read after the rows, so that the era of each is known.
            eras = Eras(await asyncio.to_thread(self._log.eras))
            real = [row for row in rows if not (row.is_absurd or eras.is_wrong(row.result.era))]
            self.oldest_unstored = real[0].result.slot if real else None
            await self._forward(real, rows[-1].seq)
        return rows

    @property
    def cursor(self) -> int:
        """The last row that the store has confirmed."""
        return self._cursor or 0

    def _read(self) -> Sequence[LoggedResult]:
        if self._cursor is None:
            self._cursor = self._positions.position(READER)
        rows = self._log.read(self._cursor, BATCH)
        if rows and self._cursor and rows[0].seq > self._cursor + 1:
            # A log that replaced another one begins behind a gap as well.
            missed = rows[0].seq - self._cursor - 1
            self.missed += missed
            self._say("store.rows_pruned", at_most=missed)
        return rows

    async def _forward(self, rows: Sequence[LoggedResult], through: int) -> None:
        dead = await self._write(rows, REFUSED_AT_ONCE) if rows else []
        await self._read_back(rows, {dead_letter.row.seq for dead_letter in dead})
        self._reached("store.confirmed")
        await asyncio.to_thread(self._positions.advance, READER, through, dead)
        self._cursor = through
        if not rows:
            return
        self.written += len(rows) - len(dead)
        self.last_write = self._clock.now()
        if dead:
            self._say("store.dead_letters", count=len(dead), first=dead[0].reason)
        if self.paused or self.fault:
            self._say("store.works_again")
        self._failures, self.paused, self.fault = 0, "", ""

    async def _read_back(self, rows: Sequence[LoggedResult], dead: Collection[int]) -> None:
        """Read the newest row back, now and then. A store that confirms and keeps nothing would be
        believed until the log has pruned what was given to it. It may be a proxy that answers for
        the store, or a store whose clock is ahead: all that is new is past its retention.

        Raises StoreMisconfigured.
        """
        now = self._clock.now()
        fresh = [
            row.result
            for row in rows
            if row.seq not in dead and now - row.result.slot < _SHORTEST_RETENTION_S
        ]
        if not fresh or self._clock.monotonic() < self._read_back_at:
            return
        newest = max(fresh, key=lambda result: result.slot)
        span = Interval(newest.slot, Second(newest.slot + 1))
        try:
            found = await self._store.results((newest.check, newest.location), span, 1)
        except StoreUnavailable:
            # It is too busy to be queried: a later batch is read back.
            return
        if not found:
            raise StoreMisconfigured(
                "it confirms results that it does not have: look at what stands between, and "
                "whether its clock agrees with ours"
            )
        self._read_back_at = self._clock.monotonic() + PROVE_EVERY_S

    async def _write(self, rows: Sequence[LoggedResult], budget: int) -> list[DeadLetter]:
        """Write rows. A refused batch is halved, down to single rows, which are dead letters.

        Raises StoreMisconfigured where more than `budget` rows would be dead letters.
        """
        try:
            await self._store.write(rows)
        except StoreRefused as error:
            if len(rows) == 1:
                return [DeadLetter(row=rows[0], at=self._clock.now(), reason=str(error))]
            half = len(rows) // 2
            dead = await self._write(rows[:half], budget)
            dead += await self._write(rows[half:], budget - len(dead))
            if len(dead) > budget:
                raise StoreMisconfigured(
                    f"it refuses more than {budget} results at once: {error}"
                ) from error
            return dead
        return []

    def _pause(self, reason: str) -> float:
        if reason != self.paused:
            self._say("store.paused", reason=reason, hint="estado store doctor")
        self.paused, self.fault = reason, ""
        return PAUSE_S

    def _back_off(self, error: StoreUnavailable) -> float:
        wait = _BACKOFF_S[min(self._failures, len(_BACKOFF_S) - 1)]
        if not self._failures:
            self._say("store.unavailable", reason=str(error))
        self._failures += 1
        self.fault, self.paused = str(error), ""
        return max(wait, min(error.retry_after or 0.0, LONGEST_WAIT_S))
