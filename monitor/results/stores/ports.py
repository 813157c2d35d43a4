"""The result store: where raw results and latencies are kept for people to look at.

No figure that money depends on is in it: those are in the journal. A follower with a cursor of its
own fills it from the result log, so it may be away for as long as the log keeps its rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from monitor.domain.checks.observation import LoggedResult, Result
from monitor.domain.time.age import ClockReading
from monitor.domain.time.eras import Eras
from monitor.domain.time.interval import Interval, Second
from monitor.results.log.ports import FoldKey
from monitor.results.rollups.latency import LatencyBucket, Width
from monitor.results.rollups.sketch import Sketch


class StoreUnavailable(Exception):
    """It may work later: no connection, overload, a fault of the server. `retry_after` is in
    seconds; None where the server named no time."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class StoreRefused(Exception):
    """It will never take some of what was offered; smaller offers show which. The rest it may
    have taken: offering that again changes nothing."""


class StoreMisconfigured(Exception):
    """A person has to act: a wrong token, no such bucket. The message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What a store has of one check and location in a span: a copy is whole when both sides
    have equal ones. `checksum` is `monitor.results.checksum.checksum` over the results."""

    results: int
    checksum: str


class ResultStore(Protocol):
    """Implemented by each store. `(location, check, slot)` is a result's identity. Of two results
    with the same identity one is stored: of two eras of the clock the later one's. Results of an
    era and a second that are no part of the past (`monitor.domain.time.eras`) are never returned.

    Every method raises StoreUnavailable or StoreMisconfigured.
    """

    async def write(self, rows: Sequence[LoggedResult]) -> None:
        """Durable when it returns; writing again changes nothing. At most 5 000 at a time.

        Raises StoreRefused.
        """
        ...

    async def put(self, buckets: Sequence[LatencyBucket]) -> None:
        """Replace those buckets; as `write`."""
        ...

    async def results(self, key: FoldKey, span: Interval, limit: int) -> Sequence[Result]:
        """The newest `limit` of the results whose slots lie in a span, newest first."""
        ...

    async def buckets(self, key: FoldKey, span: Interval, width: Width) -> Sequence[LatencyBucket]:
        """The buckets that start in a span and have a run, by start."""
        ...

    async def digest(self, key: FoldKey, span: Interval) -> Digest: ...


class CopySource(Protocol):
    """What a copy reads. Every method raises StoreUnavailable or StoreMisconfigured."""

    async def subjects(self) -> Sequence[FoldKey]:
        """Every check and location of which something is stored."""
        ...

    async def logged(self, key: FoldKey, span: Interval) -> Sequence[LoggedResult]:
        """The results whose slots lie in a span, oldest first, one a slot."""
        ...

    async def buckets(self, key: FoldKey, span: Interval, width: Width) -> Sequence[LatencyBucket]:
        """As `ResultStore.buckets`."""
        ...


class CopyMarks(Protocol):
    """Which days of which checks were copied, and found to be equal on both sides."""

    def copied(self, target: str) -> Collection[tuple[FoldKey, Second]]: ...

    def mark_copied(self, target: str, key: FoldKey, day: Second) -> None: ...

    def forget_copied(self, target: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """One logged run, as latency buckets need it; `duration_us` is None where it failed."""

    seq: int
    key: FoldKey
    slot: Second
    duration_us: int | None
    is_absurd: bool = False
    """It counts nowhere; readers return it all the same, so that cursors advance past it."""


class TimedReader(Protocol):
    def timed(self, after: int, limit: int) -> Sequence[Timed]:
        """The rows after a cursor, in order of `seq`."""
        ...

    def timed_at(self, seqs: Sequence[int]) -> Sequence[Timed]:
        """The rows at these places that are still there."""
        ...

    def at(self, seqs: Sequence[int]) -> Sequence[LoggedResult]:
        """The same as whole rows."""
        ...

    def known_eras(self) -> Eras: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Recount:
    """An hour or a local day whose runs are not those that were counted: the clock was set, and
    in one slot another era's run counts now, or none. `seqs` are the places in the log of those
    that count; None where they are not known any more."""

    width: Width
    key: FoldKey
    start: Second
    seqs: Sequence[int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A result that the store refused for good, kept for a person."""

    row: LoggedResult
    at: Second
    reason: str


class Positions(Protocol):
    """Where each reader of the log stands: the last `seq` that it is done with; 0 at first."""

    def position(self, reader: str) -> int: ...

    def advance(self, reader: str, seq: int, dead: Sequence[DeadLetter] = ()) -> None:
        """Store both in one transaction; a dead letter that is there already stays as it is."""
        ...


class DeadLetters(Protocol):
    def dead_letters(self, limit: int, after: int = 0) -> Sequence[DeadLetter]:
        """In order of `seq`."""
        ...

    def count(self) -> int: ...

    def drop(self, seqs: Iterable[int]) -> int:
        """Remove these dead letters; returns how many there were."""
        ...


class Rollups(Protocol):
    """Hours and days of latencies, made from the log with a cursor of their own. A late result is
    added to its buckets; a result that came before is not."""

    def absorb(self, runs: Sequence[Timed], through: int, zone: ZoneInfo, eras: Eras) -> None:
        """Add runs and advance the cursor `windows` to `through`, in one transaction. Of one slot
        the latest era's run counts: what has to be counted again for it is a recount."""
        ...

    def recounts(self, limit: int, zone: ZoneInfo, eras: Eras) -> Sequence[Recount]:
        """What waits to be counted again."""
        ...

    def recounted(self, recount: Recount, sketch: Sketch | None) -> None:
        """It has this sketch now; where that is None it stays as it is."""
        ...

    def unpublished(self, limit: int) -> Sequence[LatencyBucket]:
        """Buckets that have changed since they were last marked as published, oldest first."""
        ...

    def published(self, buckets: Sequence[LatencyBucket]) -> None:
        """Mark these as published, except those that have changed since they were read."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that `estado store doctor` examined; `remedy` is what a person does about it."""

    what: str
    is_well: bool = True
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreMetrics:
    """The follower's metrics at one moment, for operators."""

    at: Second
    started_at: Second
    kind: str
    lag_rows: int = 0
    oldest_unstored: Second | None = None
    """The slot of the first result that the store has not confirmed; None where it has all."""
    written: int = 0
    """Since `started_at`."""
    last_write: Second | None = None
    dead_letters: int = 0
    paused: str = ""
    """Why a person has to act; empty where nobody has to."""
    fault: str = ""
    """Why the last attempt failed; empty where it did not."""
    windows_lag_rows: int = 0
    missed: int = 0
    """At most so many results were pruned before the store had them, since `started_at`."""
    boottime: float = 0.0
    boot_id: str = ""
    """`at` by the clock that nobody sets; empty where an earlier version wrote it."""

    @property
    def taken(self) -> ClockReading:
        return ClockReading(at=self.at, boottime=self.boottime, boot_id=self.boot_id)

    def lag_s(self, now: Second) -> int:
        """How old the oldest unstored result is."""
        return 0 if self.oldest_unstored is None else max(0, now - self.oldest_unstored)
