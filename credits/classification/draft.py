"""What somebody asks to exclude, as it was typed, and what has to be true of it."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.domain.exclusions.classification import CAUSES, Evidence
from monitor.domain.refusals import Refused
from monitor.domain.time.interval import Interval, Second

LONGEST = 400 * 86_400
"""Seconds that one classification may span."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """`component`, `start` and `end` None: as the incident has them."""

    cause: str
    evidence: Evidence
    component: str | None = None
    start: Second | None = None
    end: Second | None = None
    incident: str | None = None


def checked_span(start: Second, end: Second, now: Second) -> Interval:
    """Only what has happened can be classified. Raises Refused."""
    if end <= start:
        raise Refused("exclusion.ends_before_start")
    if end > now:
        raise Refused("exclusion.not_over")
    if end - start > LONGEST:
        raise Refused("exclusion.too_long", days=LONGEST // 86_400)
    return Interval(start, end)


def checked_cause(cause: str) -> str:
    """One of the contract's list. Raises Refused."""
    if cause not in CAUSES:
        raise Refused("exclusion.cause", cause=cause, causes=", ".join(CAUSES))
    return cause
