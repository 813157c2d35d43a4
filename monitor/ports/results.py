"""The result log: append-only, one writer (the prober), many readers with cursors of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from monitor.domain.interval import Interval, Second
from monitor.domain.observation import CheckId, LocationId, LoggedResult, Result

FoldKey = tuple[CheckId, LocationId]
"""Who a timeline is of: a check as one location sees it."""


RECENT_STALLS = "recent_stalls"
"""In `Figures.extra`: how often the prober stood still within the last five minutes."""
MOST_STALLS = 3
"""More than so many want a person."""


class LogFull(Exception):
    """The log cannot take rows now (disk full, read-only): nothing of the batch was kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The prober's own figures at one moment; counters only grow within one `started_at`."""

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

    @property
    def recent_stalls(self) -> int:
        return int(self.extra.get(RECENT_STALLS, 0))


class ResultLog(Protocol):
    """The writer's side."""

    def append(self, batch: Sequence[Result], memories: Mapping[FoldKey, bytes | None]) -> int:
        """Commit a batch with the probes' memories; the last `seq`. Durable when it returns.

        Raises LogFull; the batch may be offered again.
        """
        ...

    def memories(self) -> Mapping[FoldKey, bytes]: ...

    def note(self, figures: Figures) -> None:
        """Keep the newest figures (one row is enough). Raises LogFull."""
        ...

    def prune(self, before: Second) -> int:
        """Delete results of slots before that second; how many."""
        ...


class ResultReader(Protocol):
    """A reader's side: it never locks the writer out."""

    def read(self, after: int, limit: int) -> Sequence[LoggedResult]:
        """The rows after a cursor, in order of `seq`."""
        ...

    def depth(self, after: int) -> int:
        """How many rows stand after a cursor."""
        ...

    def slots(self, key: FoldKey, window: Interval) -> Sequence[LoggedResult]:
        """The results of one check whose slots lie in a window, ordered by slot then seq."""
        ...

    def figures(self) -> Figures | None: ...
