"""Credits, their steps and the ledger. A step and what it moves are written together."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from credits.contract import ContractId
from credits.life.credit import (
    Assumed,
    Credit,
    CreditId,
    CreditKey,
    CreditRecord,
    CreditStep,
    LineDue,
    LineKey,
)
from credits.life.ledger import (
    COUNTED,
    Holding,
    LedgerAccount,
    LedgerEntry,
    Posting,
    PostingId,
    posting_of,
)
from credits.life.states import CreditState
from credits.money import Money
from credits.ports import WantedCredits
from monitor.domain.change import Via
from monitor.domain.time.interval import Interval, Second
from monitor.journal.database import insert_encoded
from monitor.journal.ports import RowNotFound, RowStale
from monitor.journal.tables import credit, credit_event, ledger_entry

_PAGE = 500
_LATER = credit_event.alias()


class SqlCredits:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, wanted: CreditId) -> CreditRecord:
        found = list(self._records([wanted]))
        if not found:
            raise RowNotFound("credit.unknown", id=str(wanted))
        return found[0]

    def within(self, window: Interval) -> Iterator[CreditRecord]:
        columns = credit.c
        yield from self._stream(
            sa.and_(columns.window_start < window.end, columns.window_end > window.start)
        )

    def adjustments(self, period: str) -> Sequence[CreditRecord]:
        columns = credit.c
        return list(self._stream(sa.and_(columns.period == period, columns.ordinal > 0)))

    def beside(self, one: Credit) -> Sequence[CreditRecord]:
        columns, window = credit.c, one.key.window
        shares = sa.and_(columns.window_start < window.end, columns.window_end > window.start)
        found = self._stream(sa.and_(columns.contract_id == one.key.contract, shares))
        return [record for record in found if record.id != one.id]

    def some(self, wanted: Collection[CreditId]) -> Mapping[CreditId, CreditRecord]:
        names, found = list(wanted), dict[CreditId, CreditRecord]()
        for start in range(0, len(names), _PAGE):
            found |= {one.id: one for one in self._records(names[start : start + _PAGE])}
        return found

    def revisions(self, wanted: Collection[CreditId]) -> Mapping[CreditId, int]:
        return self._revisions(list(wanted))

    def page(
        self, after: CreditId, limit: int, state: CreditState | None = None
    ) -> Sequence[CreditRecord]:
        wanted = sa.select(credit.c.id).where(credit.c.id > after)
        if state is not None:
            wanted = _standing(wanted, state)
        ids = self._connection.execute(wanted.order_by(credit.c.id).limit(limit)).scalars()
        return list(self._records(list(ids)))

    def listed(
        self, wanted: WantedCredits, before: CreditId | None, limit: int
    ) -> Sequence[CreditRecord]:
        columns = credit.c
        found = sa.select(columns.id)
        if wanted.state is not None:
            found = _standing(found, wanted.state)
        for column, value in (
            (columns.period, wanted.period),
            (columns.client_id, wanted.client),
            (columns.contract_id, wanted.contract),
        ):
            if value:
                found = found.where(column == value)
        if before is not None:
            found = found.where(columns.id < before)
        page = found.order_by(columns.id.desc()).limit(limit)
        records = self._records(list(self._connection.execute(page).scalars()))
        return sorted(records, key=lambda record: record.id, reverse=True)

    def eligible_since(self, before: Second, after: CreditId, limit: int) -> Sequence[CreditRecord]:
        found = _standing(sa.select(credit.c.id), CreditState.ELIGIBLE)
        found = found.where(credit_event.c.at <= before, credit.c.id > after)
        page = found.order_by(credit.c.id).limit(limit)
        return list(self._records(list(self._connection.execute(page).scalars())))

    def clients_of_ticket(self, ticket: str) -> frozenset[str]:
        asked = sa.select(credit.c.client_id).join(credit_event)
        found = asked.where(credit_event.c.ticket == ticket).distinct()
        return frozenset(self._connection.execute(found).scalars())

    def begin(self, records: Sequence[CreditRecord]) -> None:
        for some in _pages(records):
            insert_encoded(self._connection, credit, [_credit_row(r.credit) for r in some])
            steps = [_step_row(record.steps[0]) for record in some]
            insert_encoded(self._connection, credit_event, steps)
            self._post(map(posting_of, some))

    def append(self, records: Sequence[CreditRecord]) -> None:
        """Asked first, for a database that refuses a row ends the transaction."""
        known = self._revisions([record.id for record in records])
        for record in records:
            if known.get(record.id) != record.revision - 1:
                raise RowStale("credit.changed", id=str(record.id))
        if records:
            steps = [_step_row(record.steps[-1]) for record in records]
            insert_encoded(self._connection, credit_event, steps)
        self._post(map(posting_of, records))

    def open_lines(self, openings: Sequence[Posting]) -> None:
        """Those lines that were opened before stay as they are."""
        names = [posting.id for posting in openings]
        held = sa.select(ledger_entry.c.posting).where(ledger_entry.c.posting.in_(names))
        known = set(self._connection.execute(held).scalars())
        self._post(posting for posting in openings if posting.id not in known)

    def opened(self, contracts: Collection[ContractId]) -> Mapping[LineKey, int]:
        entry = ledger_entry.c
        keys = (entry.contract_id, entry.invoice_id, entry.line_id)
        found = self._connection.execute(
            sa.select(*keys, sa.func.sum(entry.minor))
            .where(
                entry.contract_id.in_(contracts),
                entry.credit_id.is_(None),
                entry.account == LedgerAccount.APPLIED,
            )
            .group_by(*keys)
        )
        return {LineKey(ContractId(name), *line): int(minor) for name, *line, minor in found}

    def credited(
        self, contracts: Collection[ContractId] | None = None, *, besides: Interval | None = None
    ) -> Mapping[LineKey, int]:
        entry = ledger_entry.c
        keys = (entry.contract_id, entry.invoice_id, entry.line_id)
        counted = sa.select(*keys, sa.func.sum(entry.minor)).where(entry.account.in_(COUNTED))
        if contracts is not None:
            counted = counted.where(entry.contract_id.in_(contracts))
        if besides is not None:
            beyond = sa.or_(
                credit.c.window_start >= besides.end, credit.c.window_end <= besides.start
            )
            counted = counted.outerjoin(credit, credit.c.id == entry.credit_id)
            counted = counted.where(sa.or_(entry.credit_id.is_(None), beyond))
        found = self._connection.execute(counted.group_by(*keys))
        return {LineKey(ContractId(name), *line): int(minor) for name, *line, minor in found}

    def balances(self) -> Mapping[Holding, int]:
        entry = ledger_entry.c
        keys = (entry.client_id, entry.currency, entry.account)
        found = self._connection.execute(
            sa.select(*keys, sa.func.sum(entry.minor)).group_by(*keys).order_by(*keys)
        )
        return {
            Holding(client, currency, LedgerAccount(account)): int(minor)
            for client, currency, account, minor in found
            if minor
        }

    def postings(self, credits: Collection[CreditId] | None = None) -> Iterator[Posting]:
        every = sa.true() if credits is None else ledger_entry.c.credit_id.in_(credits)
        yield from self._postings(every)

    def openings(self, after: PostingId, limit: int) -> Sequence[Posting]:
        entry = ledger_entry.c
        opened = sa.select(entry.posting).where(entry.credit_id.is_(None), entry.posting > after)
        page = opened.group_by(entry.posting).order_by(entry.posting).limit(limit)
        return list(self._postings(entry.posting.in_(page)))

    def _postings(self, condition: sa.ColumnElement[bool]) -> Iterator[Posting]:
        entry = ledger_entry.c
        found = sa.select(ledger_entry).where(condition)
        rows = self._connection.execute(found.order_by(entry.posting, entry.number))
        for name, own in groupby(rows, key=lambda row: row.posting):
            entries = list(own)
            yield Posting(
                id=PostingId(name),
                at=Second(entries[0].at),
                entries=tuple(map(_entry, entries)),
                credit=None if entries[0].credit_id is None else CreditId(entries[0].credit_id),
            )

    def _revisions(self, ids: Sequence[CreditId]) -> Mapping[CreditId, int]:
        event, found = credit_event.c, {}
        for start in range(0, len(ids), _PAGE):
            some = event.credit_id.in_(ids[start : start + _PAGE])
            newest = sa.select(event.credit_id, sa.func.max(event.seq)).where(some)
            for name, seq in self._connection.execute(newest.group_by(event.credit_id)):
                found[CreditId(name)] = int(seq)
        return found

    def _stream(self, condition: sa.ColumnElement[bool]) -> Iterator[CreditRecord]:
        """Page by page after the last id, so that memory holds one page."""
        last = ""
        while True:
            wanted = sa.select(credit.c.id).where(condition, credit.c.id > last)
            page = wanted.order_by(credit.c.id).limit(_PAGE)
            ids = list(self._connection.execute(page).scalars())
            yield from self._records(ids)
            if len(ids) < _PAGE:
                return
            last = ids[-1]

    def _records(self, ids: Sequence[str]) -> Iterator[CreditRecord]:
        event = credit_event.c
        rows = self._connection.execute(
            sa.select(credit).where(credit.c.id.in_(ids)).order_by(credit.c.id)
        ).all()
        taken = self._connection.execute(
            sa.select(credit_event)
            .where(event.credit_id.in_(ids))
            .order_by(event.credit_id, event.seq)
        )
        steps: dict[str, list[CreditStep]] = {row.id: [] for row in rows}
        for row in taken:
            steps[row.credit_id].append(_step(row))
        for row in rows:
            yield CreditRecord(_credit(row), tuple(steps[row.id]))

    def _post(self, postings: Iterable[Posting]) -> None:
        rows = [
            _entry_row(posting, number, entry)
            for posting in postings
            for number, entry in enumerate(posting.entries, 1)
        ]
        insert_encoded(self._connection, ledger_entry, rows)


def _standing(wanted: sa.Select[Any], state: CreditState) -> sa.Select[Any]:
    """Those of them whose newest step led to that state."""
    later = sa.select(sa.literal(1)).where(
        _LATER.c.credit_id == credit_event.c.credit_id, _LATER.c.seq > credit_event.c.seq
    )
    return wanted.join(credit_event).where(credit_event.c.state_after == state, ~sa.exists(later))


def _pages(records: Sequence[CreditRecord]) -> Iterator[Sequence[CreditRecord]]:
    for start in range(0, len(records), _PAGE):
        yield records[start : start + _PAGE]


def _credit_row(one: Credit) -> dict[str, Any]:
    return {
        "id": one.id,
        "contract_id": one.key.contract,
        "window_start": one.key.window.start,
        "window_end": one.key.window.end,
        "terms_hash": one.key.terms_hash,
        "ordinal": one.ordinal,
        "adjusts": one.adjusts,
        "client_id": one.client_id,
        "service_id": one.service_id,
        "product": one.product,
        "period": one.period,
        "lines": json.dumps([_line_row(line) for line in one.lines]),
        "components": json.dumps(one.components),
        "evidence_hash": one.evidence_hash,
    }


def _line_row(line: LineDue) -> dict[str, Any]:
    return {
        "invoice_id": line.invoice_id,
        "line_id": line.line_id,
        "currency": line.amount.currency,
        "amount": f"{line.amount.amount:f}",
        "if_down": None if line.if_down is None else f"{line.if_down.amount:f}",
    }


def _credit(row: Row[Any]) -> Credit:
    window = Interval(Second(row.window_start), Second(row.window_end))
    return Credit(
        id=CreditId(row.id),
        key=CreditKey(ContractId(row.contract_id), window, row.terms_hash),
        ordinal=row.ordinal,
        adjusts=None if row.adjusts is None else CreditId(row.adjusts),
        client_id=row.client_id,
        service_id=row.service_id,
        product=row.product,
        period=row.period,
        lines=tuple(map(_line, row.lines)),
        components=tuple(row.components),
        evidence_hash=row.evidence_hash,
    )


def _line(stored: Mapping[str, Any]) -> LineDue:
    currency, worst = stored["currency"], stored["if_down"]
    return LineDue(
        invoice_id=stored["invoice_id"],
        line_id=stored["line_id"],
        amount=Money(Decimal(stored["amount"]), currency),
        if_down=None if worst is None else Money(Decimal(worst), currency),
    )


def _step_row(step: CreditStep) -> dict[str, Any]:
    return {
        "credit_id": step.credit,
        "seq": step.seq,
        "state_before": None if step.before is None else step.before.value,
        "state_after": step.after.value,
        "at": step.at,
        "actor": step.actor,
        "via": step.via.value,
        "ticket": step.ticket,
        "reason": step.reason,
        "clause": step.clause,
        "assumed": None if step.assumed is None else step.assumed.value,
        "reference": step.reference,
    }


def _step(row: Row[Any]) -> CreditStep:
    return CreditStep(
        credit=CreditId(row.credit_id),
        seq=row.seq,
        before=None if row.state_before is None else CreditState(row.state_before),
        after=CreditState(row.state_after),
        at=Second(row.at),
        actor=row.actor,
        via=Via(row.via),
        ticket=row.ticket,
        reason=row.reason,
        clause=row.clause,
        assumed=None if row.assumed is None else Assumed(row.assumed),
        reference=row.reference,
    )


def _entry_row(posting: Posting, number: int, entry: LedgerEntry) -> dict[str, Any]:
    return {
        "posting": posting.id,
        "number": number,
        "credit_id": posting.credit,
        "at": posting.at,
        "account": entry.account.value,
        "client_id": entry.client_id,
        "contract_id": entry.line.contract,
        "invoice_id": entry.line.invoice_id,
        "line_id": entry.line.line_id,
        "currency": entry.currency,
        "minor": entry.minor,
    }


def _entry(row: Row[Any]) -> LedgerEntry:
    return LedgerEntry(
        account=LedgerAccount(row.account),
        client_id=row.client_id,
        line=LineKey(ContractId(row.contract_id), row.invoice_id, row.line_id),
        currency=row.currency,
        minor=row.minor,
    )
