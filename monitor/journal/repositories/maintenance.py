"""Maintenance windows. `published_at` decides about money: it is set here and nowhere else, once
the snapshot that shows a window is published. Until then the column holds `FOREVER`: the window was
never public."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from monitor.domain.checks.observation import ComponentId
from monitor.domain.maintenance import Extension, MaintenanceId, MaintenanceWindow
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.journal.database import insert_into, put
from monitor.journal.ports import RowNotFound, RowStale
from monitor.journal.tables import (
    maintenance_component,
    maintenance_extension,
    maintenance_window,
)

_AT_ONCE = 500


class SqlMaintenance:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, wanted: MaintenanceId) -> MaintenanceWindow:
        found = self._read(sa.select(maintenance_window).where(maintenance_window.c.id == wanted))
        if not found:
            raise RowNotFound("maintenance.unknown", id=str(wanted))
        return found[0]

    def touching(self, window: Interval) -> tuple[MaintenanceWindow, ...]:
        return self._read(
            sa.select(maintenance_window)
            .where(maintenance_window.c.start < window.end, maintenance_window.c.end > window.start)
            .order_by(maintenance_window.c.start, maintenance_window.c.id)
        )

    def save(self, planned: MaintenanceWindow) -> MaintenanceWindow:
        published_at = None
        if planned.revision == 0:
            self._insert(planned)
        else:
            published_at = self._update(planned)
        self._write_components(planned)
        extensions = self._write_extensions(planned)
        return replace(
            planned,
            revision=planned.revision + 1,
            published_at=published_at,
            extensions=extensions,
        )

    def publish(self, wanted: Collection[MaintenanceId], at: Second) -> None:
        ids = sorted(wanted)
        for first in range(0, len(ids), _AT_ONCE):
            self._connection.execute(
                sa.update(maintenance_window)
                .where(maintenance_window.c.id.in_(ids[first : first + _AT_ONCE]))
                .where(maintenance_window.c.published_at == FOREVER)
                .values(published_at=at)
            )

    def publish_extensions(self, shown: Iterable[tuple[MaintenanceId, int]], at: Second) -> None:
        for wanted, number in sorted(shown):
            self._connection.execute(
                sa.update(maintenance_extension)
                .where(
                    maintenance_extension.c.window_id == wanted,
                    maintenance_extension.c.number == number,
                    maintenance_extension.c.published_at == FOREVER,
                )
                .values(published_at=at)
            )

    def restamp_extension(self, wanted: MaintenanceId, number: int, published_at: Second) -> None:
        done = self._connection.execute(
            sa.update(maintenance_extension)
            .where(
                maintenance_extension.c.window_id == wanted,
                maintenance_extension.c.number == number,
            )
            .values(published_at=published_at)
        )
        if done.rowcount == 0:
            raise RowNotFound("maintenance.unknown", id=str(wanted))

    def restamp(
        self, wanted: MaintenanceId, published_at: Second | None, cancelled_at: Second | None
    ) -> None:
        public_at = FOREVER if published_at is None else published_at
        done = self._connection.execute(
            sa.update(maintenance_window)
            .where(maintenance_window.c.id == wanted)
            .values(published_at=public_at, cancelled_at=cancelled_at)
        )
        if done.rowcount == 0:
            raise RowNotFound("maintenance.unknown", id=str(wanted))

    def _insert(self, planned: MaintenanceWindow) -> None:
        row = {**_row(planned), "published_at": FOREVER}
        statement = insert_into(self._connection, maintenance_window).values(row)
        insert = statement.on_conflict_do_nothing().returning(maintenance_window.c.id)
        if self._connection.execute(insert).first() is None:
            raise RowStale("maintenance.exists", id=str(planned.id))

    def _update(self, planned: MaintenanceWindow) -> Second | None:
        this = sa.and_(
            maintenance_window.c.id == planned.id,
            maintenance_window.c.revision == planned.revision,
        )
        updated = self._connection.execute(
            sa.update(maintenance_window)
            .where(this)
            .values(_row(planned))
            .returning(maintenance_window.c.published_at)
        ).first()
        if updated is None:
            raise RowStale("maintenance.changed", id=str(planned.id))
        return _published(updated.published_at)

    def _write_components(self, planned: MaintenanceWindow) -> None:
        rows = [
            {"window_id": planned.id, "position": place, "component": component}
            for place, component in enumerate(planned.components)
        ]
        put(self._connection, maintenance_component, rows)
        self._connection.execute(
            sa.delete(maintenance_component).where(
                maintenance_component.c.window_id == planned.id,
                maintenance_component.c.position >= len(rows),
            )
        )

    def _write_extensions(self, planned: MaintenanceWindow) -> tuple[Extension, ...]:
        """Add those that are new; as all of them are stored now."""
        if not planned.extensions:
            return ()
        stored = self._extensions([planned.id]).get(planned.id, [])
        rows = [
            {
                "window_id": planned.id, "number": number, "start": added.start,
                "end": added.end, "published_at": FOREVER,
            }
            for number, added in enumerate(planned.extensions, 1)
            if number > len(stored)
        ]  # fmt: skip
        put(self._connection, maintenance_extension, rows)
        new = (replace(added, published_at=None) for added in planned.extensions[len(stored) :])
        return (*stored, *new)

    def _read(self, statement: sa.Select[Any]) -> tuple[MaintenanceWindow, ...]:
        rows = self._connection.execute(statement).all()
        ids = [row.id for row in rows]
        components, extensions = self._components(ids), self._extensions(ids)
        return tuple(
            _window(row, components.get(row.id, ()), extensions.get(row.id, ())) for row in rows
        )

    def _extensions(self, ids: Sequence[str]) -> dict[str, list[Extension]]:
        found: dict[str, list[Extension]] = {}
        column = maintenance_extension.c
        for first in range(0, len(ids), _AT_ONCE):
            some = sa.select(maintenance_extension).where(
                column.window_id.in_(ids[first : first + _AT_ONCE])
            )
            for row in self._connection.execute(some.order_by(column.window_id, column.number)):
                found.setdefault(row.window_id, []).append(_extension(row))
        return found

    def _components(self, ids: Sequence[str]) -> dict[str, list[ComponentId]]:
        found: dict[str, list[ComponentId]] = {}
        column = maintenance_component.c
        for first in range(0, len(ids), _AT_ONCE):
            some = sa.select(maintenance_component).where(
                column.window_id.in_(ids[first : first + _AT_ONCE])
            )
            for row in self._connection.execute(some.order_by(column.window_id, column.position)):
                found.setdefault(row.window_id, []).append(ComponentId(row.component))
        return found


def _row(planned: MaintenanceWindow) -> dict[str, Any]:
    """Every column but `published_at`, with the next revision."""
    return {
        "id": planned.id,
        "revision": planned.revision + 1,
        "title": planned.title,
        "impact": planned.impact,
        "start": planned.start,
        "end": planned.end,
        "cancelled_at": planned.cancelled_at,
        "reason": planned.reason,
        "created_by": planned.created_by,
    }


def _window(
    row: Row[Any], components: Sequence[ComponentId], extensions: Sequence[Extension]
) -> MaintenanceWindow:
    fields = row._asdict() | {"id": MaintenanceId(row.id), "components": tuple(components)}
    fields |= {"published_at": _published(row.published_at), "extensions": tuple(extensions)}
    return MaintenanceWindow(**fields)


def _extension(row: Row[Any]) -> Extension:
    return Extension(start=row.start, end=row.end, published_at=_published(row.published_at))


def _published(stamp: int) -> Second | None:
    return None if stamp == FOREVER else Second(stamp)
