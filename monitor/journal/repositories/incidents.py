"""Incidents with their parts and their public record, each protected by its revision."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from monitor.domain.checks.fold import UNCLASSIFIED, failure_class
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.incidents.incident import (
    Affected,
    Impact,
    Incident,
    IncidentEvent,
    IncidentId,
    Origin,
    Phase,
    Piece,
    Statement,
    Update,
)
from monitor.domain.text import Text
from monitor.domain.time.interval import Interval
from monitor.journal import tables
from monitor.journal.database import insert_into, put
from monitor.journal.ports import IncidentHead, IncidentOutline, RowNotFound, RowStale

_AT_ONCE = 500
_Item = TypeVar("_Item")


class SqlIncidents:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._written: dict[IncidentId, Incident] = {}
        """The incidents as this transaction wrote them. A storm saves one incident once for each of
        its components; saved whole each time, each part would be written as often as there are
        parts."""

    def unresolved(self) -> tuple[Incident, ...]:
        # Spelled as in the partial index, which would otherwise not be used.
        return self._read(
            sa.select(tables.incident)
            .where(sa.text("phase <> 'resolved'"))
            .order_by(tables.incident.c.started_at, tables.incident.c.id)
        )

    def get(self, wanted: IncidentId) -> Incident:
        found = self._read(sa.select(tables.incident).where(tables.incident.c.id == wanted))
        if not found:
            raise RowNotFound("incident.unknown", id=str(wanted))
        return found[0]

    def heads(
        self, window: Interval, component: ComponentId | None = None
    ) -> Sequence[IncidentHead]:
        column = tables.incident.c
        found = _touching(window).with_only_columns(column.id, column.revision, column.phase)
        if component is not None:
            found = found.where(
                sa.or_(
                    *(
                        sa.exists().where(t.c.incident_id == column.id, t.c.component == component)
                        for t in (tables.incident_component, tables.incident_statement)
                    )
                )
            )
        return [
            IncidentHead(
                id=IncidentId(name), revision=revision, is_unresolved=phase != Phase.RESOLVED
            )
            for name, revision, phase in self._connection.execute(found)
        ]

    def some(self, wanted: Sequence[IncidentId]) -> tuple[Incident, ...]:
        found: dict[IncidentId, Incident] = {}
        for first in range(0, len(wanted), _AT_ONCE):
            ids = wanted[first : first + _AT_ONCE]
            read = self._read(sa.select(tables.incident).where(tables.incident.c.id.in_(ids)))
            found |= {incident.id: incident for incident in read}
        return tuple(found[name] for name in wanted if name in found)

    def outlines(self, wanted: Collection[IncidentId]) -> Mapping[IncidentId, IncidentOutline]:
        ids = sorted(wanted)
        column, number = tables.incident.c, tables.incident.c.revision
        revisions: dict[IncidentId, int] = {}
        for first in range(0, len(ids), _AT_ONCE):
            some = sa.select(column.id, number).where(column.id.in_(ids[first : first + _AT_ONCE]))
            revisions |= {
                IncidentId(row.id): row.revision for row in self._connection.execute(some)
            }
        rows: dict[str, list[Row[Any]]] = {}
        for table in (tables.incident_component, tables.incident_statement):
            for name, found in self._gather(table, table.c.position, list(revisions)).items():
                rows.setdefault(name, []).extend(found)
        return {
            name: IncidentOutline(
                revision=revision,
                components=tuple(
                    dict.fromkeys(ComponentId(row.component) for row in rows.get(name, ()))
                ),
            )
            for name, revision in revisions.items()
        }

    def touching(self, window: Interval) -> tuple[Incident, ...]:
        return self._read(_touching(window))

    def unwatched(self, window: Interval) -> tuple[Incident, ...]:
        part = tables.incident_component.c
        unwatched = sa.exists().where(part.incident_id == tables.incident.c.id, part.is_unwatched)
        return self._read(_touching(window).where(unwatched))

    def save(self, incident: Incident) -> Incident:
        saved = replace(incident, revision=incident.revision + 1)
        if incident.revision == 0:
            self._insert(saved)
        else:
            self._update(saved)
        before = self._written.get(saved.id)
        self._write_placed(
            tables.incident_component, saved, saved.affected, before.affected if before else None
        )
        self._write_placed(
            tables.incident_statement,
            saved,
            saved.statements,
            before.statements if before else None,
        )
        self._write_updates(saved, before.updates if before else ())
        self._written[saved.id] = saved
        return saved

    def _insert(self, saved: Incident) -> None:
        statement = insert_into(self._connection, tables.incident).values(_row(saved))
        insert = statement.on_conflict_do_nothing().returning(tables.incident.c.id)
        if self._connection.execute(insert).first() is None:
            raise RowStale("incident.exists", id=str(saved.id))

    def _update(self, saved: Incident) -> None:
        changed = self._connection.execute(
            sa.update(tables.incident)
            .where(
                tables.incident.c.id == saved.id, tables.incident.c.revision == saved.revision - 1
            )
            .values(_row(saved))
        )
        if changed.rowcount != 1:
            raise RowStale("incident.changed", id=str(saved.id))

    def _write_placed(
        self,
        table: sa.Table,
        saved: Incident,
        items: Sequence[Piece],
        before: Sequence[Piece] | None,
    ) -> None:
        """Write what has a position; what stood behind the last one is deleted."""
        owner = {"incident_id": saved.id}
        rows = [
            {**owner, "position": place, **asdict(item), "status": str(item.status)}
            for place, item in _changed(items, before or ())
        ]
        put(self._connection, table, rows)
        if saved.revision == 1 or (before is not None and len(before) <= len(items)):
            return
        self._connection.execute(
            sa.delete(table).where(table.c.incident_id == saved.id, table.c.position >= len(items))
        )

    def _write_updates(self, saved: Incident, before: Sequence[Update]) -> None:
        rows = [_update_row(saved, update) for _, update in _changed(saved.updates, before)]
        put(self._connection, tables.incident_update, rows)

    def _read(self, statement: sa.Select[Any]) -> tuple[Incident, ...]:
        rows = self._connection.execute(statement).all()
        ids = [row.id for row in rows]
        parts = self._gather(tables.incident_component, tables.incident_component.c.position, ids)
        updates = self._gather(tables.incident_update, tables.incident_update.c.number, ids)
        said = self._gather(tables.incident_statement, tables.incident_statement.c.position, ids)
        return tuple(
            _incident(row, parts.get(row.id, ()), said.get(row.id, ()), updates.get(row.id, ()))
            for row in rows
        )

    def _gather(
        self, table: sa.Table, order: sa.Column[Any], ids: Sequence[str]
    ) -> dict[str, list[Row[Any]]]:
        found: dict[str, list[Row[Any]]] = {}
        for first in range(0, len(ids), _AT_ONCE):
            some = sa.select(table).where(table.c.incident_id.in_(ids[first : first + _AT_ONCE]))
            for row in self._connection.execute(some.order_by(table.c.incident_id, order)):
                found.setdefault(row.incident_id, []).append(row)
        return found


def _changed(items: Sequence[_Item], before: Sequence[_Item]) -> Iterator[tuple[int, _Item]]:
    """Those that are not at their position already."""
    for place, item in enumerate(items):
        if place >= len(before) or before[place] is not item:
            yield place, item


def _touching(window: Interval) -> sa.Select[Any]:
    is_open_after = sa.or_(
        tables.incident.c.resolved_at.is_(None),
        tables.incident.c.resolved_at > window.start,
        # One that a wrong clock left without length would be in no window that begins with it.
        tables.incident.c.started_at >= window.start,
    )
    return (
        sa.select(tables.incident)
        .where(tables.incident.c.started_at < window.end, is_open_after)
        .order_by(tables.incident.c.started_at.desc(), tables.incident.c.id)
    )


def _row(saved: Incident) -> dict[str, Any]:
    return {
        "id": saved.id,
        "revision": saved.revision,
        "phase": str(saved.phase),
        "impact": str(saved.impact),
        "started_at": saved.started_at,
        "created_at": saved.created_at,
        "monitoring_at": saved.monitoring_at,
        "resolved_at": saved.resolved_at,
        "machine_title": saved.machine_title,
        "person_title": saved.person_title,
        "origin": str(saved.origin),
        "related": list(saved.related),
        "merged_into": saved.merged_into,
    }


def _update_row(saved: Incident, update: Update) -> dict[str, Any]:
    return {
        "incident_id": saved.id,
        "number": update.number,
        "at": update.at,
        "phase": str(update.phase),
        "happening": str(update.event),
        "actor": update.actor,
        "machine": update.machine,
        "person": update.person,
        "former": [dict(text.by_locale) for text in update.former],
        "corrected_at": update.corrected_at,
        "next_update_at": update.next_update_at,
    }


def _incident(
    row: Row[Any],
    parts: Sequence[Row[Any]],
    statements: Sequence[Row[Any]],
    updates: Sequence[Row[Any]],
) -> Incident:
    fields = row._asdict()
    fields |= {"phase": Phase(row.phase), "impact": Impact(row.impact), "id": IncidentId(row.id)}
    fields |= {"origin": Origin(row.origin), "related": tuple(map(IncidentId, row.related))}
    return Incident(
        **fields,
        affected=tuple(map(_part, parts)),
        statements=tuple(map(_statement, statements)),
        updates=tuple(map(_update, updates)),
    )


def _part(row: Row[Any]) -> Affected:
    return Affected(
        component=ComponentId(row.component),
        status=Outcome(row.status),
        start=row.start,
        end=row.end,
        # Earlier versions stored causes that are no failure class.
        cause=failure_class(row.cause) or UNCLASSIFIED,
        is_dependent=row.is_dependent,
        is_unwatched=row.is_unwatched,
    )


def _statement(row: Row[Any]) -> Statement:
    return Statement(
        component=ComponentId(row.component),
        status=Outcome(row.status),
        start=row.start,
        end=row.end,
    )


def _update(row: Row[Any]) -> Update:
    return Update(
        number=row.number,
        at=row.at,
        phase=Phase(row.phase),
        event=IncidentEvent(row.happening),
        actor=row.actor,
        machine=row.machine,
        person=row.person,
        former=tuple(Text(words) for words in row.former),
        corrected_at=row.corrected_at,
        next_update_at=row.next_update_at,
    )
