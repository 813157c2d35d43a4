"""The core's state for many readers, followed by what has come since it was read."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from monitor.accounts.ports import AccountsTransaction
from monitor.api.present.journal_place import JournalPlace
from monitor.catalogues.in_force import Catalogues
from monitor.domain.checks.observation import ComponentId
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.journal.ports import SeenStates
from monitor.state.core_state import CoreState
from monitor.state.freshness import Freshness, freshness_of

if TYPE_CHECKING:
    from monitor.api.ports import ApiJournal

_FEW = 1_000
"""Folds whose state is read anew for each request: it takes some milliseconds."""
_MOST_DECIDED = 2_000
"""Decisions that are taken in one by one; with more, reading all is as fast."""
_NOTHING_SEEN = SeenStates()
_YOUNG_S = 2.0
_OLD_S = 15.0


class _Mark(NamedTuple):
    """What moves with everything that the state is made of. `in_force` is the configuration that
    rules now, and since when: one begins without anything having come."""

    cursor: int
    era: int
    place: JournalPlace
    catalogues: Catalogues
    in_force: tuple[int, Second]

    @classmethod
    def read(cls, tx: AccountsTransaction, catalogues: Catalogues, now: Second) -> _Mark:
        revision = catalogues.present(now)
        return cls(
            cursor=tx.folds.cursor(), era=tx.folds.era(), place=JournalPlace.read(tx),
            catalogues=catalogues, in_force=(revision.number, revision.effective_from),
        )  # fmt: skip

    def goes_on_from(self, before: _Mark) -> bool:
        """Whether more results may be all that has come between them."""
        is_same = self.era == before.era and self.catalogues is before.catalogues
        return is_same and self.place.is_beyond(before.place)


class _Snapshot:
    """The core's state at one moment, and what is computed of it once for all who ask."""

    def __init__(
        self,
        core: CoreState,
        mark: _Mark,
        at: Second,
        read_at: float,
        seen: SeenStates = _NOTHING_SEEN,
    ) -> None:
        self.core = core
        self.mark = mark
        self.at = at
        self.read_at = read_at
        self.seen = seen
        self._silent: dict[ComponentId, bool] = {}

    @cached_property
    def freshness(self) -> Freshness:
        """By the wall clock, which is all that a reader of the journal has."""
        return freshness_of(self.core.catalogue, self.core.states, self.at)

    def is_silent(self, component: ComponentId) -> bool:
        """Whether its results are not fresh. Found out once for all who ask of this moment."""
        if component in self.core.watched and component not in self.freshness.doubtful:
            return False
        found = self._silent.get(component)
        if found is None:
            found = self._silent[component] = not self.core.is_seen(component, self.at)
        return found


class CoreStates:
    """The core's state for many readers. With thousands of checks reading it takes half a second of
    CPU at first, and a tenth of it to follow what has moved since: it is kept then, and is up to 2
    s old while somebody asks, 15 s for the first who asks again; `is_exact` waits for what has
    moved. Threads may share it."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="core-state")
        self._lock = threading.Lock()
        self._kept: _Snapshot | None = None
        self._reading: Future[_Snapshot] | None = None
        self.kept_wholes = 0
        """How often a large state was read as a whole, and stays in memory from then on."""

    def read(
        self, journal: ApiJournal, catalogues: Catalogues, clock: Clock, *, is_exact: bool = False
    ) -> _Snapshot:
        """`is_exact`: nothing that has moved is missing. Raises JournalError."""
        with journal.transaction() as tx:
            mark = _Mark.read(tx, catalogues, clock.now())
            kept = self._kept
            if kept is None or len(kept.core.states) < _FEW:
                if kept is not None and kept.mark == mark:
                    return _Snapshot(kept.core, mark, clock.now(), kept.read_at)
                self._kept = _read(tx, mark, catalogues, clock)
                self.kept_wholes += len(self._kept.core.states) >= _FEW
                return self._kept
        age, has_moved = clock.boottime() - kept.read_at, kept.mark != mark
        if age < _YOUNG_S and not (is_exact and has_moved):
            return kept
        reading = self._begin(journal, catalogues, clock)
        if is_exact and has_moved:
            return self._through(reading, mark, journal, catalogues, clock)
        return kept if age < _OLD_S else reading.result()

    def _through(
        self,
        reading: Future[_Snapshot],
        mark: _Mark,
        journal: ApiJournal,
        catalogues: Catalogues,
        clock: Clock,
    ) -> _Snapshot:
        """A reading that began before the mark was taken may lack what it stands for."""
        found = reading.result()
        is_through = found.mark.cursor >= mark.cursor and found.mark.goes_on_from(mark)
        return found if is_through else self._begin(journal, catalogues, clock).result()

    def _begin(
        self, journal: ApiJournal, catalogues: Catalogues, clock: Clock
    ) -> Future[_Snapshot]:
        """One reading at a time, whoever asks."""
        with self._lock:
            if self._reading is None or self._reading.done():
                self._reading = self._pool.submit(self._renew, journal, catalogues, clock)
            return self._reading

    def _renew(self, journal: ApiJournal, catalogues: Catalogues, clock: Clock) -> _Snapshot:
        kept = self._kept
        with journal.transaction() as tx:
            mark = _Mark.read(tx, catalogues, clock.now())
            read = None if kept is None else _followed(tx, kept, mark, clock)
            if read is None:
                read = _read(tx, mark, catalogues, clock)
                self.kept_wholes += 1
        self._kept = read
        return read


def _followed(
    tx: AccountsTransaction, kept: _Snapshot, mark: _Mark, clock: Clock
) -> _Snapshot | None:
    """From what is kept, by what has come since; None where more has changed than that."""
    number = kept.mark.place.decision
    if not mark.goes_on_from(kept.mark) or not kept.mark.place.is_in(tx):
        return None
    if tx.transitions.has_corrected(number):
        return None
    decided = [d for _, d in tx.transitions.decided_after(number, _MOST_DECIDED)]
    if len(decided) == _MOST_DECIDED:
        return None
    seen, now = tx.folds.seen(kept.seen), clock.now()
    core = kept.core.after(seen.states, mark.cursor, decided)
    core.follow(mark.catalogues, now)
    return _Snapshot(core, mark, now, clock.boottime(), seen)


def _read(tx: AccountsTransaction, mark: _Mark, catalogues: Catalogues, clock: Clock) -> _Snapshot:
    now = clock.now()
    core = CoreState(tx, catalogues, now, clock.boottime)
    return _Snapshot(core, mark, now, clock.boottime())
