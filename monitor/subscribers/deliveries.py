"""Which message goes to which subscriber, and how far it has come: a file of the dispatcher's own.

It knows subscribers by their opaque ids alone. What is planned is planned in one transaction with
the cursor, so that nobody is missed; what was sent is recorded before its connection sends again,
so that after a kill no more is repeated than there are connections.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path

from monitor.domain.subscriptions.delivery_figures import DeliveryFigures, Queue
from monitor.domain.subscriptions.subscription import SubscriptionId
from monitor.domain.time.age import ClockReading
from monitor.domain.time.interval import Second
from monitor.runtime.kill_points import reached
from monitor.runtime.sqlite_file import connect
from monitor.subscribers.announcements import Said

_VERSION = 1
_FIRST_RETRY_S, _LONGEST_RETRY_S = 60, 3_600
_PENDING, _SENT, _FAILED, _SKIPPED = 0, 1, 2, 3
_SCHEMA = """
CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    subject TEXT NOT NULL,
    at INTEGER NOT NULL,
    is_last INTEGER NOT NULL,
    said TEXT NOT NULL
);
CREATE INDEX message_subject ON message (subject);
CREATE TABLE delivery (
    message INTEGER NOT NULL,
    subscription TEXT NOT NULL,
    rank INTEGER NOT NULL,
    state INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    PRIMARY KEY (message, subscription)
) WITHOUT ROWID;
CREATE INDEX delivery_pending ON delivery (rank, message, subscription) WHERE state = 0;
CREATE TABLE note (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


Place = tuple[int, SubscriptionId]
"""Which message to whom."""


class DeliveriesUnavailable(Exception):
    """The file can be neither read nor written; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A message and who gets it. `said` is empty where it is written for each when it leaves; of
    lower `rank` goes first."""

    key: str
    subject: str
    at: Second
    said: Mapping[str, Said]
    subscriptions: Sequence[SubscriptionId] = ()
    is_last: bool = False
    rank: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of one: sent, pending again at `retry_at`, failed for good, or of nobody any
    more."""

    message: int
    subscription: SubscriptionId
    is_sent: bool = False
    is_skipped: bool = False
    retry_at: Second | None = None

    @property
    def is_given_up(self) -> bool:
        return not self.is_sent and not self.is_skipped and self.retry_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One message to one subscriber, pending."""

    message: int
    key: str
    subject: str
    at: Second
    said: Mapping[str, Said]
    is_last: bool
    subscription: SubscriptionId
    attempts: int

    @property
    def place(self) -> Place:
        return self.message, self.subscription

    def became(
        self, *, is_sent: bool = False, is_skipped: bool = False, retry_at: Second | None = None
    ) -> Recorded:
        """As `Recorded` says; without a word, it failed for good."""
        return Recorded(
            message=self.message, subscription=self.subscription, is_sent=is_sent,
            is_skipped=is_skipped, retry_at=retry_at,
        )  # fmt: skip

    def tried_again(self, now: Second, give_up_after_s: int, asked_for_s: float = 0.0) -> Recorded:
        """Later, each time twice as late, and not before the other side asked for it; for good
        where it has been tried for so long."""
        wait = min(_LONGEST_RETRY_S, _FIRST_RETRY_S * 2 ** min(self.attempts, 10))
        wait = max(wait, min(_LONGEST_RETRY_S, ceil(asked_for_s)))
        is_given_up = now + wait > self.at + give_up_after_s
        return self.became(retry_at=None if is_given_up else Second(now + wait))


class Deliveries:
    """One thread at a time uses it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._said: dict[int, Mapping[str, Said]] = {}

    def cursor(self) -> int | None:
        """How far the change feed is read; None before the first time."""
        value = self._note("cursor")
        return None if value is None else int(value)

    def known(self, keys: Collection[str]) -> set[str]:
        """Those of these that were planned before."""
        # As JSON: in a storm there are more keys than a statement takes parameters.
        asked = "SELECT key FROM message WHERE key IN (SELECT value FROM json_each(?))"
        with self._transaction() as connection:
            found = connection.execute(asked, (json.dumps(list(keys)),))
            return {key for (key,) in found}

    def told_of(self, subject: str) -> set[SubscriptionId]:
        """Who got a message about it, or will."""
        asked = (
            "SELECT DISTINCT subscription FROM delivery JOIN message ON message.id = message "
            "WHERE subject = ? AND state IN (0, 1)"
        )
        with self._transaction() as connection:
            return {SubscriptionId(one) for (one,) in connection.execute(asked, (subject,))}

    def plan(self, planned: Sequence[Planned], cursor: int, now: Second) -> None:
        """All of it and the cursor at once; what was planned before stays as it is."""
        with self._transaction() as connection:
            for one in planned:
                self._plan(connection, one, now)
            reached("subscribers.plan.before")
            self._put(connection, "cursor", str(cursor))
        reached("subscribers.plan.after")

    def due(self, now: Second, limit: int) -> Sequence[Due]:
        """The first so many whose time has come."""
        asked = (
            "SELECT message, key, subject, at, is_last, subscription, attempts "
            "FROM delivery INDEXED BY delivery_pending JOIN message ON message.id = message "
            "WHERE state = 0 AND due_at <= ? ORDER BY rank, message, subscription LIMIT ?"
        )
        with self._transaction() as connection:
            rows = connection.execute(asked, (now, limit)).fetchall()
            return [
                Due(
                    message=message,
                    key=key,
                    subject=subject,
                    at=Second(at),
                    said=self._said_in(connection, message),
                    is_last=bool(is_last),
                    subscription=SubscriptionId(subscription),
                    attempts=attempts,
                )
                for message, key, subject, at, is_last, subscription, attempts in rows
            ]

    def record(self, outcomes: Sequence[Recorded]) -> None:
        rows = [(_state(o), o.retry_at or 0, o.message, o.subscription) for o in outcomes]
        asked = (
            # What has to be tried again goes behind all that was never tried: a confirmation too,
            # for strangers choose who gets those.
            "UPDATE delivery SET state = ?, due_at = ?, attempts = attempts + 1, rank = rank + 2 "
            "WHERE message = ? AND subscription = ?"
        )
        with self._transaction() as connection:
            reached("subscribers.record.before")
            connection.executemany(asked, rows)
            self._add(connection, "sent", sum(o.is_sent for o in outcomes))
            self._add(connection, "failed", sum(o.is_given_up for o in outcomes))
        reached("subscribers.record.after")

    def counts(self) -> Mapping[str, int]:
        """How many deliveries are in each state."""
        names = {_PENDING: "pending", _SENT: "sent", _FAILED: "failed", _SKIPPED: "skipped"}
        with self._transaction() as connection:
            asked = "SELECT state, count(*) FROM delivery GROUP BY state"
            found = dict(connection.execute(asked).fetchall())
        return {name: found.get(state, 0) for state, name in names.items()}

    def pending(self) -> int:
        with self._transaction() as connection:
            asked = "SELECT count(*) FROM delivery INDEXED BY delivery_pending WHERE state = 0"
            (found,) = connection.execute(asked).fetchone()
        return int(found)

    def forget(self, before: Second) -> None:
        """Drop who got messages of before; the messages' keys stay, so that none is news again."""
        with self._transaction() as connection:
            old = "SELECT id FROM message WHERE at < ? AND said <> ''"
            ids = [(id_,) for (id_,) in connection.execute(old, (before,))]
            connection.executemany("DELETE FROM delivery WHERE message = ? AND state > 0", ids)
            connection.executemany("UPDATE message SET said = '' WHERE id = ?", ids)
        self._said.clear()

    def note_alive(self, taken: ClockReading) -> None:
        """That the dispatcher works, and how far it has come: whoever asks after it reads this."""
        with self._transaction() as connection:
            self._put(connection, "alive", json.dumps(asdict(taken)))
            self._put(connection, "figures", self._figures(connection).encode())

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _figures(self, connection: sqlite3.Connection) -> DeliveryFigures:
        asked = (
            "SELECT attempts > 0, count(*), min(at) FROM delivery INDEXED BY delivery_pending "
            "JOIN message ON message.id = message WHERE state = 0 GROUP BY attempts > 0"
        )
        queues = {
            bool(is_retried): Queue(size=size, oldest=Second(at))
            for is_retried, size, at in connection.execute(asked)
        }
        counted = "SELECT name, CAST(value AS INTEGER) FROM note WHERE name IN ('sent', 'failed')"
        return DeliveryFigures(
            untried=queues.get(False, Queue()),
            retried=queues.get(True, Queue()),
            **dict(connection.execute(counted).fetchall()),
        )

    def _plan(self, connection: sqlite3.Connection, one: Planned, now: Second) -> None:
        said = json.dumps({lang: asdict(words) for lang, words in one.said.items()})
        asked = (
            "INSERT INTO message (key, subject, at, is_last, said) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING RETURNING id"
        )
        fields = (one.key, one.subject, one.at, one.is_last, said)
        inserted = connection.execute(asked, fields).fetchone()
        if inserted is None:
            (inserted,) = connection.execute(
                "SELECT id FROM message WHERE key = ?", (one.key,)
            ).fetchall()
        rows = ((inserted[0], id_, one.rank, now) for id_ in one.subscriptions)
        connection.executemany("INSERT OR IGNORE INTO delivery VALUES (?, ?, ?, 0, 0, ?)", rows)

    def _said_in(self, connection: sqlite3.Connection, message: int) -> Mapping[str, Said]:
        """Decoded once for all who get it."""
        if message not in self._said:
            asked = "SELECT said FROM message WHERE id = ?"
            (text,) = connection.execute(asked, (message,)).fetchone()
            found = json.loads(text or "{}")
            if len(self._said) > 100:
                self._said.clear()
            self._said[message] = {lang: Said(**words) for lang, words in found.items()}
        return self._said[message]

    def _note(self, name: str) -> str | None:
        with self._transaction() as connection:
            asked = "SELECT value FROM note WHERE name = ?"
            found = connection.execute(asked, (name,)).fetchone()
        return None if found is None else str(found[0])

    def _put(self, connection: sqlite3.Connection, name: str, value: str) -> None:
        connection.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (name, value))

    def _add(self, connection: sqlite3.Connection, name: str, more: int) -> None:
        asked = (
            "INSERT INTO note VALUES (?, ?) ON CONFLICT (name) "
            "DO UPDATE SET value = CAST(value AS INTEGER) + excluded.value"
        )
        if more:
            connection.execute(asked, (name, more))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Raises DeliveriesUnavailable."""
        try:
            if self._connection is None:
                self._connection = connect(self._path, _SCHEMA, _VERSION, synchronous="FULL")
            connection = self._connection
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self.close()
            raise DeliveriesUnavailable(f"{self._path}: {error}") from error


def _state(outcome: Recorded) -> int:
    if outcome.is_sent:
        return _SENT
    if outcome.is_skipped:
        return _SKIPPED
    return _FAILED if outcome.retry_at is None else _PENDING
