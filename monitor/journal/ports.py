"""The journal: timelines, incidents, changes, pending messages. Everything that money rests on.

A transaction reads and writes as one unit; leaving it commits, an exception rolls back. Each
repository is small; all adapters pass the same tests. It is synchronous, and called from one
thread at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol
from zlib import crc32

from monitor.domain.availability import Exclusion
from monitor.domain.change import Change
from monitor.domain.checks.fold import FoldState, Transition
from monitor.domain.checks.observation import CheckId, ComponentId, LocationId
from monitor.domain.checks.symptoms import ServiceKind
from monitor.domain.exclusions.classification import (
    ExclusionRecord,
    ExclusionReference,
    ExclusionRevision,
)
from monitor.domain.incidents.delivery import Delivery, Notification
from monitor.domain.incidents.incident import Incident, IncidentId
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.refusals import NotFound, Stale
from monitor.domain.time.interval import Interval, Second
from monitor.results.log.ports import FoldKey
from monitor.results.rollups.sketch import Sketch


class JournalError(Exception):
    """The journal could not be read or written."""


class JournalBusy(JournalError):
    """Another transaction holds the journal for longer than ours may wait. Ours has not begun: it
    has read and written nothing, and may be tried again as it is."""


class JournalDamaged(JournalError):
    """The journal's file is damaged: another attempt does not help, and nothing may be written."""


class RowNotFound(NotFound, JournalError):
    """The journal has no such row."""


class RowStale(Stale, JournalError):
    """The row has changed since it was read."""


class Deposed(JournalError):
    """Another core holds the journal now; whatever this one decided is void."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionHeader:
    """Which configuration ran, and from when on; instead of its text only the hash."""

    number: int
    hash: str
    effective_from: Second


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionDelta:
    """What a revision's form changed in the form before it: nearly nothing, of thousands of checks.

    `form_hash` is the hash of the form that results, `base_hash` that of the form that is changed;
    `base_hash` is empty where the delta is a whole form by itself.
    """

    number: int
    base_hash: str
    form_hash: str
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRevision:
    """A configuration that ran, as text. `form` is what it compiled to when it ran, where that was
    stored."""

    number: int
    hash: str
    text: str
    effective_from: Second
    form: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A transition of a check at a location, when it was decided and under which configuration."""

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
        """One revision with its text and form, each of which may be megabytes. Raises NotFound."""
        ...

    def steps(self, after: int = 0) -> Sequence[RevisionDelta]:
        """What each revision behind that number changed, oldest first; without those whose delta
        was not computed yet."""
        ...

    def newest(self) -> int:
        """The number of the last one; 0 before the first."""
        ...

    def starts(self) -> Mapping[int, Second]:
        """From when each revision is in force, by number."""
        ...

    def restamp(self, number: int, effective_from: Second) -> None:
        """Correct the second at which a revision came into force: the clock was wrong."""
        ...

    def add(self, *, hash: str, text: str, effective_from: Second) -> StoredRevision:  # noqa: A002
        """Store a new revision; its number is the last one plus one."""
        ...

    def store_form(self, number: int, form: str) -> None:
        """Store what a revision compiled to. It is stored once and never changed: later versions
        may refuse the text."""
        ...

    def store_delta(self, delta: RevisionDelta) -> None:
        """Store what a revision changed, in the place of an earlier delta of it: it is computed
        from the forms, and can be computed again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenStates:
    """States, each with the very text that it is stored as."""

    texts: Mapping[FoldKey, str] = field(default_factory=dict)
    states: Mapping[FoldKey, FoldState] = field(default_factory=dict)


class Folds(Protocol):
    def cursor(self) -> int:
        """The last `seq` of the result log that is part of every saved state; 0 at first."""
        ...

    def states(self, keys: Collection[FoldKey] | None = None) -> Mapping[FoldKey, FoldState]:
        """The saved states; only those of `keys` where it is given."""
        ...

    def seen(self, before: SeenStates) -> SeenStates:
        """All saved states. Those that are stored as they were `before` are taken from there: it is
        their decoding that takes long."""
        ...

    def save(self, states: Mapping[FoldKey, FoldState], cursor: int) -> None: ...

    def era(self) -> int:
        """The era of the prober's clock that the saved states are in; 0 at first."""
        ...

    def enter_era(self, era: int) -> None:
        """Snapshot the saved states where this era begins; only the last few snapshots are kept."""
        ...

    def snapshots(self) -> Sequence[tuple[int, Mapping[FoldKey, FoldState]]]:
        """The states where the last few eras began, the newest first."""
        ...

    def forget(self, keys: Collection[FoldKey]) -> None:
        """Delete the states of these folds."""
        ...

    def mark_dirty(self, days: Iterable[tuple[FoldKey, Second]]) -> None:
        """Mark UTC days (by their first second) that a late result has changed."""
        ...

    def dirty(
        self, *, after: FoldKey | None = None, folds: int | None = None
    ) -> Mapping[FoldKey, Sequence[Second]]:
        """The marked days of each fold, in a stable order of folds: of at most `folds` folds, and
        only of those behind `after`."""
        ...

    def clean(self, days: Iterable[tuple[FoldKey, Interval]]) -> None:
        """Remove the marks of these folds inside these windows."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyLatency:
    """How long the check runs of one kind of a component took on one local day; `day` is its first
    second. Only runs that succeeded count."""

    component: ComponentId
    kind: ServiceKind
    day: Second
    runs: int
    p50_us: int
    p95_us: int


class LatencyKey(NamedTuple):
    component: ComponentId
    kind: ServiceKind
    day: Second


LATENCY_PARTS = 64
"""Into so many parts components are divided, each counted up to a row of the log of its own: a
part is added at a time, while decisions wait."""


def latency_part(component: ComponentId) -> int:
    """The part of a component, the same for ever: cursors that are stored rest on it."""
    return crc32(component.encode()) % LATENCY_PARTS


class Latencies(Protocol):
    """Days of latencies, and how far the result log was counted into them. For people to look at:
    no decision and no money rests on them."""

    def cursors(self) -> Sequence[int]:
        """Of each part, the last row of the log that is counted; 0 where none ever was."""
        ...

    def add(self, runs: Mapping[LatencyKey, Sketch], cursors: Mapping[int, int]) -> None:
        """Add these runs to what is stored, and move the cursors of these parts: all, or nothing.
        What was packed stays as it is."""
        ...

    def of_days(
        self, window: Interval, components: Collection[ComponentId] | None = None
    ) -> Sequence[DailyLatency]:
        """The days that begin in a window, of these components or else of all, by component, kind
        and day."""
        ...

    def oldest(self) -> Second | None:
        """The first day that is not packed; None where there is none."""
        ...

    def pack(self, month: Interval, components: int) -> None:
        """Store the days of a month as figures alone, all in one row, of at most so many
        components that are not packed yet. Nothing can be added to a day after that."""
        ...


class Transitions(Protocol):
    def append(self, decided: Sequence[Decided]) -> None: ...

    def drawing(
        self, window: Interval, keys: Collection[FoldKey] | None = None
    ) -> Mapping[FoldKey, Sequence[Transition]]:
        """Per fold, in the order decided, the transitions in force that make its timeline in this
        window: those that take effect inside it and the last one before it. Superseded rows are
        left out. Only of `keys` where it is given."""
        ...

    def inside(self, key: FoldKey, window: Interval) -> Sequence[Transition]:
        """One fold's transitions in force that take effect inside a window, in the order decided:
        those of `drawing` without the one before, at the cost of one fold."""
        ...

    def first(self, keys: Collection[FoldKey]) -> Mapping[FoldKey, Second]:
        """Where each of these folds' timelines begins: when its first transition in force took
        effect."""
        ...

    def newest(self) -> int:
        """The last row's id: it grows whenever a transition is written; 0 before the first one."""
        ...

    def decided_after(self, number: int, limit: int) -> Sequence[tuple[int, Decided]]:
        """The first so many behind a row's id (`newest`), each with its own, as they were decided
        at the time: corrections of the past are left out."""
        ...

    def has_corrected(self, number: int) -> bool:
        """Whether a row behind that id (`newest`) changes what was decided before."""
        ...

    def earliest_behind(self, number: int) -> Second | None:
        """The first second that any row behind that id (`newest`) is about, new or corrected; None
        where there is none."""
        ...

    def withdraw(self, decided_from: Second, now: Second) -> Collection[FoldKey]:
        """Withdraw, by new revisions, all that results at or after a second decided; returns the
        folds concerned."""
        ...

    def reinstate(self, after: int, through: int, now: Second) -> Collection[FoldKey]:
        """Put in force again, by new revisions, what the rows with ids (`newest`) behind `after`
        and up to `through` withdrew; returns the folds concerned."""
        ...

    def correct(self, key: FoldKey, window: Interval, decided: Sequence[Decided]) -> None:
        """Supersede, by a new revision, what takes effect in a window; old rows stay."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentOutline:
    """What somebody needs of an incident to know whether to read it again. `components` are all
    that it concerns."""

    revision: int
    components: tuple[ComponentId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentHead:
    """What a list needs of an incident to know which ones to read."""

    id: IncidentId
    revision: int
    is_unresolved: bool


class Incidents(Protocol):
    def heads(
        self, window: Interval, component: ComponentId | None = None
    ) -> Sequence[IncidentHead]:
        """Of those `touching` a window, in that order; only of those that concern a component where
        one is given. It costs a fraction of the incidents themselves."""
        ...

    def some(self, wanted: Sequence[IncidentId]) -> tuple[Incident, ...]:
        """Those of these incidents that there are, in this order."""
        ...

    def outlines(self, wanted: Collection[IncidentId]) -> Mapping[IncidentId, IncidentOutline]:
        """Those of these incidents that there are."""
        ...

    def unresolved(self) -> tuple[Incident, ...]: ...

    def get(self, wanted: IncidentId) -> Incident:
        """Raises NotFound."""
        ...

    def touching(self, window: Interval) -> tuple[Incident, ...]:
        """The incidents that began in a window or were unresolved at some moment of it, newest
        start first."""
        ...

    def unwatched(self, window: Interval) -> tuple[Incident, ...]:
        """The incidents `touching` a window of which a component ceased to be watched."""
        ...

    def save(self, incident: Incident) -> Incident:
        """Insert (revision 0) or update, with parts and updates. Returns the saved value, its
        revision one higher. Raises Stale unless the stored revision equals the given one."""
        ...


class MaintenanceWindows(Protocol):
    def get(self, wanted: MaintenanceId) -> MaintenanceWindow:
        """Raises NotFound."""
        ...

    def touching(self, window: Interval) -> tuple[MaintenanceWindow, ...]:
        """The windows that overlap an interval, by start; cancelled ones too."""
        ...

    def save(self, planned: MaintenanceWindow) -> MaintenanceWindow:
        """Insert or update; `published_at` stays as `publish` set it, whatever the value says, and
        an extension that is there stays as it is. Raises Stale."""
        ...

    def publish(self, wanted: Collection[MaintenanceId], at: Second) -> None:
        """A snapshot that shows these windows was published: stamp those of them that were never
        public before."""
        ...

    def publish_extensions(self, shown: Iterable[tuple[MaintenanceId, int]], at: Second) -> None:
        """The same for extensions, each by its window and its number, which counts from 1."""
        ...

    def restamp(
        self, wanted: MaintenanceId, published_at: Second | None, cancelled_at: Second | None
    ) -> None:
        """Correct the stored seconds: the clock was wrong. Raises NotFound."""
        ...

    def restamp_extension(self, wanted: MaintenanceId, number: int, published_at: Second) -> None:
        """The same for an extension. Raises NotFound."""
        ...


class Exclusions(Protocol):
    """Classifications. Rows are only ever added, and the database itself refuses a decision by
    whoever proposed any revision of the same reference."""

    def approved(self, window: Interval) -> tuple[Exclusion, ...]:
        """What is `in_force`, as those who count seconds need it (without maintenance)."""
        ...

    def in_force(self, window: Interval) -> tuple[ExclusionRevision, ...]:
        """The revisions in force that overlap a window, by start."""
        ...

    def get(self, wanted: ExclusionReference) -> ExclusionRecord:
        """Raises NotFound."""
        ...

    def every(self) -> tuple[ExclusionRecord, ...]:
        """All classifications, the one with the newest step first."""
        ...

    def append(self, step: ExclusionRevision) -> None:
        """Raises Stale where the reference has that revision already."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedChanges:
    """Which changes somebody looks for: those behind `after` and, where it is not 0, `before`
    another; of one actor, one subject, and of a kind ("incident.opened") or a family of kinds
    ("incident"), each where it is not empty."""

    after: int = 0
    before: int = 0
    is_newest_first: bool = False
    actor: str = ""
    kind: str = ""
    subject: str = ""


class ChangeRow(NamedTuple):
    """A change, with `before` and `after` as the JSON that they are stored as."""

    seq: int
    at: Second
    actor: str
    kind: str
    subject: str
    via: str
    token: str
    address: str
    before: str
    after: str


class Changes(Protocol):
    def append(self, changes: Sequence[Change]) -> None:
        """`seq` is assigned here, from a counter row locked in this transaction."""
        ...

    def since(self, seq: int, limit: int) -> Sequence[Change]: ...

    def of_kinds(self, kinds: Collection[str], after: int) -> Sequence[Change]:
        """All changes of these kinds behind a `seq`, in order."""
        ...

    def matching(self, wanted: WantedChanges, limit: int) -> Sequence[Change]:
        """The first so many that are as wanted, in order."""
        ...

    def table(self, wanted: WantedChanges, limit: int) -> Iterator[ChangeRow]:
        """What `matching` gives, as rows of a table: for thousands of them."""
        ...

    def last(self) -> int: ...


class Outbox(Protocol):
    def enqueue(self, notifications: Sequence[Notification]) -> int:
        """Store those whose (event, target) is new; returns how many were."""
        ...

    def due(self, now: Second, limit: int) -> Sequence[Notification]:
        """Pending notifications that are due, oldest first: at most `limit` of each target, so that
        a target that hangs hides no other."""
        ...

    def make_due(self, now: Second, beyond: Second) -> int:
        """Make those pending ones due now that are due after `beyond`; returns how many."""
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

    def delete_pending(self, subject: str) -> int:
        """Delete what is pending about a subject that no longer holds; returns how many."""
        ...

    def counts(self) -> Mapping[Delivery, int]:
        """How many notifications are in each state."""
        ...

    def tried(self, limit: int) -> Sequence[Notification]:
        """Those that were tried at least once, whatever the result, newest first."""
        ...

    def of(self, subject: str) -> Sequence[Notification]:
        """Everything pending or sent about one subject, in order."""
        ...

    def of_subjects(self, subjects: Collection[str]) -> Sequence[Notification]:
        """The same for several subjects, each one's in order."""
        ...


class Cursors(Protocol):
    """How far each follower of the change feed has read (rendering, dispatch, ...)."""

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
    def latencies(self) -> Latencies: ...
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
        """Read and write as one unit; commits on leaving. A core's transaction checks its epoch
        first.

        Raises Deposed, or JournalError where the database fails.
        """
        ...
