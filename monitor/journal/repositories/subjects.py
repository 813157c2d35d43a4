"""The numbers under which (check, location) pairs are stored."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.domain.checks.observation import CheckId, LocationId
from monitor.journal.database import insert_into
from monitor.journal.tables import subject
from monitor.results.log.ports import FoldKey


class Subjects:
    """Numbers never change, so committed ones stay cached between transactions in `known`, which
    the journal owns. Until then only this transaction knows a number that it assigned."""

    def __init__(self, connection: Connection, known: Mapping[FoldKey, int]) -> None:
        self._connection = connection
        self._known = known
        self.new: dict[FoldKey, int] = {}

    def ids(self, keys: Iterable[FoldKey]) -> dict[FoldKey, int]:
        """The number of each pair, assigned now where it has none."""
        wanted = set(keys)
        missing = [key for key in sorted(wanted) if self._number_of(key) is None]
        if missing:
            self._assign(missing)
        return {key: number for key in wanted if (number := self._number_of(key)) is not None}

    def keys(self, wanted: Collection[FoldKey] | None = None) -> dict[int, FoldKey]:
        """Every pair by its number; only those of `wanted` where it is given."""
        query = sa.select(subject.c.id, subject.c.check_id, subject.c.location)
        if wanted is not None:
            query = query.where(subject.c.check_id.in_({check for check, _ in wanted}))
        found: dict[int, FoldKey] = {
            number: (CheckId(check), LocationId(place))
            for number, check, place in self._connection.execute(query)
        }
        return {n: key for n, key in found.items() if wanted is None or key in wanted}

    def _number_of(self, key: FoldKey) -> int | None:
        return self._known.get(key, self.new.get(key))

    def _assign(self, missing: list[FoldKey]) -> None:
        statement = insert_into(self._connection, subject).on_conflict_do_nothing()
        rows = [{"check_id": check, "location": place} for check, place in missing]
        self._connection.execute(statement, rows)
        self.new.update({key: number for number, key in self.keys().items()})
