"""What the checks of an incident's components saw last: the facts that an operator reads first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.observation import CheckId, ComponentId, LocationId, Outcome, Result
from monitor.domain.incidents.incident import Incident
from monitor.domain.time.interval import Second
from monitor.results.log.ports import FoldKey, ResultReader

RECENT_ROWS = 5_000
"""How many rows of the log are read: a message does not wait for a search through weeks of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastSeen:
    """One check at one location: its last result, and the last good one among the rows read."""

    check: CheckId
    location: LocationId
    component: ComponentId
    outcome: Outcome
    failure: str
    message: str
    slot: Second
    last_good: Second | None = None

    @property
    def has_failed(self) -> bool:
        return self.outcome in (Outcome.DOWN, Outcome.DEGRADED)


def recent_results(reader: ResultReader, cursor: int) -> list[Result]:
    """The last rows of the log up to a cursor."""
    rows = reader.read(max(0, cursor - RECENT_ROWS), RECENT_ROWS)
    return [row.result for row in rows]


def last_seen_of(
    incident: Incident, catalogue: Catalogue, results: Iterable[Result]
) -> tuple[LastSeen, ...]:
    """What each check of each affected component saw last, in order of the configuration; checks
    without a recent result are left out."""
    last: dict[FoldKey, Result] = {}
    good: dict[FoldKey, Second] = {}
    for result in results:
        key = (result.check, result.location)
        if key not in last or result.slot >= last[key].slot:
            last[key] = result
        if result.outcome is Outcome.UP:
            good[key] = max(result.slot, good.get(key, result.slot))
    return tuple(
        _last_seen(check.component, last[check.id, place], good.get((check.id, place)))
        for component in incident.components
        for check in catalogue.deciding(component)
        for place in check.locations
        if (check.id, place) in last
    )


def _last_seen(component: ComponentId, result: Result, last_good: Second | None) -> LastSeen:
    return LastSeen(
        check=result.check,
        location=result.location,
        component=component,
        outcome=result.outcome,
        failure=result.failure or "",
        message=result.message,
        slot=result.slot,
        last_good=last_good,
    )
