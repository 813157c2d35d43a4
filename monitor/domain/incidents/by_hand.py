"""What a person says: incidents opened by hand, what they say of components, opened again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.incidents.incident import (
    Affected,
    Incident,
    IncidentId,
    Origin,
    Phase,
    Statement,
    ended_statements,
    impact_of,
)
from monitor.domain.text import Text
from monitor.domain.time.interval import Second

UNTITLED = Text(
    {
        "es": "Incidente informado por Operaciones",
        "en": "Incident by Operations",
        "pt": "Incidente informado por Operações",
    }
)
"""The title where a person's own may not be shown: it names what is private."""


def opened_by_hand(
    wanted: IncidentId,
    *,
    title: Text,
    statuses: Mapping[ComponentId, Outcome],
    phase: Phase,
    started_at: Second,
    ended_at: Second | None,
    now: Second,
) -> Incident:
    """An incident that a person tells of. `ended_at` is set exactly where it is over."""
    statements = tuple(
        Statement(component=component, status=status, start=started_at, end=ended_at)
        for component, status in statuses.items()
    )
    return Incident(
        id=wanted,
        phase=phase,
        impact=impact_of((), statements),
        started_at=started_at,
        created_at=now,
        machine_title=UNTITLED,
        person_title=title,
        resolved_at=ended_at,
        origin=Origin.PERSON,
        statements=statements,
    )


def restated(incident: Incident, statuses: Mapping[ComponentId, Outcome], now: Second) -> Incident:
    """The incident with a person's newer word about components: what was said of them until now
    ends now. UP says that the component works again."""
    statements = [_ended_by(s, statuses, now) for s in incident.statements]
    going_on = {s.component: s.status for s in statements if s.is_open}
    statements += [
        Statement(component=component, status=status, start=now)
        for component, status in statuses.items()
        if status is not Outcome.UP and component not in going_on
    ]
    said = tuple(statements)
    told = replace(incident, statements=said, impact=impact_of(incident.affected, said))
    return _watched_on(told, now) if incident.is_ended_by_person else told


def stated_over(incident: Incident, now: Second) -> Incident:
    """The incident where nothing goes on any more that a person said."""
    return replace(incident, statements=ended_statements(incident, now))


def reopened(incident: Incident, still_down: Collection[ComponentId]) -> Incident | None:
    """A resolved incident that goes on: what a person said when it was resolved holds again, and
    the parts that a person closed of components which are `still_down` go on as if it had never
    been resolved. None where nothing of it goes on: the machine saw all of it come back."""
    over = incident.resolved_at
    affected = tuple(
        _going_on(part) if part.component in still_down and incident.was_closed(part) else part
        for part in incident.affected
    )
    statements = tuple(replace(s, end=None) if s.end == over else s for s in incident.statements)
    again = replace(
        incident,
        affected=affected,
        statements=statements,
        phase=Phase.INVESTIGATING,
        monitoring_at=None,
        resolved_at=None,
    )
    return again if again.open_parts or again.is_ended_by_person else None


def _ended_by(
    statement: Statement, statuses: Mapping[ComponentId, Outcome], now: Second
) -> Statement:
    newer = statuses.get(statement.component)
    if not statement.is_open or newer is None:
        return statement
    if newer is statement.status and newer is not Outcome.UP:
        return statement
    return replace(statement, end=max(now, statement.start))


def _watched_on(incident: Incident, now: Second) -> Incident:
    """Where nobody says any more that something goes on, and the machine has seen all of its own
    come back, the machine's incident is observed as others are."""
    if incident.is_ended_by_person or incident.open_parts or not incident.watched_parts:
        return incident
    return replace(incident, phase=Phase.MONITORING, monitoring_at=now)


def _going_on(part: Affected) -> Affected:
    return replace(part, end=None, is_unwatched=False)
