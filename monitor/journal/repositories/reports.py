"""Issued reports: stored byte for byte, never changed."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from credits.ports import StoredReport
from monitor.domain.time.interval import Second
from monitor.journal.tables import report


class SqlReports:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, period: str) -> Sequence[StoredReport]:
        rows = self._connection.execute(
            sa.select(report).where(report.c.period == period).order_by(report.c.revision)
        )
        return [StoredReport(**row._asdict()) for row in rows]

    def keep(self, period: str, *, hash: str, body: str, at: Second) -> StoredReport:  # noqa: A002
        issued = self.of(period)
        if issued and issued[-1].hash == hash:
            return issued[-1]
        new = {
            "period": period,
            "revision": len(issued) + 1,
            "hash": hash,
            "generated_at": at,
            "body": body,
        }
        self._connection.execute(sa.insert(report), new)
        return self.of(period)[-1]
