"""Transitions: appended, corrected by new rows, never changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from monitor.domain.checks.fold import Transition
from monitor.domain.checks.observation import CheckId, LocationId, Outcome
from monitor.domain.time.interval import Interval, Second
from monitor.journal.ports import Decided
from monitor.journal.repositories.subjects import Subjects
from monitor.journal.tables import subject, transition
from monitor.journal.tables.base import SECOND
from monitor.results.log.ports import FoldKey

_Rows = sa.FromClause
_OUTCOMES = {str(outcome): outcome for outcome in Outcome}
_COLUMNS = (
    transition.c.source,
    transition.c.target,
    transition.c.effective_at,
    transition.c.previous_at,
    transition.c.decided_by,
    transition.c.cause,
)
"""The columns that a transition of the domain has."""


class SqlTransitions:
    """The order decided is the order of the check runs that decided (`decided_by`), then of the
    rows: a correction's rows are inserted late, yet stand where their check runs stand."""

    def __init__(self, connection: Connection, subjects: Subjects) -> None:
        self._connection = connection
        self._subjects = subjects

    def append(self, decided: Sequence[Decided]) -> None:
        if not decided:
            return
        ids = self._subjects.ids(d.key for d in decided)
        self._connection.execute(sa.insert(transition), [_row(d, ids[d.key]) for d in decided])

    def drawing(
        self, window: Interval, keys: Collection[FoldKey] | None = None
    ) -> Mapping[FoldKey, Sequence[Transition]]:
        found = self._subjects.keys(keys)
        given: dict[str, Any] = {"start": window.start, "end": window.end}
        if keys is not None:
            given["numbers"] = list(found)
        query = _timeline_query(is_of_all=keys is None)
        by_fold: dict[FoldKey, list[Transition]] = {}
        for number, _, *step in self._connection.execute(query, given):
            by_fold.setdefault(found[number], []).append(_transition(*step))
        return by_fold

    def first(self, keys: Collection[FoldKey]) -> Mapping[FoldKey, Second]:
        found = self._subjects.keys(keys)
        rows = self._connection.execute(_first_query(), {"numbers": list(found)})
        return {found[number]: Second(at) for number, at in rows if at is not None}

    def newest(self) -> int:
        last = sa.select(sa.func.max(transition.c.id))
        return int(self._connection.execute(last).scalar_one() or 0)

    def decided_after(self, number: int, limit: int) -> Sequence[tuple[int, Decided]]:
        numbers = sa.select(transition, subject.c.check_id, subject.c.location).join(subject)
        rows = self._connection.execute(
            numbers.where(transition.c.id > number, transition.c.revision == 0)
            .order_by(transition.c.id)
            .limit(limit)
        )
        return [(row.id, _decided(row)) for row in rows]

    def has_corrected(self, number: int) -> bool:
        corrected = sa.select(transition.c.id).where(
            transition.c.id > number, transition.c.revision != 0
        )
        return self._connection.execute(corrected.limit(1)).first() is not None

    def earliest_behind(self, number: int) -> Second | None:
        first = sa.select(sa.func.min(transition.c.effective_at)).where(transition.c.id > number)
        at = self._connection.execute(first).scalar_one()
        return None if at is None else Second(int(at))

    def inside(self, key: FoldKey, window: Interval) -> Sequence[Transition]:
        number = self._subjects.ids([key])[key]
        return [step for _, step in self._in_force_inside(number, window)]

    def correct(self, key: FoldKey, window: Interval, decided: Sequence[Decided]) -> None:
        strays = [d for d in decided if d.key != key or d.transition.effective_at not in window]
        if strays:
            raise ValueError(f"not of {key} within {window}: {strays[0]}")
        number = self._subjects.ids([key])[key]
        current = self._in_force_inside(number, window)
        # What is decided the same stays: a correction that changes nothing writes nothing.
        unchanged = {t for _, t in current} & {d.transition for d in decided}
        old = [(i, t) for i, t in current if t not in unchanged]
        new = [d for d in decided if d.transition not in unchanged]
        if old or new:
            rows = _superseding(old, new, number, self._next_revision(number))
            self._connection.execute(sa.insert(transition), rows)

    def withdraw(self, decided_from: Second, now: Second) -> Collection[FoldKey]:
        condition = transition.c.decided_by >= decided_from
        rows = self._connection.execute(
            sa.select(transition).where(condition, _in_force(transition)).order_by(transition.c.id)
        ).all()
        found = self._subjects.keys()
        names = [column.name for column in _COLUMNS]
        old: dict[int, list[tuple[Row[Any], Transition]]] = {}
        for row in rows:
            step = _transition(*(getattr(row, name) for name in names))
            old.setdefault(row.subject_id, []).append((row, step))
        for number, withdrawn_rows in old.items():
            superseding = _superseding(withdrawn_rows, [], number, self._next_revision(number), now)
            self._connection.execute(sa.insert(transition), superseding)
        return [found[number] for number in old]

    def reinstate(self, after: int, through: int, now: Second) -> Collection[FoldKey]:
        later = transition.alias()
        is_superseded = sa.exists().where(later.c.supersedes == transition.c.id)
        rows = self._connection.execute(
            sa.select(transition)
            .where(transition.c.id > after, transition.c.id <= through)
            .where(transition.c.withdrawn, sa.not_(is_superseded))
            .order_by(transition.c.id)
        ).all()
        revisions = {row.subject_id: self._next_revision(row.subject_id) for row in rows}
        reinstated = []
        for row in rows:
            copy = {**row._asdict(), "withdrawn": False, "supersedes": row.id, "decided_at": now}
            del copy["id"]
            reinstated.append(copy | {"revision": revisions[row.subject_id]})
        if reinstated:
            self._connection.execute(sa.insert(transition), reinstated)
        found = self._subjects.keys()
        return [found[number] for number in revisions]

    def _in_force_inside(self, number: int, window: Interval) -> list[tuple[Row[Any], Transition]]:
        statement = (
            sa.select(transition)
            .where(transition.c.subject_id == number, _inside(transition, window))
            .where(_in_force(transition))
            .order_by(*_in_order(transition))
        )
        rows = self._connection.execute(statement).all()
        names = [column.name for column in _COLUMNS]
        return [(row, _transition(*(getattr(row, name) for name in names))) for row in rows]

    def _next_revision(self, number: int) -> int:
        last = sa.select(sa.func.max(transition.c.revision)).where(
            transition.c.subject_id == number
        )
        return int(self._connection.execute(last).scalar_one() or 0) + 1


@cache
def _timeline_query(*, is_of_all: bool) -> sa.Executable:
    """Selects what takes effect inside a window, and each fold's last one before it; of the
    subjects in `numbers`, or of all. Put together once, which takes longer than to run it."""
    start, end = sa.bindparam("start", type_=SECOND), sa.bindparam("end", type_=SECOND)
    columns = (transition.c.subject_id, transition.c.id, *_COLUMNS)
    inside = sa.select(*columns).where(_between(transition, start, end), _in_force(transition))
    earlier = transition.alias("earlier")
    last = (
        sa.select(earlier.c.id)
        .where(earlier.c.subject_id == subject.c.id, earlier.c.effective_at < start)
        .where(_in_force(earlier))
        .order_by(*(column.desc() for column in _in_order(earlier)))
        .limit(1)
        .correlate(subject)
        .scalar_subquery()
    )
    before = sa.select(*columns).join_from(subject, transition, transition.c.id == last)
    if not is_of_all:
        inside = inside.where(transition.c.subject_id.in_(_numbers()))
        before = before.where(subject.c.id.in_(_numbers()))
    both = sa.union_all(inside, before)
    return both.order_by("subject_id", "decided_by", "effective_at", "id")


@cache
def _first_query() -> sa.Select[Any]:
    """Selects of each subject in `numbers` when its first transition in force took effect."""
    one = transition.alias("one")
    first = (
        sa.select(one.c.effective_at)
        .where(one.c.subject_id == subject.c.id, _in_force(one))
        .order_by(*_in_order(one))
        .limit(1)
        .correlate(subject)
        .scalar_subquery()
    )
    return sa.select(subject.c.id, first).where(subject.c.id.in_(_numbers()))


def _numbers() -> sa.BindParameter[Any]:
    return sa.bindparam("numbers", expanding=True, type_=sa.Integer)


def _in_order(rows: _Rows) -> tuple[sa.ColumnElement[Any], ...]:
    """As the check runs decided them. One run decides both ends of a gap; where a correction moved
    only its start, that row is the younger of the two."""
    return rows.c.decided_by, rows.c.effective_at, rows.c.id


def _inside(rows: _Rows, window: Interval) -> sa.ColumnElement[bool]:
    return _between(rows, window.start, window.end)


def _between(rows: _Rows, start: Any, end: Any) -> sa.ColumnElement[bool]:
    """`start` and `end` are numbers, or parameters."""
    return sa.and_(rows.c.effective_at >= start, rows.c.effective_at < end)


def _in_force(rows: _Rows) -> sa.ColumnElement[bool]:
    later = transition.alias()
    superseded = sa.exists().where(later.c.supersedes == rows.c.id)
    return sa.and_(sa.not_(rows.c.withdrawn), sa.not_(superseded))


def _superseding(
    old: Sequence[tuple[Row[Any], Transition]],
    new: Sequence[Decided],
    number: int,
    revision: int,
    now: Second | None = None,
) -> list[dict[str, Any]]:
    """New rows supersede old ones, one by one; an old one left over is withdrawn."""
    places: list[int | None] = [row.id for row, _ in old]
    places += [None] * (len(new) - len(old))
    rows = [
        {**_row(d, number), "revision": revision, "supersedes": place}
        for d, place in zip(new, places, strict=False)
    ]
    at = max((d.decided_at for d in new), default=now)
    for row, _ in old[len(new) :]:
        withdrawal = {**row._asdict(), "revision": revision, "supersedes": row.id}
        withdrawal |= {"withdrawn": True, "decided_at": row.decided_at if at is None else at}
        del withdrawal["id"]
        rows.append(withdrawal)
    return rows


def _row(decided: Decided, number: int) -> dict[str, Any]:
    step = decided.transition
    return {
        "subject_id": number,
        "source": str(step.source),
        "target": str(step.to),
        "effective_at": step.effective_at,
        "previous_at": step.previous_at,
        "decided_by": step.decided_by,
        "decided_at": decided.decided_at,
        "cause": step.cause,
        "catalogue_revision": decided.catalogue_revision,
        "revision": 0,
        "supersedes": None,
        "withdrawn": False,
    }


def _decided(row: Row[Any]) -> Decided:
    return Decided(
        check=CheckId(row.check_id),
        location=LocationId(row.location),
        transition=_transition(*(getattr(row, column.name) for column in _COLUMNS)),
        decided_at=row.decided_at,
        catalogue_revision=row.catalogue_revision,
    )


def _transition(
    source: str, target: str, at: Second, previous: Second | None, by: Second, cause: str
) -> Transition:
    """From the columns of `_COLUMNS`, in their order."""
    return Transition(
        source=_OUTCOMES[source],
        to=_OUTCOMES[target],
        effective_at=at,
        previous_at=previous,
        decided_by=by,
        cause=cause,
    )
