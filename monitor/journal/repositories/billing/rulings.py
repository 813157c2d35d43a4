"""Rulings, step by step, and which credits each proposal covers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from credits.life.credit import Assumed, Credit, CreditId
from credits.life.ruling import (
    Chosen,
    Covered,
    RulingRecord,
    RulingReference,
    RulingStep,
    rulings_of,
)
from monitor.domain.change import Via
from monitor.domain.exclusions.classification import Evidence, EvidenceFile, RevisionState
from monitor.domain.time.interval import Interval, Second
from monitor.journal.database import insert_into
from monitor.journal.ports import RowNotFound, RowStale
from monitor.journal.tables import credit, ruling, ruling_credit

_PAGE = 500


class SqlRulings:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, wanted: RulingReference) -> RulingRecord:
        found = self._records(sa.select(ruling).where(ruling.c.reference == wanted))
        if not found:
            raise RowNotFound("ruling.unknown", id=str(wanted))
        return found[0]

    def every(self) -> Sequence[RulingRecord]:
        return self._records(sa.select(ruling).order_by(ruling.c.id.desc()))

    def covered(self, reference: RulingReference, revision: int) -> Sequence[Covered]:
        held = ruling_credit.c
        found = self._connection.execute(
            sa.select(held.credit_id, held.seq)
            .where(held.reference == reference, held.revision == revision)
            .order_by(held.credit_id)
        )
        return [Covered(credit=CreditId(name), seq=seq) for name, seq in found]

    def covering(self, credits: Collection[CreditId]) -> frozenset[RulingReference]:
        held, found = ruling_credit.c, set[str]()
        names = list(credits)
        for start in range(0, len(names), _PAGE):
            some = held.credit_id.in_(names[start : start + _PAGE])
            asked = sa.select(held.reference).where(some).distinct()
            found.update(self._connection.execute(asked).scalars())
        return frozenset(map(RulingReference, found))

    def speakers(self, one: Credit) -> frozenset[str]:
        held, said, window = ruling_credit.c, ruling.c, one.key.window
        found = self._connection.execute(
            sa.select(said.proposed_by, said.approved_by)
            .join(ruling_credit, held.reference == said.reference)
            .join(credit, credit.c.id == held.credit_id)
            .where(
                credit.c.contract_id == one.key.contract,
                credit.c.window_start < window.end,
                credit.c.window_end > window.start,
            )
        )
        return frozenset(name for names in found for name in names if name is not None)

    def append(self, step: RulingStep, via: Via, covered: Sequence[Covered] = ()) -> None:
        statement = insert_into(self._connection, ruling).values(_fields(step, via))
        insert = statement.on_conflict_do_nothing().returning(ruling.c.id)
        if self._connection.execute(insert).first() is None:
            raise RowStale("ruling.changed", id=str(step.reference))
        if covered:
            place = {"reference": step.reference, "revision": step.revision}
            rows = [place | {"credit_id": one.credit, "seq": one.seq} for one in covered]
            self._connection.execute(sa.insert(ruling_credit), rows)

    def _records(self, statement: sa.Select[Any]) -> Sequence[RulingRecord]:
        rows: Iterable[Row[Any]] = self._connection.execute(statement)
        return rulings_of(map(_step, rows))


def _fields(step: RulingStep, via: Via) -> dict[str, Any]:
    chosen = step.chosen
    span = None if chosen is None else chosen.span
    return {
        "reference": step.reference,
        "revision": step.revision,
        "assumed": step.assumed,
        "month": None if chosen is None else chosen.month,
        "start": None if span is None else span.start,
        "end": None if span is None else span.end,
        "cause": None if chosen is None else chosen.cause,
        "credits": step.credits,
        "evidence": step.evidence.text,
        "files": [asdict(file) for file in step.evidence.files],
        "links": list(step.evidence.links),
        "proposed_by": step.proposed_by,
        "approved_by": step.decided_by if step.state is RevisionState.APPROVED else None,
        "refused_by": step.decided_by if step.state is RevisionState.REFUSED else None,
        "reason": step.reason,
        "via": via,
        "at": step.at,
    }


def _step(row: Row[Any]) -> RulingStep:
    return RulingStep(
        reference=RulingReference(row.reference),
        revision=row.revision,
        assumed=Assumed(row.assumed),
        chosen=_chosen(row),
        credits=row.credits,
        evidence=Evidence(
            text=row.evidence,
            files=tuple(EvidenceFile(**file) for file in row.files),
            links=tuple(row.links),
        ),
        proposed_by=row.proposed_by,
        state=_state(row),
        decided_by=row.approved_by or row.refused_by,
        reason=row.reason,
        at=Second(row.at),
    )


def _chosen(row: Row[Any]) -> Chosen | None:
    if row.month is None:
        return None
    span = None if row.start is None else Interval(Second(row.start), Second(row.end))
    return Chosen(month=row.month, span=span, cause=row.cause)


def _state(row: Row[Any]) -> RevisionState:
    if row.approved_by is not None:
        return RevisionState.APPROVED
    return RevisionState.PROPOSED if row.refused_by is None else RevisionState.REFUSED
