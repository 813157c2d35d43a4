"""Maintenance windows: planned, published, and decisive for money by `published_at`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

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
class MaintenanceWindow:
    """One occurrence. `published_at` is stamped by the journal when it first becomes public."""

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

    @property
    def interval(self) -> Interval:
        return Interval(self.start, self.end)

    def phase(self, now: Second) -> MaintenancePhase:
        if self.cancelled_at is not None and self.cancelled_at <= now:
            return MaintenancePhase.CANCELLED
        if now < self.start:
            return MaintenancePhase.SCHEDULED
        return MaintenancePhase.IN_PROGRESS if now < self.end else MaintenancePhase.COMPLETED

    @property
    def effective(self) -> Interval:
        """The window as it took place: cut at its cancellation, empty where that came first."""
        end = self.end if self.cancelled_at is None else min(self.end, self.cancelled_at)
        return Interval(self.start, Second(max(self.start, end)))

    def excludes(self, min_notice: int) -> bool:
        """Whether it takes time out of a guarantee: published no later than start - notice and,
        where no notice is required, before its start. Both are whole seconds: within the same
        second nobody can tell which came first.
        """
        return self.published_at is not None and self.published_at <= self.start - max(
            1, min_notice
        )
