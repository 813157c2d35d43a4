"""Issued reports, and what they rest on: stored byte for byte, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from credits.contract import ContractId
from credits.ports import EvidencePart, ReportHead, StoredReport
from monitor.domain.time.interval import Second
from monitor.journal.tables import report, report_evidence

_COLUMNS = report_evidence.c
_READ = sa.select(_COLUMNS.number, _COLUMNS.first, _COLUMNS.hash, _COLUMNS.body)


class SqlReports:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, period: str) -> Sequence[StoredReport]:
        rows = self._connection.execute(
            sa.select(report).where(report.c.period == period).order_by(report.c.revision)
        )
        return [StoredReport(**row._asdict()) for row in rows]

    def count(self, period: str) -> int:
        found = sa.select(sa.func.count()).where(report.c.period == period)
        return int(self._connection.execute(found).scalar_one())

    def get(self, period: str, revision: int | None) -> StoredReport | None:
        found = sa.select(report).where(report.c.period == period)
        if revision is not None:
            found = found.where(report.c.revision == revision)
        newest = found.order_by(report.c.revision.desc()).limit(1)
        row = self._connection.execute(newest).one_or_none()
        return None if row is None else StoredReport(**row._asdict())

    def heads(self, before: tuple[str, int] | None, limit: int) -> Sequence[ReportHead]:
        columns = report.c
        found = sa.select(columns.period, columns.revision, columns.hash, columns.generated_at)
        if before is not None:
            period, revision = before
            is_older = sa.and_(columns.period == period, columns.revision < revision)
            found = found.where(sa.or_(columns.period < period, is_older))
        ordered = found.order_by(columns.period.desc(), columns.revision.desc()).limit(limit)
        return [ReportHead(**row._asdict()) for row in self._connection.execute(ordered)]

    def keep(self, period: str, *, hash: str, body: str, at: Second) -> StoredReport:  # noqa: A002
        last = sa.select(report.c.revision, report.c.hash).where(report.c.period == period)
        newest = self._connection.execute(last.order_by(report.c.revision.desc()).limit(1)).first()
        if newest is not None and newest.hash == hash:
            return self._stored(period, newest.revision)
        revision = 1 if newest is None else newest.revision + 1
        made = StoredReport(period=period, revision=revision, hash=hash, generated_at=at, body=body)
        self._connection.execute(sa.insert(report), asdict(made))
        return made

    def _stored(self, period: str, revision: int) -> StoredReport:
        own = sa.select(report).where(report.c.period == period, report.c.revision == revision)
        return StoredReport(**self._connection.execute(own).one()._asdict())


class SqlEvidence:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, period: str, revision: int, parts: Sequence[EvidencePart]) -> None:
        if not parts:
            return
        rows = [
            {
                "period": period,
                "revision": revision,
                "number": part.number,
                "first": part.first,
                "hash": part.hash,
                "body": part.body,
            }
            for part in parts
        ]
        self._connection.execute(sa.insert(report_evidence), rows)

    def of(
        self, period: str, revision: int, contract: ContractId
    ) -> tuple[EvidencePart, EvidencePart] | None:
        own = _READ.where(_COLUMNS.period == period, _COLUMNS.revision == revision)
        shared = self._connection.execute(own.where(_COLUMNS.number == 0)).one_or_none()
        holding = own.where(_COLUMNS.number > 0, _COLUMNS.first <= contract)
        last = holding.order_by(_COLUMNS.first.desc()).limit(1)
        found = self._connection.execute(last).one_or_none()
        return None if shared is None or found is None else (_part(shared), _part(found))


def _part(row: Row[int, str, str, bytes]) -> EvidencePart:
    return EvidencePart(number=row.number, first=row.first, hash=row.hash, body=bytes(row.body))
