"""Contracts: saved whole, read back equal, streamed in pages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from credits.contract import Contract, ContractId, SoldLine
from credits.terms import Terms, terms_of_text
from monitor.domain.time.interval import Interval
from monitor.journal import tables
from monitor.journal.database import among, insert_encoded, insert_into, put_encoded
from monitor.journal.repositories.contracts import rows
from monitor.journal.repositories.visitors.customers import count_change

_PAGE = 500
_PARTS = (
    tables.contract_interval,
    tables.contract_terms,
    tables.price_segment,
    tables.contract_name,
)


class SqlContracts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[str, Terms] = {}

    def get(self, wanted: ContractId) -> Contract | None:
        return self.some([wanted]).get(wanted)

    def some(self, wanted: Collection[ContractId]) -> Mapping[ContractId, Contract]:
        return {contract.id: contract for contract in self._whole(tuple(wanted))}

    def terms(self, wanted: str) -> Terms | None:
        own = tables.terms.c
        found = self._connection.execute(sa.select(own.text).where(own.hash == wanted)).scalar()
        return None if found is None else terms_of_text(found)

    def every(self) -> Iterator[Contract]:
        return self._stream(sa.true())

    def lines(self) -> Iterator[SoldLine]:
        own = tables.price_segment.c
        place = sa.tuple_(own.contract_id, own.position)
        some = sa.select(own.contract_id, own.position, own.invoice_id, own.line_id, own.weight)
        some = some.order_by(own.contract_id, own.position).limit(_PAGE)
        page = self._connection.execute(some).all()
        while page:
            for row in page:
                yield SoldLine(ContractId(row[0]), *row[2:])
            last = sa.tuple_(*page[-1][:2])
            page = self._connection.execute(some.where(place > last)).all()

    def page(self, after: ContractId, limit: int) -> Sequence[Contract]:
        return list(self._whole(self._ids(sa.true(), after, limit)))

    def active_in(self, window: Interval) -> Iterator[Contract]:
        return self._stream(_is_active_in(window))

    def active_count(self, window: Interval) -> int:
        found = sa.select(sa.func.count()).select_from(tables.contract)
        return int(self._connection.execute(found.where(_is_active_in(window))).scalar_one())

    def active_page(self, window: Interval, after: ContractId, limit: int) -> Sequence[Contract]:
        return list(self._whole(self._ids(_is_active_in(window), after, limit)))

    def save(self, contract: Contract) -> None:
        self.save_all([contract])

    def save_all(self, contracts: Sequence[Contract]) -> None:
        ids = [contract.id for contract in contracts]
        put_encoded(
            self._connection, tables.contract, [rows.contract_row(one) for one in contracts]
        )
        for table in _PARTS:
            self._connection.execute(sa.delete(table).where(self._own(table, ids)))
        self._insert_new_terms(contracts)
        self._insert(tables.contract_interval, rows.interval_rows, contracts)
        self._insert(tables.contract_terms, rows.terms_period_rows, contracts)
        self._insert(tables.price_segment, rows.segment_rows, contracts)
        self._insert_names(contracts)

    def _insert_names(self, contracts: Sequence[Contract]) -> None:
        """Whoever follows them learns of it where there are none any more, too."""
        named = [row for contract in contracts for row in rows.name_rows(contract)]
        if named:
            self._connection.execute(sa.insert(tables.contract_name), named)
        count_change(self._connection)

    def _insert_new_terms(self, contracts: Sequence[Contract]) -> None:
        """Each once: thousands of contracts share few, and terms that are stored never change."""
        snapshots = {row["hash"]: row for one in contracts for row in rows.terms_rows(one)}
        if snapshots:
            statement = insert_into(self._connection, tables.terms).on_conflict_do_nothing()
            self._connection.execute(statement, list(snapshots.values()))

    def _insert(
        self,
        table: sa.Table,
        parts: Callable[[Contract], list[rows.Row]],
        contracts: Sequence[Contract],
    ) -> None:
        new = [row for contract in contracts for row in parts(contract)]
        insert_encoded(self._connection, table, new)

    def _stream(self, condition: sa.ColumnElement[bool]) -> Iterator[Contract]:
        """Page by page after the last id, so that memory holds one page, however many there are."""
        page = self._ids(condition, "", _PAGE)
        while page:
            yield from self._whole(page)
            page = self._ids(condition, page[-1], _PAGE)

    def _ids(self, condition: sa.ColumnElement[bool], after: str, limit: int) -> Sequence[str]:
        column = tables.contract.c.id
        some = sa.select(column).where(condition, column > after).order_by(column).limit(limit)
        return self._connection.execute(some).scalars().all()

    def _whole(self, ids: Sequence[str]) -> Iterator[Contract]:
        heads = self._connection.execute(
            sa.select(tables.contract)
            .where(among(self._connection, tables.contract.c.id, ids))
            .order_by(tables.contract.c.id)
        ).all()
        if not heads:
            return
        found_ids = [head.id for head in heads]
        parts = [self._parts(_select_part(table), table, found_ids) for table in _PARTS]
        for head in heads:
            own = (found.get(head.id, []) for found in parts)
            yield rows.contract_of(head, *own, known=self._known)

    def _parts(
        self, statement: sa.Select[Any], table: sa.Table, ids: Sequence[str]
    ) -> dict[str, list[rows.Found]]:
        found: dict[str, list[rows.Found]] = {}
        wanted = statement.where(self._own(table, ids))
        for row in self._connection.execute(wanted.order_by(table.c.contract_id, table.c.position)):
            found.setdefault(row.contract_id, []).append(row)
        return found

    def _own(self, table: sa.Table, ids: Sequence[str]) -> sa.ColumnElement[bool]:
        return among(self._connection, table.c.contract_id, ids)


def _is_active_in(window: Interval) -> sa.ColumnElement[bool]:
    active = tables.contract_interval.c
    return sa.exists().where(
        active.contract_id == tables.contract.c.id,
        active.kind == rows.ACTIVE,
        active.start < window.end,
        active.end > window.start,
    )


def _select_part(table: sa.Table) -> sa.Select[Any]:
    if table is not tables.contract_terms:
        return sa.select(table)
    return sa.select(table, tables.terms.c.text).join(tables.terms)
