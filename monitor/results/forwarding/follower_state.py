"""The follower's state: where it stands, what was refused, and its metrics."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from threading import Lock
from typing import Any, cast

from monitor.domain.checks.observation import CheckId, LocationId, LoggedResult
from monitor.domain.time.interval import Second
from monitor.results.forwarding.follower_file import FollowerFile
from monitor.results.log.ports import FoldKey
from monitor.results.stores.ports import DeadLetter, StoreMetrics, StoreUnavailable
from monitor.runtime.frozen_json import from_json, to_json
from monitor.runtime.kill_points import reached

_STORED_NAMES = {"fault": "trouble"}
"""Fields that are stored, and printed as JSON, under an older name."""
_FIELDS = {stored: name for name, stored in _STORED_NAMES.items()}


class FollowerState:
    """Implements `Positions`, `DeadLetters` and `CopyMarks` of `monitor.results.stores.ports`.

    Threads may share it. Other processes may read it, and drop dead letters."""

    def __init__(self, path: Path) -> None:
        self._file = FollowerFile(path)
        self._lock = Lock()

    def position(self, reader: str) -> int:
        with self._lock, self._file.reading() as connection:
            found = connection.execute(
                "SELECT seq FROM position WHERE reader = ?", (reader,)
            ).fetchone()
        return int(found[0]) if found else 0

    def advance(self, reader: str, seq: int, dead: Sequence[DeadLetter] = ()) -> None:
        rows = [(d.row.seq, d.at, d.reason, json.dumps(to_json(d.row))) for d in dead]
        with self._lock, self._file.transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO dead_letter VALUES (?, ?, ?, ?)", rows)
            connection.execute("INSERT OR REPLACE INTO position VALUES (?, ?)", (reader, seq))
            reached("store.cursor.before")
        reached("store.cursor.after")

    def dead_letters(self, limit: int, after: int = 0) -> Sequence[DeadLetter]:
        with self._lock, self._file.reading() as connection:
            rows = connection.execute(
                "SELECT at, reason, row FROM dead_letter WHERE seq > ? ORDER BY seq LIMIT ?",
                (after, limit),
            ).fetchall()
        return [
            DeadLetter(row=from_json(LoggedResult, json.loads(row)), at=Second(at), reason=reason)
            for at, reason, row in rows
        ]

    def count(self) -> int:
        with self._lock, self._file.reading() as connection:
            (number,) = connection.execute("SELECT count(*) FROM dead_letter").fetchone()
        return int(number)

    def drop(self, seqs: Iterable[int]) -> int:
        with self._lock, self._file.transaction() as connection:
            done = connection.executemany(
                "DELETE FROM dead_letter WHERE seq = ?", [(seq,) for seq in seqs]
            )
            return done.rowcount

    def copied(self, target: str) -> Collection[tuple[FoldKey, Second]]:
        with self._lock, self._file.reading() as connection:
            rows = connection.execute(
                "SELECT check_id, location, day FROM copied WHERE target = ?", (target,)
            ).fetchall()
        return {
            ((CheckId(check), LocationId(location)), Second(day)) for check, location, day in rows
        }

    def mark_copied(self, target: str, key: FoldKey, day: Second) -> None:
        with self._lock, self._file.transaction() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO copied VALUES (?, ?, ?, ?)", (target, *key, day)
            )

    def forget_copied(self, target: str) -> None:
        with self._lock, self._file.transaction() as connection:
            connection.execute("DELETE FROM copied WHERE target = ?", (target,))

    def note(self, metrics: StoreMetrics) -> None:
        """Store the newest metrics, for the core and for commands."""
        with self._lock, self._file.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO figures VALUES (1, ?)", (json.dumps(stored_form(metrics)),)
            )

    def metrics(self) -> StoreMetrics | None:
        """None where no follower has run yet; reading does not make the file. Raises
        StoreUnavailable, also where another version of the program wrote the metrics."""
        if not self._file.is_there:
            return None
        with self._lock, self._file.reading() as connection:
            found = connection.execute("SELECT figures FROM figures").fetchone()
        try:
            return _metrics_of(json.loads(found[0])) if found else None
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise StoreUnavailable(f"the store's figures cannot be read: {error}") from error

    def close(self) -> None:
        with self._lock:
            self._file.close()


def stored_form(metrics: StoreMetrics) -> dict[str, Any]:
    """The metrics as they are stored, and as commands print them."""
    return {_STORED_NAMES.get(name, name): value for name, value in asdict(metrics).items()}


def _metrics_of(stored: Mapping[str, Any]) -> StoreMetrics:
    fields = {_FIELDS.get(name, name): value for name, value in stored.items()}
    return cast("StoreMetrics", from_json(StoreMetrics, fields))
