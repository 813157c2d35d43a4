"""The same message as data, for webhooks: ISO times in UTC, ids, both languages."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.alerting.context import AlertContext
from monitor.alerting.evidence import LastSeen
from monitor.alerting.grouping import Batch
from monitor.domain.checks.observation import FailureClass, Json
from monitor.domain.incidents.incident import Affected, Incident, worst_first
from monitor.domain.text import Text
from monitor.domain.time.interval import Second
from monitor.i18n.formats import utc_iso

VERSION = 1
WORST = 20
"""So many items of each list are given in full; of all others the ids and times."""


def as_fields(facts: AlertContext) -> dict[str, Json]:
    """One incident's message."""
    notification = facts.notification
    return {
        "version": VERSION,
        "kind": str(notification.kind),
        "number": notification.number,
        "event": notification.event,
        "subject": facts.subject,
        "incident": _incident(facts),
    }


def many_fields(
    kind: str, subject: str, all_facts: Sequence[AlertContext], batch: Batch
) -> dict[str, Json]:
    """Several incidents in one message: how many, the worst in full, and of every one its id, its
    components and their times."""
    return {
        "version": VERSION,
        "kind": kind,
        "subject": subject,
        "events": [n.event for n in batch],
        "incident_count": len(all_facts),
        "component_count": sum(len(facts.incident.components) for facts in all_facts),
        "incidents": [_incident(facts) for facts in all_facts[:WORST]],
        "other_incidents": [
            {"id": str(facts.incident.id), "components": _spans(facts.incident)}
            for facts in all_facts[WORST:]
        ],
    }


def _spans(incident: Incident) -> list[Json]:
    return [
        {"id": str(component), "started_at": utc_iso(start), "ended_at": _time(end)}
        for component, (start, end) in incident.spans.items()
    ]


def _incident(facts: AlertContext) -> dict[str, Json]:
    incident, said = facts.incident, facts.published
    return {
        "id": str(incident.id),
        "title": _text(incident.title),
        "phase": str(incident.phase),
        "impact": str(incident.impact),
        "url": facts.url,
        "started_at": utc_iso(incident.started_at),
        "created_at": utc_iso(incident.created_at),
        "monitoring_at": _time(incident.monitoring_at),
        "resolved_at": _time(incident.resolved_at),
        "failure": _failure(facts.failure) if facts.failure else None,
        "components": [
            {
                "id": str(part.component),
                "name": facts.name(part.component),
                "status": str(part.status),
                "started_at": utc_iso(part.start),
                "ended_at": _time(part.end),
                "failure": part.cause,
                "is_dependent": part.is_dependent,
                "is_unwatched": part.is_unwatched,
            }
            for part in _listed_parts(incident)
        ],
        "component_count": len(incident.components),
        "all_components": _spans(incident) if len(incident.affected) > WORST else [],
        "checks": [_check(seen) for seen in _worst_seen(facts)],
        "published": _text(said.shown) if said else None,
    }


def _listed_parts(incident: Incident) -> Sequence[Affected]:
    """All parts in the order in which they joined, or the worst of many."""
    affected = incident.affected
    return affected if len(affected) <= WORST else worst_first(affected)[:WORST]


def _worst_seen(facts: AlertContext) -> Sequence[LastSeen]:
    last_seen = facts.last_seen
    return last_seen if len(last_seen) <= WORST else (*facts.failing, *last_seen)[:WORST]


def _failure(failure: FailureClass) -> dict[str, Json]:
    return {
        "id": str(failure.id),
        "summary": _text(failure.summary),
        "cause": _text(failure.cause),
        "remedy": _text(failure.remedy),
    }


def _check(seen: LastSeen) -> dict[str, Json]:
    return {
        "id": str(seen.check),
        "location": str(seen.location),
        "component": str(seen.component),
        "outcome": str(seen.outcome),
        "failure": seen.failure or None,
        "message": seen.message,
        "at": utc_iso(seen.slot),
        "last_good_at": _time(seen.last_good),
    }


def _time(at: Second | None) -> str | None:
    return None if at is None else utc_iso(at)


def _text(text: Text | None) -> Json:
    return None if text is None else dict(text.by_locale)
