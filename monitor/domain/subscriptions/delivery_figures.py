"""How far a dispatcher has come, as it notes it itself: for metrics, and for who asks after it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from monitor.domain.subscriptions.subscription import SubscriptionState
from monitor.domain.time.age import ClockReading
from monitor.domain.time.interval import Second

QUIET_S = 30
"""A dispatcher that comes any further notes so every 5 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Messages that have not left, and of when the oldest of them is; None of none."""

    size: int = 0
    oldest: Second | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFigures:
    """`untried` were never handed over, `retried` were refused for now; `sent` and `failed` since
    the file was made."""

    untried: Queue = Queue()
    retried: Queue = Queue()
    sent: int = 0
    failed: int = 0

    def encode(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def decode(cls, text: str) -> DeliveryFigures:
        """Raises ValueError, TypeError and KeyError for what is none."""
        found = json.loads(text)
        untried, retried = Queue(**found.pop("untried")), Queue(**found.pop("retried"))
        return cls(untried=untried, retried=retried, **found)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribersMetrics:
    """How many subscriptions of each kind are in each state, and of each kind that is told by the
    configuration in force when its dispatcher last came any further, and how far."""

    counts: Mapping[tuple[str, SubscriptionState], int]
    signs: Mapping[str, ClockReading | None]
    figures: Mapping[str, DeliveryFigures]
