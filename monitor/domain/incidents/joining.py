"""Incidents that people put together or take apart: merged, split, linked.

The parts that the machine follows go over whole, so that each outage is in one incident: the one
in which it recovers.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.by_hand import UNTITLED
from monitor.domain.incidents.incident import (
    Affected,
    Incident,
    IncidentId,
    Origin,
    Phase,
    Piece,
    Statement,
    impact_of,
)
from monitor.domain.text import Text
from monitor.domain.time.interval import FOREVER, Second


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


def with_former(incident: Incident, former: Sequence[Affected]) -> Incident:
    """The incident with parts as they were before a wrong clock changed them: they take the place
    of what is left of them. An outage is in one incident, so that what overlaps one is the same;
    a part of no second is one that the clock's correction closed."""
    others = (p for p in incident.affected if p.end != p.start)
    kept = [p for p in others if not any(_overlap(p, part) for part in former)]
    affected = tuple(sorted((*kept, *former), key=lambda p: p.start) if kept else former)
    grown = replace(
        incident,
        affected=affected,
        impact=impact_of(affected, incident.statements),
        started_at=_began(incident, (*affected, *incident.statements)),
    )
    if not grown.open_parts:
        return _observed(grown) if grown.is_unresolved else grown
    is_over = grown.phase in (Phase.MONITORING, Phase.RESOLVED)
    phase = Phase.INVESTIGATING if is_over else grown.phase
    return replace(grown, phase=phase, monitoring_at=None, resolved_at=None)


def linked(one: Incident, other: Incident) -> tuple[Incident, Incident]:
    """Both, each with the other as related."""
    return _pointing(one, other.id), _pointing(other, one.id)


def unlinked(one: Incident, other: Incident) -> tuple[Incident, Incident]:
    return _not_pointing(one, other.id), _not_pointing(other, one.id)


def _without(source: Incident, components: Collection[ComponentId], apart: IncidentId) -> Incident:
    affected = tuple(p for p in source.affected if p.component not in components)
    statements = tuple(s for s in source.statements if s.component not in components)
    left = replace(
        source,
        affected=affected,
        statements=statements,
        impact=impact_of(affected, statements),
        started_at=_began(source, (*affected, *statements)),
        related=(*source.related, apart),
    )
    return _observed(left)


def _began(incident: Incident, pieces: Sequence[Piece]) -> Second:
    """When it began that has these pieces. Of one that a person opened, that person says."""
    if incident.origin is Origin.PERSON:
        return incident.started_at
    return min((piece.start for piece in pieces), default=incident.started_at)


def _overlap(one: Affected, other: Affected) -> bool:
    """Whether both are about one outage of one component."""
    ends = [FOREVER if p.end is None else p.end for p in (one, other)]
    is_same = one.component == other.component
    return is_same and one.start < ends[1] and other.start < ends[0]


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
