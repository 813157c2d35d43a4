"""Subscriptions and the addresses that they send to, erased without a trace in the file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import IncidentId
from monitor.domain.subscriptions.contact import Contact
from monitor.domain.subscriptions.subscription import (
    Ending,
    Severity,
    Subscription,
    SubscriptionId,
    SubscriptionState,
    Wanted,
)
from monitor.domain.time.interval import Second
from monitor.journal.database import put
from monitor.journal.repositories.cursors import SqlCursors
from monitor.journal.tables import subscriber_address, subscriber_block, subscription

_AT_ONCE = 500
"""Ids in one statement: SQLite takes no more than so many parameters."""


class SqlSubscriptions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.inbox_cursors = SqlCursors(connection, "inbox")

    def get(self, wanted: SubscriptionId) -> Subscription | None:
        found = sa.select(subscription).where(subscription.c.id == wanted)
        row = self._connection.execute(found).first()
        return _subscription(row) if row else None

    def add(self, added: Subscription, contact: Contact) -> None:
        self.save(added)
        row = {
            "subscription": added.id, "address": contact.address, "mailbox": contact.mailbox
        }  # fmt: skip
        self._connection.execute(sa.insert(subscriber_address), row)

    def save(self, changed: Subscription) -> None:
        put(self._connection, subscription, [_row(changed)])

    def move(self, wanted: SubscriptionId, contact: Contact) -> None:
        this = subscriber_address.c.subscription == wanted
        changed = {"address": contact.address, "mailbox": contact.mailbox}
        self._connection.execute(sa.update(subscriber_address).where(this).values(changed))

    def erase(self, wanted: SubscriptionId) -> None:
        this = subscriber_address.c.subscription == wanted
        self._connection.execute(sa.delete(subscriber_address).where(this))

    def contact(self, wanted: SubscriptionId) -> Contact | None:
        return self.contacts([wanted]).get(wanted)

    def contacts(self, wanted: Collection[SubscriptionId]) -> Mapping[SubscriptionId, Contact]:
        found: dict[SubscriptionId, Contact] = {}
        joined = subscriber_address.join(subscription)
        ids, column = list(wanted), subscriber_address.c
        for start in range(0, len(ids), _AT_ONCE):
            asked = column.subscription.in_(ids[start : start + _AT_ONCE])
            fields = (column.subscription, subscription.c.kind, column.address, column.mailbox)
            rows = sa.select(*fields).select_from(joined).where(asked)
            for id_, kind, address, mailbox in self._connection.execute(rows):
                found[SubscriptionId(id_)] = Contact(kind, address, mailbox)
        return found

    def some(self, wanted: Collection[SubscriptionId]) -> Sequence[Subscription]:
        found: list[Subscription] = []
        ids = list(wanted)
        for start in range(0, len(ids), _AT_ONCE):
            asked = subscription.c.id.in_(ids[start : start + _AT_ONCE])
            rows = self._connection.execute(sa.select(subscription).where(asked))
            found += map(_subscription, rows)
        return found

    def of_mailbox(self, mailbox: str) -> Sequence[Subscription]:
        joined = subscription.join(subscriber_address)
        found = sa.select(subscription).select_from(joined)
        rows = self._connection.execute(found.where(subscriber_address.c.mailbox == mailbox))
        return [_subscription(row) for row in rows]

    def confirmed(self, kind: str) -> Iterator[Subscription]:
        column = subscription.c
        wanted = sa.and_(column.state == SubscriptionState.CONFIRMED, column.kind == kind)
        found = sa.select(subscription).where(wanted)
        return map(_subscription, self._connection.execute(found.order_by(subscription.c.id)))

    def unconfirmed(self, until: Second, limit: int) -> Sequence[Subscription]:
        column = subscription.c
        old = sa.and_(column.state == SubscriptionState.PENDING, column.created_at <= until)
        found = sa.select(subscription).where(old).order_by(column.created_at).limit(limit)
        return [_subscription(row) for row in self._connection.execute(found)]

    def listed(self, after: str, limit: int) -> Sequence[Subscription]:
        """By id, those that have not ended."""
        column = subscription.c
        is_next = sa.and_(column.id > after, column.state != SubscriptionState.ENDED)
        found = sa.select(subscription).where(is_next).order_by(column.id).limit(limit)
        return [_subscription(row) for row in self._connection.execute(found)]

    def counts(self) -> Mapping[tuple[str, SubscriptionState], int]:
        columns = (subscription.c.kind, subscription.c.state)
        rows = self._connection.execute(sa.select(*columns, sa.func.count()).group_by(*columns))
        return {(kind, SubscriptionState(state)): int(number) for kind, state, number in rows}

    def block(self, mailbox_hash: str, at: Second) -> None:
        put(self._connection, subscriber_block, [{"mailbox_hash": mailbox_hash, "at": at}])

    def is_blocked(self, mailbox_hash: str) -> bool:
        this = subscriber_block.c.mailbox_hash == mailbox_hash
        found = sa.select(subscriber_block.c.at).where(this)
        return self._connection.execute(found).first() is not None


def _row(of: Subscription) -> dict[str, Any]:
    return {
        "id": of.id,
        "kind": of.kind,
        "page": of.page,
        "components": list(of.wanted.components),
        "incident": of.wanted.incident,
        "severity": of.wanted.severity.value,
        "locale": of.locale,
        "state": of.state.value,
        "created_at": of.created_at,
        "confirmed_at": of.confirmed_at,
        "ended_at": of.ended_at,
        "ending": None if of.ending is None else of.ending.value,
    }


def _subscription(row: Row[Any]) -> Subscription:
    return Subscription(
        id=SubscriptionId(row.id),
        kind=row.kind,
        page=row.page,
        wanted=Wanted(
            components=tuple(map(ComponentId, row.components)),
            incident=None if row.incident is None else IncidentId(row.incident),
            severity=Severity(row.severity),
        ),
        locale=row.locale,
        state=SubscriptionState(row.state),
        created_at=Second(row.created_at),
        confirmed_at=None if row.confirmed_at is None else Second(row.confirmed_at),
        ended_at=None if row.ended_at is None else Second(row.ended_at),
        ending=None if row.ending is None else Ending(row.ending),
    )
