"""What everything is at one moment: the core's state as the journal has it, and what is open."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from monitor.accounts.ports import AccountsTransaction
from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import Catalogue, Check, Component
from monitor.domain.checks.fold import FoldState
from monitor.domain.checks.observation import ComponentId, LocationId, Outcome, Result
from monitor.domain.incidents.incident import ComponentStatus, Incident
from monitor.domain.maintenance import MaintenanceWindow
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Interval, Second
from monitor.journal.ports import Decided, SeenStates
from monitor.results.log.ports import FoldKey
from monitor.state.component_status import check_status
from monitor.state.core_state import CoreState

if TYPE_CHECKING:
    from monitor.api.ports import ApiJournal, LastResults, Source

FAILED = (Outcome.DOWN, Outcome.DEGRADED)
_FEW = 1_000
"""Folds whose state is read anew for each request: it takes some milliseconds."""
_MOST_DECIDED = 2_000
"""Decisions that are taken in one by one; with more, reading all is as fast."""
_NOTHING_SEEN = SeenStates()
_YOUNG_S = 2.0
_OLD_S = 15.0


class Sources(Protocol):
    """What the present is read from; `monitor.api.ports.Backend` has all of it."""

    @property
    def source(self) -> Source: ...

    @property
    def reading(self) -> ApiJournal: ...

    @property
    def core_states(self) -> CoreStates: ...

    @property
    def last_results(self) -> LastResults: ...

    @property
    def clock(self) -> Clock: ...


class _Mark(NamedTuple):
    """What moves with everything that the state is made of. `in_force` is the configuration that
    rules now, and since when: one begins without anything having come. `decided` is what the row
    of that number decided: in another journal it is something else."""

    cursor: int
    era: int
    decision: int
    change: int
    catalogues: Catalogues
    in_force: tuple[int, Second]
    decided: tuple[tuple[int, Decided], ...]

    @classmethod
    def read(cls, tx: AccountsTransaction, catalogues: Catalogues, now: Second) -> _Mark:
        newest, revision = tx.transitions.newest(), catalogues.present(now)
        return cls(
            cursor=tx.folds.cursor(), era=tx.folds.era(), decision=newest,
            change=tx.changes.last(), catalogues=catalogues,
            in_force=(revision.number, revision.effective_from), decided=_decided_at(tx, newest),
        )  # fmt: skip

    def goes_on_from(self, before: _Mark) -> bool:
        """Whether more results may be all that has come between them."""
        is_same = self.era == before.era and self.catalogues is before.catalogues
        return is_same and self.decision >= before.decision and self.change >= before.change


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

    def is_silent(self, component: ComponentId) -> bool:
        """Whether its results are not fresh. Found out once for all who ask of this moment."""
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
        self._kept = read
        return read


def _decided_at(tx: AccountsTransaction, number: int) -> tuple[tuple[int, Decided], ...]:
    return tuple(tx.transitions.decided_after(number - 1, 1))


def _followed(
    tx: AccountsTransaction, kept: _Snapshot, mark: _Mark, clock: Clock
) -> _Snapshot | None:
    """From what is kept, by what has come since; None where more has changed than that."""
    number = kept.mark.decision
    if not mark.goes_on_from(kept.mark) or _decided_at(tx, number) != kept.mark.decided:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LastResult:
    """What a check was confirmed to be at one location; `result` is the last one of the log, None
    where its newest part has none. `at` is the last slot that is known."""

    location: LocationId
    status: Outcome
    at: Second | None
    result: Result | None
    since: Second | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """One moment of the journal. `at` is that of the checks' states."""

    now: Second
    at: Second
    core: CoreState
    is_silent: Callable[[ComponentId], bool]
    incidents: Sequence[Incident]
    windows: Sequence[MaintenanceWindow]
    """Those that run."""
    results: Mapping[FoldKey, Result]

    @classmethod
    def read(cls, backend: Sources, *, is_exact: bool = False) -> Present:
        """`is_exact` as in `CoreStates.read`. Raises JournalError."""
        found = backend.core_states.read(
            backend.reading, backend.source.catalogues(), backend.clock, is_exact=is_exact
        )
        now = backend.clock.now()
        with backend.reading.transaction() as tx:
            incidents = tx.incidents.unresolved()
            windows = tx.maintenance.touching(Interval(now, Second(now + 1)))
        return cls(
            now=now,
            at=found.at,
            core=found.core,
            is_silent=found.is_silent,
            incidents=incidents,
            windows=[w for w in windows if now in w.effective],
            results=backend.last_results.through(found.core.cursor),
        )

    @property
    def silent(self) -> Iterator[ComponentId]:
        """The watched components whose results are not fresh."""
        return filter(self.is_silent, self.core.watched)

    @property
    def catalogue(self) -> Catalogue:
        return self.core.catalogue

    @property
    def zone(self) -> ZoneInfo:
        return self.catalogue.zone

    def component_status(self, component: ComponentId) -> ComponentStatus | None:
        return self.core.component_statuses.get(component)

    def outcome(self, component: Component) -> Outcome:
        """What its checks' results have confirmed; what was up and is silent now is unknown."""
        found = self.component_status(component.id)
        status = found.status if found else Outcome.UNKNOWN
        is_watched = component.id in self.core.watched
        is_lost = status is Outcome.UP and not (is_watched and not self.is_silent(component.id))
        return Outcome.UNKNOWN if is_lost else status

    def incidents_of(self, component: ComponentId) -> list[Incident]:
        return [i for i in self.incidents if i.is_open_for(component)]

    def windows_of(self, component: ComponentId) -> list[MaintenanceWindow]:
        return [w for w in self.windows if component in w.components]

    def incidents_by_component(self) -> Mapping[ComponentId, list[Incident]]:
        """`incidents_of` each component that has any."""
        found: dict[ComponentId, list[Incident]] = {}
        for incident in self.incidents:
            for component in incident.concerned:
                if incident.is_open_for(component):
                    found.setdefault(component, []).append(incident)
        return found

    def windows_by_component(self) -> Mapping[ComponentId, list[MaintenanceWindow]]:
        """`windows_of` each component that has any."""
        found: dict[ComponentId, list[MaintenanceWindow]] = {}
        for window in self.windows:
            for component in dict.fromkeys(window.components):
                found.setdefault(component, []).append(window)
        return found

    def status(self, check: Check, place: LocationId) -> Outcome:
        return check_status(self.core.states.get((check.id, place)), check, self.at)

    def seen(self, check: Check) -> tuple[tuple[Outcome, FoldState | None, Result | None], ...]:
        """All that `last` of each of its locations is made of."""
        states, results = self.core.states, self.results
        found = []
        for place in check.locations:
            key = (check.id, place)
            state = states.get(key)
            found.append((check_status(state, check, self.at), state, results.get(key)))
        return tuple(found)

    def last(self, check: Check, place: LocationId) -> LastResult:
        """From the log; where its newest part has none, as far as the fold knows it."""
        key = (check.id, place)
        state, result = self.core.states.get(key), self.results.get(key)
        at = None if state is None else state.last_slot
        if result is not None and at is not None and result.slot < at:
            result = None
        return LastResult(
            location=place,
            status=self.status(check, place),
            at=result.slot if result else at,
            result=result,
            since=_since(state),
        )

    def failing(self) -> Iterator[Check]:
        """The checks that are confirmed to fail at some location, by results that are fresh."""
        states = self.core.states
        keys = {key[0] for key, state in states.items() if state.status in FAILED}
        return (
            check
            for check in self.catalogue.checks
            if check.id in keys
            and any(self.status(check, place) in FAILED for place in check.locations)
        )


def _since(state: FoldState | None) -> Second | None:
    return None if state is None else state.since
