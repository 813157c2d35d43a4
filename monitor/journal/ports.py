"""The journal: timelines, incidents, changes, what is owed. Everything that money rests on.

A transaction is read and written as one; leaving it commits, an exception rolls back. Each
repository is small; adapters share one suite. Synchronous, called from one thread at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from monitor.domain.availability import Exclusion
from monitor.domain.change import Change
from monitor.domain.checks.fold import FoldState, Transition
from monitor.domain.checks.observation import CheckId, LocationId
from monitor.domain.incidents.delivery import Delivery, Notification
from monitor.domain.incidents.incident import Incident, IncidentId
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.refusals import NotFound, Stale
from monitor.domain.time.interval import Interval, Second
from monitor.results.log.ports import FoldKey


class JournalError(Exception):
    """The journal could not be read or written."""


class JournalDamaged(JournalError):
    """Its file is not what it was: no other attempt helps, and nothing may be written to it."""


class RowNotFound(NotFound, JournalError):
    """The journal has no such row."""


class RowStale(Stale, JournalError):
    """The row has changed since it was read."""


class Deposed(JournalError):
    """Another core holds the journal now; whatever this one decided is void."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionHeader:
    """Which configuration ran, and from when on; of its text no more than the hash."""

    number: int
    hash: str
    effective_from: Second


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionDelta:
    """What a revision's form changed in the one before it: nearly nothing, of thousands of checks.

    `form_hash` is that of the form which it leads to, `base_hash` that of the form which it
    changes; empty where it is whole by itself.
    """

    number: int
    base_hash: str
    form_hash: str
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRevision:
    """A configuration that ran, as text. `form` is what it compiled to when it ran, where that was
    kept."""

    number: int
    hash: str
    text: str
    effective_from: Second
    form: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A transition with whose it is, when it was decided and under which configuration."""

    check: CheckId
    location: LocationId
    transition: Transition
    decided_at: Second
    catalogue_revision: int

    @property
    def key(self) -> FoldKey:
        return (self.check, self.location)


class Revisions(Protocol):
    def headers(self) -> Sequence[RevisionHeader]:
        """Every configuration that ran, oldest first."""
        ...

    def get(self, number: int) -> StoredRevision:
        """One of them, with its text and form, each of which may be megabytes. Raises NotFound."""
        ...

    def steps(self, after: int = 0) -> Sequence[RevisionDelta]:
        """What each revision behind that number changed, oldest first; of those that nobody has
        compared yet, none."""
        ...

    def newest(self) -> int:
        """The number of the last one; 0 before the first."""
        ...

    def starts(self) -> Mapping[int, Second]:
        """From when each is in force, by number."""
        ...

    def restamp(self, number: int, effective_from: Second) -> None:
        """It came into force at another second than was kept: the clock was wrong."""
        ...

    def add(self, *, hash: str, text: str, effective_from: Second) -> StoredRevision:  # noqa: A002
        """Keep a new one; its number is the last plus one."""
        ...

    def store_form(self, number: int, form: str) -> None:
        """Keep what a revision compiled to, once and for good: later versions may refuse its
        text."""
        ...

    def store_delta(self, step: RevisionDelta) -> None:
        """Keep what a revision changed, in the place of what was kept of it before: it is worked
        out of the forms, and can be again."""
        ...


class Folds(Protocol):
    def cursor(self) -> int:
        """The last `seq` of the result log that every saved state has seen; 0 at first."""
        ...

    def states(self, keys: Collection[FoldKey] | None = None) -> Mapping[FoldKey, FoldState]:
        """Of these folds alone, where they are named."""
        ...

    def save(self, states: Mapping[FoldKey, FoldState], cursor: int) -> None: ...

    def era(self) -> int:
        """The era of the prober's clock that the saved states are in; 0 at first."""
        ...

    def enter_era(self, era: int) -> None:
        """Keep the saved states as they are where this era begins; only the last few are kept."""
        ...

    def snapshots(self) -> Sequence[tuple[int, Mapping[FoldKey, FoldState]]]:
        """The states where the last few eras began, the newest first."""
        ...

    def forget(self, keys: Collection[FoldKey]) -> None:
        """These folds have seen nothing."""
        ...

    def mark_dirty(self, days: Iterable[tuple[FoldKey, Second]]) -> None:
        """Remember UTC days (by their first second) which a late result has changed."""
        ...

    def dirty(
        self, *, after: FoldKey | None = None, folds: int | None = None
    ) -> Mapping[FoldKey, Sequence[Second]]:
        """The marked days of each fold, in an order of folds that stays the same: of at most so
        many, and of those behind one alone."""
        ...

    def clean(self, days: Iterable[tuple[FoldKey, Interval]]) -> None:
        """Those folds' marks inside these windows are answered."""
        ...


class Transitions(Protocol):
    def append(self, decided: Sequence[Decided]) -> None: ...

    def drawing(
        self, window: Interval, keys: Collection[FoldKey] | None = None
    ) -> Mapping[FoldKey, Sequence[Transition]]:
        """Per fold, in the order decided, the transitions in force that draw this window: those
        that take effect inside it and the last one before it. Superseded rows are left out. Of
        these folds alone, where they are named."""
        ...

    def inside(self, key: FoldKey, window: Interval) -> Sequence[Transition]:
        """One fold's transitions in force that take effect inside a window, in the order decided:
        what `drawing` has of it without the one before, at the price of one fold."""
        ...

    def first(self, keys: Collection[FoldKey]) -> Mapping[FoldKey, Second]:
        """Where each of these folds' timelines begins: when its first transition in force took
        effect."""
        ...

    def newest(self) -> int:
        """It grows whenever a transition is written; 0 before the first one."""
        ...

    def withdraw(self, decided_from: Second, now: Second) -> Collection[FoldKey]:
        """Take back, by new revisions, all that looks at or after a second decided; whose."""
        ...

    def reinstate(self, after: int, through: int, now: Second) -> Collection[FoldKey]:
        """Give back, by new revisions, what was taken back by rows of these ids (`newest`): the
        first not included; whose."""
        ...

    def correct(self, key: FoldKey, window: Interval, decided: Sequence[Decided]) -> None:
        """Supersede what takes effect in a window by a new revision; old rows stay."""
        ...


class Incidents(Protocol):
    def unresolved(self) -> tuple[Incident, ...]: ...

    def get(self, wanted: IncidentId) -> Incident:
        """Raises NotFound."""
        ...

    def touching(self, window: Interval) -> tuple[Incident, ...]:
        """Those unresolved at some moment of a window, newest start first."""
        ...

    def unwatched(self, window: Interval) -> tuple[Incident, ...]:
        """Of those `touching` it, those with a component that they ceased to watch."""
        ...

    def save(self, incident: Incident) -> Incident:
        """Insert (revision 0) or update with parts and updates; the saved value, its revision one
        higher. Raises Stale unless the stored revision equals the given one."""
        ...


class MaintenanceWindows(Protocol):
    def get(self, wanted: MaintenanceId) -> MaintenanceWindow:
        """Raises NotFound."""
        ...

    def touching(self, window: Interval) -> tuple[MaintenanceWindow, ...]:
        """Those that overlap a window, by start; cancelled ones too."""
        ...

    def save(self, planned: MaintenanceWindow) -> MaintenanceWindow:
        """Insert or update; `published_at` stays what `publish` made it, whatever the value says.
        Raises Stale."""
        ...

    def publish(self, wanted: Collection[MaintenanceId], at: Second) -> None:
        """A snapshot that shows these windows came out: stamp those of them that were never
        public before."""
        ...

    def restamp(
        self, wanted: MaintenanceId, published_at: Second | None, cancelled_at: Second | None
    ) -> None:
        """They are other seconds than were kept: the clock was wrong. Raises NotFound."""
        ...


class Exclusions(Protocol):
    def approved(self, window: Interval) -> tuple[Exclusion, ...]:
        """The approved classifications in force that overlap a window (maintenance not among
        them)."""
        ...


class Changes(Protocol):
    def append(self, changes: Sequence[Change]) -> None:
        """`seq` is given here, from a counter row locked in this transaction."""
        ...

    def since(self, seq: int, limit: int) -> Sequence[Change]: ...

    def of_kinds(self, kinds: Collection[str], after: int) -> Sequence[Change]:
        """All of these kinds behind a `seq`, in order."""
        ...

    def last(self) -> int: ...


class Outbox(Protocol):
    def enqueue(self, notifications: Sequence[Notification]) -> int:
        """Keep those whose (event, target) is new; how many were."""
        ...

    def due(self, now: Second, limit: int) -> Sequence[Notification]:
        """Pending ones whose time has come, oldest first; so many of each target, that one which
        hangs hides no other."""
        ...

    def hasten(self, now: Second, beyond: Second) -> int:
        """Have those pending leave now that were to leave after `beyond`; how many there were."""
        ...

    def mark_delivered(
        self,
        notification: Notification,
        *,
        delivery: Delivery,
        at: Second,
        error: str = "",
        retry_at: Second | None = None,
    ) -> None:
        """Record an attempt: sent, failed for good, or pending again at `retry_at`."""
        ...

    def take_back(self, subject: str) -> int:
        """Drop what has not left yet of a subject that is no longer so; how many."""
        ...

    def counts(self) -> Mapping[Delivery, int]:
        """How many notifications are in each state."""
        ...

    def tried(self, limit: int) -> Sequence[Notification]:
        """Those that were tried at least once, whatever came of it, newest first."""
        ...

    def of(self, subject: str) -> Sequence[Notification]:
        """Everything owed or sent about one subject, in order."""
        ...

    def among(self, subjects: Collection[str]) -> Sequence[Notification]:
        """The same of several, each one's in order."""
        ...


class Cursors(Protocol):
    """Where each follower of the change feed stands (rendering, dispatch, ...)."""

    def get(self, name: str) -> int: ...
    def set(self, name: str, seq: int) -> None: ...


class JournalTransaction(Protocol):
    """Everything that one transaction reads and writes. `contracts` and the ledger have ports of
    their own in `credits.ports`; the adapter's transaction fulfils both."""

    @property
    def revisions(self) -> Revisions: ...
    @property
    def folds(self) -> Folds: ...
    @property
    def transitions(self) -> Transitions: ...
    @property
    def incidents(self) -> Incidents: ...
    @property
    def maintenance(self) -> MaintenanceWindows: ...
    @property
    def exclusions(self) -> Exclusions: ...
    @property
    def changes(self) -> Changes: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def cursors(self) -> Cursors: ...


class Journal(Protocol):
    def transaction(self) -> AbstractContextManager[JournalTransaction]:
        """Read and write as one; commits on leaving. A core's transaction checks its epoch first.

        Raises Deposed, or JournalError where the database fails.
        """
        ...
