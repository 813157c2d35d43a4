"""The state of each fold, how far the log was read, and which days must be folded again."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.domain.checks.fold import FoldState
from monitor.domain.checks.observation import CheckId, LocationId, Outcome
from monitor.domain.time.eras import REMEMBERED
from monitor.domain.time.interval import Interval, Second
from monitor.journal.database import put, put_encoded
from monitor.journal.ports import SeenStates
from monitor.journal.repositories.cursors import SqlCursors
from monitor.journal.repositories.subjects import Subjects
from monitor.journal.tables import dirty_day, fold_snapshot, fold_state, subject
from monitor.results.log.ports import FoldKey

_FOLD = (subject.c.check_id, subject.c.location)
_KNOWN = frozenset(field.name for field in fields(FoldState))
_NUMBERS = tuple(sorted(_KNOWN - {"status", "cause", "slow", "is_confirmed", "is_stepped"}))
_numbers = attrgetter(*_NUMBERS)
_CONFIRMED = "proven"
"""The stored name of `is_confirmed`."""
_STEPPED = ',"is_stepped":true'


class SqlFolds:
    def __init__(self, connection: Connection, subjects: Subjects) -> None:
        self._connection = connection
        self._subjects = subjects
        self._cursors = SqlCursors(connection, "results")

    def cursor(self) -> int:
        return self._cursors.get("fold")

    def states(self, keys: Collection[FoldKey] | None = None) -> Mapping[FoldKey, FoldState]:
        found = self._subjects.keys(keys)
        query = sa.select(fold_state.c.subject_id, fold_state.c.state)
        if keys is not None:
            query = query.where(fold_state.c.subject_id.in_(found))
        return {found[number]: decode(state) for number, state in self._connection.execute(query)}

    def seen(self, before: SeenStates) -> SeenStates:
        text = sa.cast(fold_state.c.state, sa.Text)
        stored = sa.select(subject.c.check_id, subject.c.location, text).join_from(
            fold_state, subject, subject.c.id == fold_state.c.subject_id
        )
        texts: dict[FoldKey, str] = {
            (CheckId(check), LocationId(place)): state
            for check, place, state in self._connection.execute(stored)
        }
        states = {
            key: before.states[key] if before.texts.get(key) == state else decode(json.loads(state))
            for key, state in texts.items()
        }
        return SeenStates(texts=texts, states=states)

    def save(self, states: Mapping[FoldKey, FoldState], cursor: int) -> None:
        ids = self._subjects.ids(states)
        rows = [
            {"subject_id": ids[key], "last_slot": state.last_slot, "state": encode(state)}
            for key, state in states.items()
        ]
        put_encoded(self._connection, fold_state, rows)
        self._cursors.set("fold", cursor)

    def era(self) -> int:
        return self._cursors.get("era")

    def enter_era(self, era: int) -> None:
        current = sa.select(sa.literal(era), fold_state.c.subject_id, fold_state.c.state)
        self._connection.execute(sa.delete(fold_snapshot).where(fold_snapshot.c.era >= era))
        into = sa.insert(fold_snapshot).from_select(["era", "subject_id", "state"], current)
        self._connection.execute(into)
        eras = sa.select(fold_snapshot.c.era).distinct().order_by(fold_snapshot.c.era.desc())
        known = self._connection.execute(eras).scalars().all()
        old = sa.delete(fold_snapshot).where(fold_snapshot.c.era.in_(known[REMEMBERED:]))
        self._connection.execute(old)
        self._cursors.set("era", era)

    def snapshots(self) -> Sequence[tuple[int, Mapping[FoldKey, FoldState]]]:
        found = self._subjects.keys()
        query = sa.select(fold_snapshot).order_by(fold_snapshot.c.era.desc())
        snapshots: dict[int, dict[FoldKey, FoldState]] = {}
        for era, number, state in self._connection.execute(query):
            snapshots.setdefault(era, {})[found[number]] = decode(state)
        return list(snapshots.items())

    def forget(self, keys: Collection[FoldKey]) -> None:
        ids = self._subjects.ids(keys)
        gone = sa.delete(fold_state).where(fold_state.c.subject_id == sa.bindparam("number"))
        if ids:
            self._connection.execute(gone, [{"number": number} for number in ids.values()])

    def mark_dirty(self, days: Iterable[tuple[FoldKey, Second]]) -> None:
        marks = list(days)
        ids = self._subjects.ids(key for key, _ in marks)
        rows = [{"subject_id": ids[key], "day": day} for key, day in marks]
        put(self._connection, dirty_day, rows)

    def dirty(
        self, *, after: FoldKey | None = None, folds: int | None = None
    ) -> Mapping[FoldKey, Sequence[Second]]:
        # Selected from the subjects: there are few, and each may have a month of marks.
        marked = sa.exists().where(dirty_day.c.subject_id == subject.c.id)
        wanted = sa.select(subject.c.id, *_FOLD).where(marked).order_by(*_FOLD).limit(folds)
        if after is not None:
            wanted = wanted.where(sa.tuple_(*_FOLD) > sa.tuple_(*map(sa.literal, after)))
        page = wanted.subquery()
        days = sa.select(page.c.check_id, page.c.location, dirty_day.c.day).join_from(
            page, dirty_day, dirty_day.c.subject_id == page.c.id
        )
        found: dict[FoldKey, list[Second]] = {}
        ordered = days.order_by(page.c.check_id, page.c.location, dirty_day.c.day)
        for check, place, day in self._connection.execute(ordered):
            found.setdefault((CheckId(check), LocationId(place)), []).append(Second(day))
        return found

    def clean(self, days: Iterable[tuple[FoldKey, Interval]]) -> None:
        windows = list(days)
        ids = self._subjects.ids(key for key, _ in windows)
        gone = sa.delete(dirty_day).where(
            dirty_day.c.subject_id == sa.bindparam("number"),
            dirty_day.c.day >= sa.bindparam("start"),
            dirty_day.c.day < sa.bindparam("end"),
        )
        rows = [{"number": ids[k], "start": w.start, "end": w.end} for k, w in windows]
        if rows:
            self._connection.execute(gone, rows)


def encode(state: FoldState) -> str:
    """A state as JSON, without the numbers that are None. Written by hand, because every check run
    is saved so: a general encoder takes three times as long."""
    numbers = [
        f'"{n}":{value}'
        for n, value in zip(_NUMBERS, _numbers(state), strict=True)
        if value is not None
    ]
    slow = [f"[{slot},{'true' if is_slow else 'false'}]" for slot, is_slow in state.slow]
    return (
        f'{{"status":{_quoted(state.status)},"cause":{_quoted(state.cause)},{",".join(numbers)},'
        f'"slow":[{",".join(slow)}],"{_CONFIRMED}":{"true" if state.is_confirmed else "false"}'
        f"{_STEPPED if state.is_stepped else ''}}}"
    )


@lru_cache(maxsize=256)
def _quoted(words: str) -> str:
    """Statuses and causes: few different ones."""
    return json.dumps(words)


def decode(stored: Mapping[str, Any]) -> FoldState:
    """The state again, also where an older version stored fewer fields or a newer one more."""
    known = {name: value for name, value in stored.items() if name in _KNOWN}
    known["is_confirmed"] = stored.get(_CONFIRMED, False)
    known["status"] = Outcome(known.get("status", Outcome.UNKNOWN))
    known["slow"] = tuple((slot, is_slow) for slot, is_slow in known.get("slow", ()))
    return FoldState(**known)
