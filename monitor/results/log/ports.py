"""The result log: append-only, one writer (the prober), many readers with cursors of their own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from monitor.domain.checks.observation import (
    CheckId,
    FailureId,
    LocationId,
    LoggedResult,
    Outcome,
    Result,
)
from monitor.domain.time.age import ClockReading
from monitor.domain.time.eras import Era
from monitor.domain.time.interval import Second

FoldKey = tuple[CheckId, LocationId]
"""What a timeline is of: a check at one location."""


class ResultKey(NamedTuple):
    """Which result is meant: that of a check at a location, in a slot."""

    check: CheckId
    location: LocationId
    slot: Second


RECENT_STALLS = "recent_stalls"
"""In `ProberMetrics.extra`: how often the prober stood still within the last five minutes."""
STALLED_BY = "stalled_by:"
"""Begins the key that names the check whose run held the loop, if one did; its value is 1."""
MOST_STALLS = 3
"""More than so many need a person."""


class LogFull(Exception):
    """The log cannot take rows now (disk full, read-only): nothing of the batch was stored."""


class LogBegunAnew(LogFull):
    """The log was damaged, moved or replaced, and goes on in another file; the message says which.
    Nothing of the batch was stored: it may be offered again at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLoss:
    """Rows that a log no longer has, for a new one took its place at `at`. `why` is one of
    `damaged`, `moved` and `replaced`; `set_aside` names the file that still has them, where there
    is one. How many they are, and of when, is None where it could not be read. `behind` is the
    number behind which the new log goes on: a later loss has a greater one, also where the clock
    that gave `at` was wrong; 0 where an earlier version wrote the loss."""

    at: Second
    why: str
    set_aside: str = ""
    rows: int | None = None
    first_slot: Second | None = None
    last_slot: Second | None = None
    behind: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProberMetrics:
    """The prober's own metrics at one moment; counters only grow within one `started_at`. The
    moment is `at`, and `boottime` of `boot_id` where the version that wrote it reads that clock."""

    at: Second
    started_at: Second
    lateness_p50_ms: float = 0.0
    lateness_p99_ms: float = 0.0
    loop_lag_ms: float = 0.0
    missed: int = 0
    started: int = 0
    finished: int = 0
    unwritten: int = 0
    wall_steps: int = 0
    last_wall_step_s: float = 0.0
    cpu_s: float = 0.0
    rss_bytes: int = 0
    extra: Mapping[str, float] = field(default_factory=dict)
    boottime: float = 0.0
    boot_id: str = ""

    @property
    def taken(self) -> ClockReading:
        return ClockReading(at=self.at, boottime=self.boottime, boot_id=self.boot_id)

    @property
    def recent_stalls(self) -> int:
        return int(self.extra.get(RECENT_STALLS, 0))

    @property
    def stalled_by(self) -> str:
        """The check whose runs took longest, where runs took most of the recent stalls."""
        return next(
            (key.removeprefix(STALLED_BY) for key in self.extra if key.startswith(STALLED_BY)), ""
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockAnchor:
    """What the prober counted as the time, and CLOCK_BOOTTIME at that moment: within one boot the
    one follows from the other. `distrusted_s` is by how much the wall clock was behind the count
    where the prober did not believe it; 0.0 where it did."""

    wall: float
    boottime: float
    boot_id: str
    distrusted_s: float = 0.0


class RunRow(NamedTuple):
    """A row of the log as the fold reads it: without what only people read."""

    seq: int
    check: CheckId
    location: LocationId
    slot: Second
    revision: int
    outcome: Outcome
    failure: FailureId | None
    era: int = 0


class ResultLog(Protocol):
    """The writer's side."""

    def append(self, batch: Sequence[Result], probe_states: Mapping[FoldKey, bytes | None]) -> int:
        """Commit a batch with the probe states; the last `seq`. Durable when it returns.

        A row whose slot lies ahead of the clock, or whose era has ended, is stored as absurd.
        Raises LogFull; the batch may be offered again.
        """
        ...

    def begin_era(self, era: Era) -> None:
        """Rows that are appended from now on are of this era. Raises LogFull."""
        ...

    def probe_states(self) -> Mapping[FoldKey, bytes]: ...

    def note(self, metrics: ProberMetrics, anchor: ClockAnchor | None = None) -> None:
        """Store the newest metrics and anchor (one row is enough). Raises LogFull."""
        ...

    def prune(self, keep_days: int) -> int:
        """One step of dropping what was logged before the newest `keep_days` days of logging, in
        order of `seq`, and never the newest row. Returns how many rows it examined; 0 where nothing
        is left to do."""
        ...


class ResultReader(Protocol):
    """A reader's side: it never locks the writer out."""

    def read(self, after: int, limit: int) -> Sequence[LoggedResult]:
        """The rows after a cursor, in order of `seq`."""
        ...

    def depth(self, after: int) -> int:
        """How many rows stand after a cursor."""
        ...

    def ranges(self, since: Second) -> Sequence[tuple[int, int]]:
        """Disjoint ranges of `seq`, in order and ends included, outside of which no slot is at or
        after that second's day."""
        ...

    def between(self, first: int, last: int, checks: Collection[CheckId]) -> Sequence[RunRow]:
        """The runs of these checks in a range of `seq`, in order."""
        ...

    def complete_from(self, until: Second) -> Second | None:
        """The second from which on no slot before the end of the day of `until` was dropped or is
        otherwise missing from the log; None where the log does not know yet."""
        ...

    def eras(self) -> Sequence[Era]:
        """Every era of the prober's clock, oldest first; at least the first."""
        ...

    def anchor(self) -> ClockAnchor | None: ...

    def losses(self) -> Sequence[LogLoss]:
        """What was lost where a new log took this one's place, oldest first."""
        ...

    def metrics(self) -> ProberMetrics | None: ...
