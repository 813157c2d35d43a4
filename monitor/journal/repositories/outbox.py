"""What is owed to whom: unique on (event, target), kept until sent or given up."""

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


class SqlOutbox:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def enqueue(self, notifications: Sequence[Notification]) -> int:
        new = 0
        for first in range(0, len(notifications), _AT_ONCE):
            rows = [_row(owed) for owed in notifications[first : first + _AT_ONCE]]
            statement = insert_into(self._connection, notification).values(rows)
            kept = statement.on_conflict_do_nothing(index_elements=["event", "target"])
            new += len(self._connection.execute(kept.returning(notification.c.id)).all())
        return new

    def due(self, now: Second, limit: int) -> Sequence[Notification]:
        place = sa.func.row_number().over(
            partition_by=notification.c.target, order_by=(notification.c.due_at, notification.c.id)
        )
        # Spelled out, not bound: a partial index serves only what the statement itself says.
        waiting = sa.text("delivery = 'pending'")
        ranked = (
            sa.select(*_COLUMNS, notification.c.id, place.label("place"))
            .where(waiting, notification.c.due_at <= now)
            .subquery()
        )
        columns = [ranked.c[column.name] for column in _COLUMNS]
        return self._read(
            sa.select(*columns)
            .where(ranked.c.place <= limit)
            .order_by(ranked.c.due_at, ranked.c.id)
        )

    def hasten(self, now: Second, beyond: Second) -> int:
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
        self._settle(notification, values)

    def take_back(self, subject: str) -> int:
        waiting = sa.and_(
            notification.c.subject == subject, notification.c.delivery == str(Delivery.PENDING)
        )
        return self._connection.execute(sa.delete(notification).where(waiting)).rowcount

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

    def among(self, subjects: Collection[str]) -> Sequence[Notification]:
        wanted, found = sorted(subjects), []
        for first in range(0, len(wanted), _AT_ONCE):
            some = notification.c.subject.in_(wanted[first : first + _AT_ONCE])
            found += self._read(sa.select(*_COLUMNS).where(some).order_by(notification.c.id))
        return found

    def _settle(self, owed: Notification, values: dict[str, Any]) -> None:
        this = sa.and_(notification.c.event == owed.event, notification.c.target == owed.target)
        changed = self._connection.execute(
            sa.update(notification)
            .where(this, notification.c.delivery == str(Delivery.PENDING))
            .values(attempts=notification.c.attempts + 1, **values)
        )
        if changed.rowcount == 1:
            return
        name = {"event": owed.event, "target": owed.target}
        if self._connection.execute(sa.select(notification.c.id).where(this)).first() is None:
            raise RowNotFound("message.unknown", **name)
        raise RowStale("message.delivered", **name)

    def _read(self, statement: sa.Select[Any]) -> list[Notification]:
        return [_notification(row) for row in self._connection.execute(statement)]


def _row(owed: Notification) -> dict[str, Any]:
    words = {"kind": str(owed.kind), "delivery": str(owed.delivery)}
    return {**asdict(owed), **words, "error": owed.error.replace("\0", "")}


def _notification(row: Row[Any]) -> Notification:
    kept = row._asdict()
    kept["kind"] = EventKind(kept["kind"])
    kept["delivery"] = Delivery(kept["delivery"])
    return Notification(**kept)
