"""Which due messages leave now, and which of them together: a storm is told in a few messages.

A few incidents are told one by one, each in a thread of its own. More than that at one target are
told as one message; after a few openings within a group's wait the rest wait for its end.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from itertools import groupby

from monitor.domain.notification import EventKind, Notification

Batch = tuple[Notification, ...]
"""What leaves as one message: of one kind, to one target; usually one notification."""

ONE_BY_ONE = 3
"""So many of a kind are told singly."""
IN_FLIGHT_PER_TARGET = 4
"""A target that hangs holds up no more than this, and nobody else."""


class Recent:
    """When openings left for each target, as far back as matters: in seconds of a clock that nobody
    sets, for a wall clock set back would hold the next ones back as long."""

    def __init__(self) -> None:
        self._left: dict[str, deque[float]] = {}

    def note(self, batch: Batch, moment: float) -> None:
        if batch[0].kind is EventKind.OPENING:
            self._left.setdefault(batch[0].target, deque(maxlen=ONE_BY_ONE)).append(moment)

    def is_storm(self, target: str, moment: float, wait: int) -> bool:
        """Whether the last few openings for a target all left within the group's wait."""
        left = self._left.get(target)
        return left is not None and len(left) == ONE_BY_ONE and moment - left[0] < wait


def batches(
    ready: Sequence[Notification], busy: Iterable[str], recent: Recent, moment: float, wait: int
) -> list[Batch]:
    """What leaves now, at a `moment` as `Recent` has them. `busy` names the target of each message
    in flight."""
    room = Counter(dict.fromkeys({n.target for n in ready}, IN_FLIGHT_PER_TARGET))
    room.subtract(Counter(target for target in busy if target in room))
    chosen: list[Batch] = []
    for (target, kind), found in groupby(sorted(ready, key=_place), key=_place):
        if EventKind(kind) is EventKind.OPENING and recent.is_storm(target, moment, wait):
            continue
        together = tuple(found)
        split = [(n,) for n in together] if len(together) <= ONE_BY_ONE else [together]
        free = split[: max(0, room[target])]
        room[target] -= len(free)
        chosen.extend(free)
    return chosen


def _place(notification: Notification) -> tuple[str, str]:
    return (notification.target, str(notification.kind))
