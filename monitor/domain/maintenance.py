"""Maintenance windows: planned, published, and decisive for money by `published_at`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, NewType

from monitor.domain.checks.observation import ComponentId
from monitor.domain.text import Text
from monitor.domain.time.interval import Interval, Second

MaintenanceId = NewType("MaintenanceId", str)


class MaintenancePhase(StrEnum):
    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """Work that goes on beyond the end that was announced: from that end (`start`) to a new one.
    `published_at` is its own: a window is published in time for nothing that was added to it
    later."""

    start: Second
    end: Second
    published_at: Second | None = None


class Announced(NamedTuple):
    """Time that was announced, and when that became public."""

    published_at: Second
    interval: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceWindow:
    """One occurrence. `published_at` is stamped by the journal when it first becomes public. `end`
    is the one that holds now, and `extensions` say, oldest first, how it came to be later than it
    was first announced. `cancelled_at` is when it was taken back or, once it runs, ended early."""

    id: MaintenanceId
    title: Text
    impact: Text
    start: Second
    end: Second
    components: tuple[ComponentId, ...]
    published_at: Second | None = None
    cancelled_at: Second | None = None
    reason: str = ""
    """Why the allowed calendar was overridden; empty inside it."""
    created_by: str = ""
    revision: int = 0
    extensions: tuple[Extension, ...] = ()

    @property
    def planned_end(self) -> Second:
        """The end as it was first announced."""
        return self.extensions[0].start if self.extensions else self.end

    @property
    def was_cancelled(self) -> bool:
        """Whether it was taken back before it began: it never took place."""
        return self.cancelled_at is not None and self.cancelled_at <= self.start

    @property
    def was_ended_early(self) -> bool:
        return self.cancelled_at is not None and self.start < self.cancelled_at < self.end

    @property
    def interval(self) -> Interval:
        return Interval(self.start, self.end)

    def phase(self, now: Second) -> MaintenancePhase:
        if self.cancelled_at is not None and self.cancelled_at <= now:
            is_cancelled = self.was_cancelled
            return MaintenancePhase.CANCELLED if is_cancelled else MaintenancePhase.COMPLETED
        if now < self.start:
            return MaintenancePhase.SCHEDULED
        return MaintenancePhase.IN_PROGRESS if now < self.end else MaintenancePhase.COMPLETED

    @property
    def effective(self) -> Interval:
        """The window as it took place: cut at its cancellation, empty where that came first."""
        end = self.end if self.cancelled_at is None else min(self.end, self.cancelled_at)
        return Interval(self.start, Second(max(self.start, end)))

    def announced(self, min_notice: int) -> Iterator[Announced]:
        """What of it was announced in time, part by part, each with its publication: all of it
        where that came no later than start - notice and, where no notice is required, before its
        start; of an extension, only what lies as far behind its own. All are whole seconds: within
        the same second nobody can tell which came first. It ends where the work ended, and one
        that never took place has nothing.
        """
        notice, last = max(1, min_notice), self.effective.end
        if self.published_at is not None and self.published_at <= self.start - notice:
            yield from _part(self.published_at, self.start, min(self.planned_end, last))
        for added in self.extensions:
            public_at = added.published_at
            if public_at is not None:
                start = Second(max(added.start, public_at + notice))
                yield from _part(public_at, start, min(added.end, last))


def _part(published_at: Second, start: Second, end: Second) -> Iterator[Announced]:
    if start < end:
        yield Announced(published_at, Interval(start, end))
