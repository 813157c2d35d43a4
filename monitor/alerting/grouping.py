"""Which messages leave now, and what leaves as one of them: a storm is told in a few messages.

All that a target is owed about one incident is one letter, worded by the newest of it, so that a
resolution overtakes what is stale. A few letters are told one by one, each in a thread of its own.
More than that at one target are told as one message, with whatever else is about to be due; what
comes after waits up to the group's interval. What falls of a service of which the storm told
nothing waits a group's wait, and then twice as long each time: it may be an outage of its own.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby

from monitor.domain.catalogue import Alerting, Catalogue
from monitor.domain.checks.observation import ServiceId
from monitor.domain.incidents.delivery import Delivery, EventKind, Notification
from monitor.domain.incidents.incident import Incident
from monitor.domain.time.interval import Second

Batch = tuple[Notification, ...]
"""What leaves as one message, to one target: a letter, or several of them."""

ONE_BY_ONE = 3
"""So many are told singly, and so many messages leave before the rest is paced."""
IN_FLIGHT_PER_TARGET = 4
"""A target that hangs holds up no more than this, and nobody else."""
_FOLLOW_UP = 2
"""The first message after a group's own waits so many group waits: most storms are over then."""


class Topic(StrEnum):
    """What a message is about, for what is about different things is never told as one."""

    FALLEN = "fallen"
    OVER = "over"
    MONITOR = "monitor"


class Readiness(StrEnum):
    READY = "ready"
    WAITING = "waiting"
    """It may leave before its time, in company."""
    HELD = "held"


@dataclass(slots=True)
class _Group:
    """What left lately for one target about one topic. Seconds of a clock that nobody sets."""

    left: deque[float] = field(default_factory=lambda: deque(maxlen=ONE_BY_ONE))
    next_at: float = float("-inf")
    is_storm: bool = False
    news_at: float = float("-inf")
    """When a message may leave for the sake of a service of which none told lately."""
    news_wait: int = 0
    told_of: dict[ServiceId, float] = field(default_factory=dict)

    def room(self, moment: float, interval: int, fallen: Collection[ServiceId]) -> int:
        """How many messages may leave now; those `fallen` are ready to be told."""
        if moment < self.next_at:
            return 1 if self.is_news(fallen, moment) else 0
        if self.is_storm and moment >= self.next_at + interval:
            self.is_storm = False
            self.left.clear()
            self.told_of.clear()
        return 1 if self.is_storm else ONE_BY_ONE - self._lately(moment, interval)

    def is_news(self, fallen: Collection[ServiceId], moment: float) -> bool:
        return moment >= self.news_at and not self.told_of.keys() >= set(fallen)

    def tell_of(
        self, fallen: Iterable[ServiceId], moment: float, alerting: Alerting, *, is_grouped: bool
    ) -> None:
        """Before the message itself is noted."""
        interval = alerting.group_interval
        if not self.is_storm:
            self.told_of = {s: at for s, at in self.told_of.items() if moment - at < interval}
        self.told_of.update(dict.fromkeys(fallen, moment))
        is_hasty = moment < self.next_at if self.is_storm else self._lately(moment, interval) > 0
        before = self.news_wait if is_hasty else 0
        self.news_wait = alerting.group_wait
        if self.is_storm or is_grouped:
            self.news_wait = min(2 * max(before, alerting.group_wait), interval)
        self.news_at = moment + self.news_wait

    def note(self, weight: int, moment: float, alerting: Alerting, *, is_grouped: bool) -> None:
        interval = alerting.group_interval
        self.left.extend([moment] * weight)
        if is_grouped:
            self.next_at = moment + _FOLLOW_UP * alerting.group_wait
        if self.is_storm:
            self.next_at = moment + interval
        elif self._lately(moment, interval) >= ONE_BY_ONE:
            self.is_storm = True
            self.next_at = max(self.next_at, self.left[0] + interval)

    def _lately(self, moment: float, interval: int) -> int:
        return sum(moment - at < interval for at in self.left)


class Pacing:
    """When messages left for each target, as far back as matters: by a clock that nobody sets, for
    a wall clock set back would hold the next ones back as long."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, Topic], _Group] = {}

    def note(
        self,
        batch: Batch,
        moment: float,
        alerting: Alerting,
        fallen: Collection[ServiceId] = (),
    ) -> None:
        """A message left, about what is `fallen` of these services."""
        topic = topic_of(batch)
        if topic is Topic.MONITOR:
            return
        group = self._groups.setdefault((batch[0].target, topic), _Group())
        is_digest = len({n.subject for n in batch}) > 1
        if topic is Topic.OVER:
            # The next ends are gathered: nobody is in a hurry to hear of them.
            group.note(1, moment, alerting, is_grouped=True)
        else:
            group.tell_of(fallen, moment, alerting, is_grouped=is_digest)
            group.note(2 if is_digest else 1, moment, alerting, is_grouped=is_digest)

    def room(
        self,
        target: str,
        topic: Topic,
        moment: float,
        interval: int,
        fallen: Collection[ServiceId] = (),
    ) -> int:
        """How many messages may be under way now; `fallen` is ready to be told."""
        if topic is Topic.MONITOR:
            return IN_FLIGHT_PER_TARGET
        group = self._groups.get((target, topic))
        return ONE_BY_ONE if group is None else group.room(moment, interval, fallen)

    def may_have_news(self, target: str, moment: float) -> bool:
        """Whether it matters to which services belongs what fell."""
        group = self._groups.get((target, Topic.FALLEN))
        return group is not None and group.news_at <= moment < group.next_at


def topic_of(batch: Batch) -> Topic:
    kind = newest_truth(batch).kind
    if kind is EventKind.NOTICE:
        return Topic.MONITOR
    return Topic.OVER if kind is EventKind.RESOLUTION else Topic.FALLEN


def services_of(incident: Incident, catalogue: Catalogue) -> frozenset[ServiceId]:
    """Those of its components that are in the configuration still."""
    known = filter(catalogue.has, incident.components)
    return frozenset(catalogue.component(component).service for component in known)


def pending_batches(history: Sequence[Notification]) -> list[Batch]:
    """What is pending about one subject, for each target; each notice by itself."""
    found: dict[str, list[Notification]] = {}
    for kept in history:
        if kept.delivery is Delivery.PENDING:
            alone = kept.event if kept.kind is EventKind.NOTICE else ""
            found.setdefault(f"{kept.target}|{alone}", []).append(kept)
    return [tuple(together) for together in found.values()]


def newest_truth(letter: Batch) -> Notification:
    """The notification of a letter by which it is worded: the end where it came last, the beginning
    where that was never told, else the last one."""
    if letter[-1].kind is EventKind.RESOLUTION:
        return letter[-1]
    return next((n for n in letter if n.kind is EventKind.OPENING), letter[-1])


def worded(batch: Batch) -> list[Notification]:
    """The newest truth about each subject of a batch."""
    found: dict[str, list[Notification]] = {}
    for notification in batch:
        found.setdefault(notification.subject, []).append(notification)
    return [newest_truth(tuple(letter)) for letter in found.values()]


def readiness(
    letter: Batch, history: Sequence[Notification], alerting: Alerting, now: Second
) -> Readiness:
    """Whether a letter may leave. `history` is all that was ever owed about its subject."""
    if any(n.attempts and n.due_at > now for n in letter) or _is_paced(
        letter, history, alerting, now
    ):
        return Readiness.HELD
    is_due = any(n.due_at <= now for n in letter)
    return Readiness.READY if is_due else Readiness.WAITING


def _is_paced(
    letter: Batch, history: Sequence[Notification], alerting: Alerting, now: Second
) -> bool:
    """An update waits for the group's interval to pass since the last one; the first one, a little
    since the opening."""
    if newest_truth(letter).kind is not EventKind.UPDATE:
        return False
    waits = {
        EventKind.OPENING: _FOLLOW_UP * alerting.group_wait,
        EventKind.UPDATE: alerting.group_interval,
    }
    return any(
        kept.target == letter[0].target
        and kept.sent_at is not None
        and 0 <= now - kept.sent_at < waits.get(kept.kind, 0)
        for kept in history
    )


def batches(
    post: Mapping[Batch, Readiness],
    busy: Iterable[str],
    pacing: Pacing,
    moment: float,
    interval: int,
    services: Mapping[str, Collection[ServiceId]],
) -> list[Batch]:
    """What leaves now, at a `moment` as `Pacing` has them. `busy` names the target of each message
    in flight, `services` those of each subject."""
    flights = Counter(busy)
    chosen: list[Batch] = []
    for (target, topic), found in groupby(sorted(post, key=_place), key=_place):
        together = [letter for letter in found if post[letter] is not Readiness.HELD]
        ready = [letter for letter in together if post[letter] is Readiness.READY]
        fallen = {
            s for letter in filter(_opens, ready) for s in services.get(letter[0].subject, ())
        }
        room = pacing.room(target, Topic(topic), moment, interval, fallen) - flights[target]
        if not ready or room <= 0:
            continue
        is_few = Topic(topic) is Topic.MONITOR or len(together) <= room
        split = ready[:room] if is_few else [tuple(n for letter in together for n in letter)]
        flights[target] += len(split)
        chosen.extend(split)
    return chosen


def _opens(letter: Batch) -> bool:
    return newest_truth(letter).kind is EventKind.OPENING


def _place(letter: Batch) -> tuple[str, str]:
    return (letter[0].target, str(topic_of(letter)))
