"""The outbox: messages unique on (event, target), pending until sent or given up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from monitor.domain.incidents.delivery import Delivery, EventKind, Notification
from monitor.domain.time.interval import Second
from monitor.journal.database import insert_into
from monitor.journal.ports import RowNotFound, RowStale
from monitor.journal.tables import notification

_AT_ONCE = 500
"""Rows of one INSERT: SQLite takes 32 766 values in a statement."""
_COLUMNS = [column for column in notification.c if column.name != "id"]


def _due() -> sa.Select[Any]:
    """The first `limit` of each target that are due at `now`."""
    place = sa.func.row_number().over(
        partition_by=notification.c.target, order_by=(notification.c.due_at, notification.c.id)
    )
    # Written out, not bound: a partial index is used only for what the statement itself says.
    is_pending = sa.text("delivery = 'pending'")
    ranked = (
        sa.select(*_COLUMNS, notification.c.id, place.label("place"))
        .where(is_pending, notification.c.due_at <= sa.bindparam("now"))
        .subquery()
    )
    columns = [ranked.c[column.name] for column in _COLUMNS]
    return (
        sa.select(*columns)
        .where(ranked.c.place <= sa.bindparam("limit"))
        .order_by(ranked.c.due_at, ranked.c.id)
    )


_DUE = _due()
"""It is asked every second: to build it costs more than to run it."""


class SqlOutbox:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def enqueue(self, notifications: Sequence[Notification]) -> int:
        new = 0
        for first in range(0, len(notifications), _AT_ONCE):
            rows = [_row(message) for message in notifications[first : first + _AT_ONCE]]
            statement = insert_into(self._connection, notification).values(rows)
            insert = statement.on_conflict_do_nothing(index_elements=["event", "target"])
            new += len(self._connection.execute(insert.returning(notification.c.id)).all())
        return new

    def due(self, now: Second, limit: int) -> Sequence[Notification]:
        return self._read(_DUE, {"now": now, "limit": limit})

    def make_due(self, now: Second, beyond: Second) -> int:
        hastened = self._connection.execute(
            sa.update(notification)
            .where(sa.text("delivery = 'pending'"), notification.c.due_at > beyond)
            .values(due_at=now)
        )
        return hastened.rowcount

    def mark_delivered(
        self,
        notification: Notification,
        *,
        delivery: Delivery,
        at: Second,
        error: str = "",
        retry_at: Second | None = None,
    ) -> None:
        if (delivery is Delivery.PENDING) != (retry_at is not None):
            raise ValueError("a pending notification has a time to retry, a settled one has none")
        values: dict[str, Any] = {"delivery": str(delivery), "error": error.replace("\0", "")}
        if delivery is Delivery.SENT:
            values["sent_at"] = at
        if retry_at is not None:
            values["due_at"] = retry_at
        self._record_attempt(notification, values)

    def delete_pending(self, subject: str) -> int:
        is_pending = sa.and_(
            notification.c.subject == subject, notification.c.delivery == str(Delivery.PENDING)
        )
        return self._connection.execute(sa.delete(notification).where(is_pending)).rowcount

    def counts(self) -> Mapping[Delivery, int]:
        counted = sa.select(notification.c.delivery, sa.func.count()).group_by(
            notification.c.delivery
        )
        found = {Delivery(word): number for word, number in self._connection.execute(counted)}
        return {delivery: found.get(delivery, 0) for delivery in Delivery}

    def tried(self, limit: int) -> Sequence[Notification]:
        return self._read(
            sa.select(*_COLUMNS)
            .where(notification.c.attempts > 0)
            .order_by(notification.c.id.desc())
            .limit(limit)
        )

    def of(self, subject: str) -> Sequence[Notification]:
        return self._read(
            sa.select(*_COLUMNS)
            .where(notification.c.subject == subject)
            .order_by(notification.c.id)
        )

    def of_subjects(self, subjects: Collection[str]) -> Sequence[Notification]:
        wanted, found = sorted(subjects), []
        for first in range(0, len(wanted), _AT_ONCE):
            some = notification.c.subject.in_(wanted[first : first + _AT_ONCE])
            found += self._read(sa.select(*_COLUMNS).where(some).order_by(notification.c.id))
        return found

    def _record_attempt(self, pending: Notification, values: dict[str, Any]) -> None:
        this = sa.and_(
            notification.c.event == pending.event, notification.c.target == pending.target
        )
        changed = self._connection.execute(
            sa.update(notification)
            .where(this, notification.c.delivery == str(Delivery.PENDING))
            .values(attempts=notification.c.attempts + 1, **values)
        )
        if changed.rowcount == 1:
            return
        name = {"event": pending.event, "target": pending.target}
        if self._connection.execute(sa.select(notification.c.id).where(this)).first() is None:
            raise RowNotFound("message.unknown", **name)
        raise RowStale("message.delivered", **name)

    def _read(
        self, statement: sa.Select[Any], values: Mapping[str, int] | None = None
    ) -> list[Notification]:
        return [_notification(row) for row in self._connection.execute(statement, values)]


def _row(message: Notification) -> dict[str, Any]:
    texts = {"kind": str(message.kind), "delivery": str(message.delivery)}
    return {**asdict(message), **texts, "error": message.error.replace("\0", "")}


def _notification(row: Row[Any]) -> Notification:
    fields = row._asdict()
    fields["kind"] = EventKind(fields["kind"])
    fields["delivery"] = Delivery(fields["delivery"])
    return Notification(**fields)
