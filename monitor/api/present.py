"""What everything is at one moment: the core's state as the journal has it, and what is open."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol
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
from monitor.results.log.ports import FoldKey
from monitor.state.component_status import check_status
from monitor.state.core_state import CoreState

if TYPE_CHECKING:
    from monitor.api.ports import ApiJournal, LastResults, Source

FAILED = (Outcome.DOWN, Outcome.DEGRADED)
_FEW = 1_000
"""Folds whose state is read anew for each request: it takes some milliseconds."""
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


class _Snapshot:
    """The core's state at one moment, and what is computed of it once for all who ask."""

    def __init__(self, core: CoreState, mark: object, at: Second, read_at: float) -> None:
        self.core = core
        self.mark = mark
        self.at = at
        self.read_at = read_at

    @cached_property
    def silent(self) -> frozenset[ComponentId]:
        """The watched components whose results are not fresh."""
        core = self.core
        return frozenset(c for c in core.watched if not core.is_seen(c, self.at))


class CoreStates:
    """The core's state for many readers. With thousands of checks reading it takes half a second of
    CPU: it is kept then, and is up to 2 s old while somebody asks, 15 s for the first who asks
    again; `is_exact` waits for what has moved. Threads may share it."""

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
            mark = _mark(tx, catalogues)
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
        mark: object,
        journal: ApiJournal,
        catalogues: Catalogues,
        clock: Clock,
    ) -> _Snapshot:
        """A reading that began before the mark was taken may lack what it stands for."""
        found = reading.result()
        return found if found.mark == mark else self._begin(journal, catalogues, clock).result()

    def _begin(
        self, journal: ApiJournal, catalogues: Catalogues, clock: Clock
    ) -> Future[_Snapshot]:
        """One reading at a time, whoever asks."""
        with self._lock:
            if self._reading is None or self._reading.done():
                self._reading = self._pool.submit(self._renew, journal, catalogues, clock)
            return self._reading

    def _renew(self, journal: ApiJournal, catalogues: Catalogues, clock: Clock) -> _Snapshot:
        with journal.transaction() as tx:
            read = _read(tx, _mark(tx, catalogues), catalogues, clock)
        # Computed here, so that whoever asks next does not wait for it.
        _ = read.silent
        self._kept = read
        return read


def _mark(tx: AccountsTransaction, catalogues: Catalogues) -> object:
    """What moves with everything that the state is made of."""
    return tx.folds.cursor(), tx.folds.era(), tx.transitions.newest(), tx.changes.last(), catalogues


def _read(tx: AccountsTransaction, mark: object, catalogues: Catalogues, clock: Clock) -> _Snapshot:
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
    silent: frozenset[ComponentId]
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
            silent=found.silent,
            incidents=incidents,
            windows=[w for w in windows if now in w.effective],
            results=backend.last_results.through(found.core.cursor),
        )

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
        is_seen = is_watched and component.id not in self.silent
        return Outcome.UNKNOWN if status is Outcome.UP and not is_seen else status

    def incidents_of(self, component: ComponentId) -> list[Incident]:
        return [i for i in self.incidents if i.is_open_for(component)]

    def windows_of(self, component: ComponentId) -> list[MaintenanceWindow]:
        return [w for w in self.windows if component in w.components]

    def status(self, check: Check, place: LocationId) -> Outcome:
        return check_status(self.core.states.get((check.id, place)), check, self.at)

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
