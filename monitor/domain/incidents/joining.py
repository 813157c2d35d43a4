"""Incidents that people put together or take apart: merged, split, linked.

The parts that the machine follows go over whole, so that each outage is in one incident: the one
in which it recovers.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.by_hand import UNTITLED
from monitor.domain.incidents.incident import (
    Incident,
    IncidentId,
    Origin,
    Phase,
    Piece,
    Statement,
    impact_of,
)
from monitor.domain.text import Text
from monitor.domain.time.interval import Second


def merged(source: Incident, target: Incident, now: Second) -> tuple[Incident, Incident]:
    """Both afterwards: the source is over and points to the target, in which everything goes on.

    The source keeps what it was about as statements: people read it there, and no figure does.
    """
    left = replace(
        source,
        affected=(),
        statements=tuple(_kept(piece, now) for piece in source.pieces),
        phase=Phase.RESOLVED,
        monitoring_at=None,
        resolved_at=now,
        merged_into=target.id,
    )
    said = {(s.component, s.status) for s in target.open_statements}
    statements = (
        *target.statements,
        *(s for s in source.statements if not (s.is_open and (s.component, s.status) in said)),
    )
    affected = tuple(sorted((*target.affected, *source.affected), key=lambda p: p.start))
    grown = replace(
        target,
        affected=affected,
        statements=statements,
        impact=impact_of(affected, statements),
        started_at=min(target.started_at, source.started_at),
    )
    return left, _again_open(grown)


def split(
    source: Incident,
    components: Collection[ComponentId],
    wanted: IncidentId,
    title: Text,
    now: Second,
) -> tuple[Incident, Incident]:
    """Both afterwards: the source without these components, and a new incident that has them."""
    affected = tuple(p for p in source.affected if p.component in components)
    statements = tuple(s for s in source.statements if s.component in components)
    apart = Incident(
        id=wanted,
        phase=Phase.INVESTIGATING,
        impact=impact_of(affected, statements),
        started_at=min(piece.start for piece in source.pieces if piece.component in components),
        created_at=now,
        machine_title=UNTITLED,
        person_title=title,
        affected=affected,
        statements=statements,
        origin=Origin.MACHINE if affected else Origin.PERSON,
        related=(source.id,),
    )
    return _without(source, components, wanted), apart


def linked(one: Incident, other: Incident) -> tuple[Incident, Incident]:
    """Both, each with the other as related."""
    return _pointing(one, other.id), _pointing(other, one.id)


def unlinked(one: Incident, other: Incident) -> tuple[Incident, Incident]:
    return _not_pointing(one, other.id), _not_pointing(other, one.id)


def _without(source: Incident, components: Collection[ComponentId], apart: IncidentId) -> Incident:
    affected = tuple(p for p in source.affected if p.component not in components)
    statements = tuple(s for s in source.statements if s.component not in components)
    # When one began that a person opened, that person said.
    is_by_person = source.origin is Origin.PERSON
    starts = [source.started_at] if is_by_person else [p.start for p in (*affected, *statements)]
    left = replace(
        source,
        affected=affected,
        statements=statements,
        impact=impact_of(affected, statements),
        started_at=min(starts, default=source.started_at),
        related=(*source.related, apart),
    )
    return _observed(left)


def _observed(left: Incident) -> Incident:
    """Where all that is left has recovered, it is observed as if it had been alone."""
    if left.open_parts or left.is_ended_by_person:
        return left
    ends = [p.end for p in left.watched_parts if p.end is not None]
    if not ends:
        return left
    return replace(left, phase=Phase.MONITORING, monitoring_at=max(ends))


def _again_open(grown: Incident) -> Incident:
    """One that was being observed is not observed while something in it goes on, and else from the
    last of all recoveries."""
    if grown.monitoring_at is None:
        return grown
    if grown.open_parts or grown.is_ended_by_person:
        return replace(grown, phase=Phase.INVESTIGATING, monitoring_at=None)
    return _observed(grown)


def _kept(piece: Piece, now: Second) -> Statement:
    """What the record keeps of something that went over: it is over here."""
    return Statement(
        component=piece.component,
        status=piece.status,
        start=piece.start,
        end=max(now, piece.start) if piece.end is None else piece.end,
    )


def _pointing(incident: Incident, other: IncidentId) -> Incident:
    return replace(incident, related=tuple(dict.fromkeys((*incident.related, other))))


def _not_pointing(incident: Incident, other: IncidentId) -> Incident:
    return replace(incident, related=tuple(i for i in incident.related if i != other))
