"""Incidents when an era of the clock turns out to have been wrong, and when that was the mistake.

The change that takes an incident back stores what it was before, so that undoing a step of the
clock restores incidents as it does transitions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from monitor.domain.catalogue import Catalogue
from monitor.domain.change import MACHINE, Change
from monitor.domain.checks.observation import ComponentId, Json, Outcome
from monitor.domain.incidents.incident import (
    Affected,
    Impact,
    Incident,
    IncidentChange,
    IncidentEvent,
    IncidentId,
    Phase,
    rewind,
)
from monitor.domain.incidents.joining import with_former
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.incidents.writer import IncidentWriter
from monitor.journal.ports import JournalTransaction

_REWOUND = "incident.rewound"
_AFTER, _THROUGH = "era_{}_changes_after", "era_{}_changes_through"
_BATCH = 500


def rewind_incidents(
    tx: JournalTransaction,
    era: int,
    cut: Second,
    down: Collection[ComponentId],
    catalogue: Catalogue,
    incident_writer: IncidentWriter,
    now: Second,
) -> None:
    """Close what rests on results from `cut` on alone; its messages still pending are dropped."""
    tx.cursors.set(_AFTER.format(era), tx.changes.last())
    for incident in tx.incidents.touching(Interval(cut, FOREVER)):
        step = rewind(incident, cut, now, down)
        if step is None:
            continue
        tx.changes.append([_former_state(incident, era, now)])
        saved = incident_writer.save(tx, step, catalogue, now)
        if not saved.is_unresolved:
            tx.outbox.delete_pending(str(saved.id))
    tx.cursors.set(_THROUGH.format(era), tx.changes.last())


def restore_incidents(
    tx: JournalTransaction,
    era: int,
    catalogue: Catalogue,
    incident_writer: IncidentWriter,
    now: Second,
) -> None:
    """Restore what entering that era had taken back: the era never was. What people merged or
    split since then stays so: each part goes back into the incident in which it is by now."""
    moved: dict[IncidentId, list[Affected]] = {}
    restored: dict[IncidentId, Incident] = {}
    for change in list(_changes(tx, era)):
        present = tx.incidents.get(IncidentId(change.subject))
        before = _as_before(present, change.before)
        homes = {part: _home(tx, present, part.component) for part in before.affected}
        if present.merged_into is None:
            stays = tuple(part for part, home in homes.items() if home == present.id)
            restored[present.id] = _joined_since(before, stays, present)
        for part, home in homes.items():
            if home is not None and home != present.id:
                moved.setdefault(home, []).append(part)
    for home, parts in moved.items():
        taken = restored.get(home) or tx.incidents.get(home)
        restored[home] = with_former(taken, parts)
    for incident in restored.values():
        step = IncidentChange(incident=incident, event=IncidentEvent.CLOCK_SET, part=None)
        incident_writer.save(tx, step, catalogue, now)
    tx.cursors.set(_THROUGH.format(era), 0)


def _home(tx: JournalTransaction, incident: Incident, component: ComponentId) -> IncidentId | None:
    """The incident that has this component's parts by now: what it was merged into, or what was
    split off. None where it is not found: then nothing goes back, rather than twice."""
    while incident.merged_into is not None:
        incident = tx.incidents.get(incident.merged_into)
    if component in incident.components:
        return incident.id
    others = (tx.incidents.get(other) for other in reversed(incident.related))
    return next((o.id for o in others if component in o.components), None)


def _joined_since(before: Incident, stays: tuple[Affected, ...], present: Incident) -> Incident:
    """An incident as it was (`before`), without what was split off since, and with what was merged
    into it."""
    grown = with_former(replace(before, affected=present.affected), stays)
    return before if grown.affected == before.affected else grown


def _changes(tx: JournalTransaction, era: int) -> Iterator[Change]:
    seq, through = (tx.cursors.get(name.format(era)) for name in (_AFTER, _THROUGH))
    while seq < through:
        found = tx.changes.since(seq, _BATCH)
        if not found:
            return
        yield from (c for c in found if c.kind == _REWOUND and c.seq <= through)
        seq = found[-1].seq


def _former_state(incident: Incident, era: int, now: Second) -> Change:
    parts: list[Json] = [{k: _plain(v) for k, v in asdict(p).items()} for p in incident.affected]
    before: dict[str, Json] = {
        "phase": str(incident.phase),
        "impact": str(incident.impact),
        "started_at": incident.started_at,
        "created_at": incident.created_at,
        "monitoring_at": incident.monitoring_at,
        "resolved_at": incident.resolved_at,
        "affected": parts,
    }
    return Change(
        at=now, actor=MACHINE.id, kind=_REWOUND, subject=str(incident.id),
        before=before, after={"era": era},
    )  # fmt: skip


def _plain(value: object) -> Json:
    return value if isinstance(value, int | str | bool | None) else str(value)


def _as_before(incident: Incident, former: Mapping[str, Any]) -> Incident:
    return replace(
        incident,
        phase=Phase(former["phase"]),
        impact=Impact(former["impact"]),
        started_at=former["started_at"],
        created_at=former["created_at"],
        monitoring_at=former["monitoring_at"],
        resolved_at=former["resolved_at"],
        affected=tuple(
            Affected(**{**part, "status": Outcome(part["status"])}) for part in former["affected"]
        ),
    )
