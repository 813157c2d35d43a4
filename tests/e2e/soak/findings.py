"""What the product says of a script when it is over, and how exactly it can know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from monitor.demo.faults import Fault

UP, DOWN, UNKNOWN = "up", "down", "unknown"
OPENING, RESOLUTION = "opening", "resolution"
CLASSES = {
    Fault.REFUSE: "conn_refused",
    Fault.HANG: "greeting_timeout",
    Fault.WRONG: "protocol_error",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """`[start, end)` of a component's timeline; what none covers is unknown."""

    start: int
    end: int
    status: str
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An outage as the report has it; `end` None where it goes on."""

    target: str
    start: int
    end: int | None
    cause: str
    billed_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A message about one component that came at a moment of the script's clock."""

    target: str
    at: float
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that the product says."""

    timelines: dict[str, tuple[Segment, ...]]
    outages: tuple[Found, ...]
    messages: tuple[Told, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How the checks look: every `interval` seconds; looks more than `max_gap` apart are a gap."""

    interval: int = 2
    max_gap: int = 6

    @property
    def tolerance(self) -> int:
        """One interval, and the second within which a slot's look begins."""
        return self.interval + 1

    @property
    def recovery(self) -> int:
        """So long after sight came back, looks that began before may be of no worth yet."""
        return 2 * self.interval + 1

    @property
    def least(self) -> int:
        """An outage with so many undisturbed seconds cannot be missed: two looks, one late."""
        return 3 * self.interval


def status_at(timeline: Iterable[Segment], second: int) -> str:
    return next((s.status for s in timeline if s.start <= second < s.end), UNKNOWN)
