"""Which message leaves next: a receiver that takes its time holds up its own messages alone.

A destination has a quarter of the connections at once. One that was slow the last time, or is just
being slow, has a single one, and all of those together have a quarter, so that the rest is for
whoever answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from monitor.domain.subscriptions.contact import Contact
from monitor.domain.subscriptions.subscription import Subscription
from monitor.domain.time.clock import Clock
from monitor.subscribers.deliveries import Due

SLOW_S = 2.0
_PART = 4
_MOST_KNOWN = 10_000


class Lanes:
    """Destinations of one kind over so many connections. One without a name has no bound."""

    def __init__(self, clock: Clock, connections: int) -> None:
        self._clock = clock
        self._most = max(1, connections // _PART)
        self._slow: dict[str, None] = {}
        self._begun: dict[str, list[float]] = {}

    def may_begin(self, to: str) -> bool:
        if not to:
            return True
        begun = len(self._begun.get(to, ()))
        if not self.is_slow(to):
            return begun < self._most
        at_once = sum(len(times) for one, times in self._begun.items() if self.is_slow(one))
        return begun == 0 and at_once < self._most

    @contextmanager
    def sending(self, to: str) -> Iterator[None]:
        """While a message is under way to it."""
        began = self._clock.monotonic()
        self._begun.setdefault(to, []).append(began)
        try:
            yield
        finally:
            self._begun[to].remove(began)
            if not self._begun[to]:
                del self._begun[to]
            self._note(to, self._clock.monotonic() - began)

    def is_slow(self, to: str) -> bool:
        """Whether it was the last time, or is just now."""
        begun = self._begun.get(to)
        return to in self._slow or bool(begun and self._clock.monotonic() - begun[0] >= SLOW_S)

    def _note(self, to: str, took_s: float) -> None:
        self._slow.pop(to, None)
        if took_s >= SLOW_S:
            self._slow[to] = None
            if len(self._slow) > _MOST_KNOWN:
                del self._slow[next(iter(self._slow))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message that is due, and who gets it, where there still is somebody."""

    due: Due
    to: Subscription | None
    contact: Contact | None
    destination: str = ""


class Batch:
    """Whoever takes one sends it. `destination` says where an address leads; without it nothing is
    bound."""

    def __init__(
        self,
        lanes: Lanes,
        waiting: Iterable[Outgoing],
        destination: Callable[[str], str] | None = None,
    ) -> None:
        self._lanes = lanes
        self.waiting = list(waiting)
        if destination is not None:
            self.waiting = [_leading(one, destination) for one in self.waiting]
        self.is_stopped = False
        """The server is away."""

    @property
    def is_going_on(self) -> bool:
        """Whether there is more than slow ones may have in their own time."""
        return not self.is_stopped and any(
            not self._lanes.is_slow(one.destination) for one in self.waiting
        )

    def take(self) -> Outgoing | None:
        """The first that may leave; None where none may just now. It stays pending."""
        for place, one in enumerate(self.waiting):
            if self._lanes.may_begin(one.destination):
                return self.waiting.pop(place)
        return None


def _leading(one: Outgoing, destination: Callable[[str], str]) -> Outgoing:
    if one.contact is None:
        return one
    return replace(one, destination=destination(one.contact.address))
