"""Classifications: each decision is a new revision, the highest of a reference is in force."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.domain.availability import Exclusion
from monitor.domain.checks.observation import ComponentId
from monitor.domain.time.interval import Interval, Second
from monitor.journal.tables import exclusion


class SqlExclusions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def approved(self, window: Interval) -> tuple[Exclusion, ...]:
        later = exclusion.alias()
        revised = sa.exists().where(
            later.c.reference == exclusion.c.reference, later.c.revision > exclusion.c.revision
        )
        statement = (
            sa.select(exclusion)
            .where(exclusion.c.start < window.end, exclusion.c.end > window.start)
            .where(exclusion.c.approved_by.is_not(None), sa.not_(exclusion.c.withdrawn))
            .where(sa.not_(revised))
            .order_by(exclusion.c.start, exclusion.c.id)
        )
        return tuple(
            Exclusion(
                component=ComponentId(row.component),
                interval=Interval(Second(row.start), Second(row.end)),
                cause=row.cause,
            )
            for row in self._connection.execute(statement)
        )
