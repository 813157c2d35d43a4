"""Customers' domains, from the list and from contracts; a number says when any of them changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.domain.checks.observation import ComponentId
from monitor.domain.time.interval import Second
from monitor.journal.repositories.contracts.rows import ACTIVE
from monitor.journal.repositories.cursors import SqlCursors
from monitor.journal.tables import contract_interval, contract_name, customer_name

_VERSION = "version"


def count_change(connection: Connection) -> None:
    """Whoever follows the names reads them again."""
    counter = SqlCursors(connection, "names")
    counter.set(_VERSION, counter.get(_VERSION) + 1)


class SqlCustomerNames:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._counter = SqlCursors(connection, "names")

    def version(self) -> int:
        return self._counter.get(_VERSION)

    def listed(self) -> Mapping[str, tuple[ComponentId, ...]]:
        rows = self._connection.execute(sa.select(customer_name).order_by(customer_name.c.name))
        return {name: tuple(map(ComponentId, components)) for name, components in rows}

    def replace(self, names: Mapping[str, Collection[ComponentId]]) -> None:
        self._connection.execute(sa.delete(customer_name))
        rows = [{"name": name, "components": sorted(found)} for name, found in names.items()]
        if rows:
            self._connection.execute(sa.insert(customer_name), rows)
        count_change(self._connection)

    def of_contracts(self, now: Second) -> Iterator[tuple[str, tuple[ComponentId, ...]]]:
        active = contract_interval.c
        is_active = sa.and_(active.kind == ACTIVE, active.start <= now, active.end > now)
        own = contract_name.c
        found = sa.select(own.name, own.components).where(
            sa.exists().where(active.contract_id == own.contract_id, is_active)
        )
        for name, components in self._connection.execute(found.order_by(own.name)):
            yield name, tuple(map(ComponentId, components))
