"""Classifications, step by step; what is in force of them is the domain's to say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from monitor.domain.availability import Exclusion
from monitor.domain.checks.observation import ComponentId
from monitor.domain.exclusions.classification import (
    Evidence,
    EvidenceFile,
    ExclusionRecord,
    ExclusionReference,
    ExclusionRevision,
    RevisionState,
    in_force_during,
    records_of,
)
from monitor.domain.incidents.incident import IncidentId
from monitor.domain.time.interval import Interval, Second
from monitor.journal.database import insert_into
from monitor.journal.ports import RowNotFound, RowStale
from monitor.journal.tables import exclusion


class SqlExclusions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def approved(self, window: Interval) -> tuple[Exclusion, ...]:
        return tuple(one.exclusion for one in self.in_force(window))

    def in_force(self, window: Interval) -> tuple[ExclusionRevision, ...]:
        step = exclusion.alias()
        touching = sa.select(step.c.reference).where(
            step.c.start < window.end, step.c.end > window.start, step.c.approved_by.is_not(None)
        )
        found = sa.select(exclusion).where(exclusion.c.reference.in_(touching))
        return in_force_during(self._records(found.order_by(exclusion.c.id)), window)

    def get(self, wanted: ExclusionReference) -> ExclusionRecord:
        found = self._records(sa.select(exclusion).where(exclusion.c.reference == wanted))
        if not found:
            raise RowNotFound("exclusion.unknown", id=str(wanted))
        return found[0]

    def every(self) -> tuple[ExclusionRecord, ...]:
        return self._records(sa.select(exclusion).order_by(exclusion.c.id.desc()))

    def append(self, step: ExclusionRevision) -> None:
        statement = insert_into(self._connection, exclusion).values(_fields(step))
        insert = statement.on_conflict_do_nothing().returning(exclusion.c.id)
        if self._connection.execute(insert).first() is None:
            raise RowStale("exclusion.changed", id=str(step.reference))

    def _records(self, statement: sa.Select[Any]) -> tuple[ExclusionRecord, ...]:
        rows: Iterable[Row[Any]] = self._connection.execute(statement)
        return records_of(map(_step, rows))


def _fields(step: ExclusionRevision) -> dict[str, Any]:
    return {
        "reference": step.reference,
        "revision": step.revision,
        "component": step.component,
        "start": step.interval.start,
        "end": step.interval.end,
        "cause": step.cause,
        "evidence": step.evidence.text,
        "files": [asdict(file) for file in step.evidence.files],
        "links": list(step.evidence.links),
        "incident": step.incident,
        "withdrawn": step.is_withdrawal,
        "proposed_by": step.proposed_by,
        "approved_by": step.decided_by if step.state is RevisionState.APPROVED else None,
        "refused_by": step.decided_by if step.state is RevisionState.REFUSED else None,
        "reason": step.reason,
        "decided_at": step.at,
    }


def _step(row: Row[Any]) -> ExclusionRevision:
    return ExclusionRevision(
        reference=ExclusionReference(row.reference),
        revision=row.revision,
        component=ComponentId(row.component),
        interval=Interval(Second(row.start), Second(row.end)),
        cause=row.cause,
        evidence=Evidence(
            text=row.evidence,
            files=tuple(EvidenceFile(**file) for file in row.files),
            links=tuple(row.links),
        ),
        incident=None if row.incident is None else IncidentId(row.incident),
        is_withdrawal=row.withdrawn,
        state=_state(row),
        proposed_by=row.proposed_by,
        decided_by=row.approved_by or row.refused_by,
        reason=row.reason,
        at=Second(row.decided_at),
    )


def _state(row: Row[Any]) -> RevisionState:
    if row.approved_by is not None:
        return RevisionState.APPROVED
    return RevisionState.PROPOSED if row.refused_by is None else RevisionState.REFUSED
