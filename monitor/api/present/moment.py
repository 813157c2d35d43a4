"""What everything is at one moment: the core's state as the journal has it, and what is open."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from monitor.api.present.core_states import CoreStates
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
    stale: Collection[FoldKey]
    """Of which the last result is too old to say anything, or there is none."""
    newest_slot: Second | None
    """The last one in which anything was seen."""
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
            stale=frozenset(found.freshness.stale),
            newest_slot=found.freshness.newest,
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

    def seen(self, check: Check) -> tuple[tuple[bool, FoldState | None, Result | None], ...]:
        """All that `last` of each of its locations is made of, but for the check itself."""
        keys = [(check.id, place) for place in check.locations]
        return tuple(
            (key in self.stale, self.core.states.get(key), self.results.get(key)) for key in keys
        )

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
