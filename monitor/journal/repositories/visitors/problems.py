"""What customers said that fails, whole, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from monitor.domain.checks.observation import ComponentId
from monitor.domain.customers.problems import Problem, ProblemKind, ProblemRef, Said
from monitor.domain.incidents.incident import IncidentId
from monitor.domain.time.interval import Second
from monitor.journal.database import put
from monitor.journal.repositories.cursors import SqlCursors
from monitor.journal.tables import problem


class SqlProblems:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._told = SqlCursors(connection, "problems")

    def told_at(self, component: ComponentId) -> Second | None:
        at = self._told.get(component)
        return Second(at) if at else None

    def tell(self, component: ComponentId, at: Second) -> None:
        self._told.set(component, int(at))

    def get(self, wanted: ProblemRef) -> Problem | None:
        row = self._connection.execute(sa.select(problem).where(problem.c.ref == wanted)).first()
        return None if row is None else _problem(row)

    def save(self, changed: Problem) -> None:
        put(self._connection, problem, [_row(changed)])

    def listed(self, limit: int, *, with_closed: bool) -> Sequence[Problem]:
        found = sa.select(problem)
        if not with_closed:
            found = found.where(problem.c.closed_at.is_(None))
        rows = self._connection.execute(found.order_by(problem.c.at.desc()).limit(limit))
        return [_problem(row) for row in rows]

    def of_component(self, component: ComponentId, since: Second) -> Sequence[Problem]:
        is_it = sa.and_(problem.c.component == component, problem.c.at >= since)
        rows = self._connection.execute(sa.select(problem).where(is_it).order_by(problem.c.at))
        return [_problem(row) for row in rows]

    def forget(self, until: Second) -> int:
        done = self._connection.execute(sa.delete(problem).where(problem.c.at < until))
        return done.rowcount


def _row(of: Problem) -> dict[str, Any]:
    said = of.said
    return {
        "ref": said.ref,
        "kind": said.kind.value,
        "component": said.component,
        "text": said.text,
        "locale": said.locale,
        "sender": said.sender,
        "at": said.at,
        "level": of.level,
        "answer_by": of.answer_by,
        "incident": of.incident,
        "looked_at": of.looked_at,
        "seen": of.seen,
        "closed_at": of.closed_at,
        "closed_by": of.closed_by,
        "note": of.note,
    }


def _problem(row: Row[Any]) -> Problem:
    return Problem(
        said=Said(
            ref=ProblemRef(row.ref),
            kind=ProblemKind(row.kind),
            component=None if row.component is None else ComponentId(row.component),
            text=row.text,
            locale=row.locale,
            sender=row.sender,
            at=Second(row.at),
        ),
        level=row.level,
        answer_by=_second(row.answer_by),
        incident=None if row.incident is None else IncidentId(row.incident),
        looked_at=_second(row.looked_at),
        seen=row.seen,
        closed_at=_second(row.closed_at),
        closed_by=row.closed_by,
        note=row.note,
    )


def _second(stored: int | None) -> Second | None:
    return None if stored is None else Second(stored)
