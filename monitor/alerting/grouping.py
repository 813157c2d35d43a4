"""Which messages leave now, and what leaves as one of them: a storm is reported in a few messages.

All that is pending for a target about one subject is one batch. Its newest notification decides
how it is worded, so that a resolution overtakes what is stale. A few batches leave one by one, each
in a thread of its own. More than that for one target leave as one message, with whatever else is
about to be due; what comes after waits up to the group's interval. A failure in a service that the
storm did not report yet waits a group's wait, and then twice as long each time: it may be an outage
of its own.
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
"""What leaves as one message, to one target: what is pending about one subject, or several."""

ONE_BY_ONE = 3
"""So many batches leave singly, and so many messages leave before the rest is paced."""
IN_FLIGHT_PER_TARGET = 4
"""A target that hangs holds up no more messages than this, and no other target."""
_FOLLOW_UP = 2
"""The first message after a group's own waits so many group waits: most storms are over then."""


class Topic(StrEnum):
    """What a message is about. Different topics are never reported in one message."""

    FALLEN = "fallen"
    OVER = "over"
    MONITOR = "monitor"


class Readiness(StrEnum):
    READY = "ready"
    WAITING = "waiting"
    """It may leave before it is due, together with others."""
    HELD = "held"


@dataclass(slots=True)
class _Group:
    """What left lately for one target about one topic. Times are of a clock that nobody sets."""

    left: deque[float] = field(default_factory=lambda: deque(maxlen=ONE_BY_ONE))
    next_at: float = float("-inf")
    is_storm: bool = False
    news_at: float = float("-inf")
    """From when on a message may leave because of a service that none reported lately."""
    news_wait: int = 0
    reported_services: dict[ServiceId, float] = field(default_factory=dict)

    def room(self, moment: float, interval: int, fallen: Collection[ServiceId]) -> int:
        """How many messages may leave now, where failures in the services `fallen` are due."""
        if moment < self.next_at:
            return 1 if self.is_news(fallen, moment) else 0
        if self.is_storm and moment >= self.next_at + interval:
            self.is_storm = False
            self.left.clear()
            self.reported_services.clear()
        return 1 if self.is_storm else ONE_BY_ONE - self._lately(moment, interval)

    def is_news(self, fallen: Collection[ServiceId], moment: float) -> bool:
        return moment >= self.news_at and not self.reported_services.keys() >= set(fallen)

    def note_services(
        self, fallen: Iterable[ServiceId], moment: float, alerting: Alerting, *, is_grouped: bool
    ) -> None:
        """Call it before `note`, with the services that the message reported."""
        interval = alerting.group_interval
        if not self.is_storm:
            self.reported_services = {
                s: at for s, at in self.reported_services.items() if moment - at < interval
            }
        self.reported_services.update(dict.fromkeys(fallen, moment))
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
    """When messages left for each target, as far back as matters. The times are of a clock that
    nobody sets: a wall clock that is set back would hold up the next messages for as long."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, Topic], _Group] = {}

    def note(
        self,
        batch: Batch,
        moment: float,
        alerting: Alerting,
        fallen: Collection[ServiceId] = (),
    ) -> None:
        """Note that a message left, which reported failures in the services `fallen`."""
        topic = topic_of(batch)
        if topic is Topic.MONITOR:
            return
        group = self._groups.setdefault((batch[0].target, topic), _Group())
        is_digest = len({n.subject for n in batch}) > 1
        if topic is Topic.OVER:
            # The next resolutions are gathered: none of them is urgent.
            group.note(1, moment, alerting, is_grouped=True)
        else:
            group.note_services(fallen, moment, alerting, is_grouped=is_digest)
            group.note(2 if is_digest else 1, moment, alerting, is_grouped=is_digest)

    def room(
        self,
        target: str,
        topic: Topic,
        moment: float,
        interval: int,
        fallen: Collection[ServiceId] = (),
    ) -> int:
        """How many messages may be under way now; see `_Group.room`."""
        if topic is Topic.MONITOR:
            return IN_FLIGHT_PER_TARGET
        group = self._groups.get((target, topic))
        return ONE_BY_ONE if group is None else group.room(moment, interval, fallen)

    def may_have_news(self, target: str, moment: float) -> bool:
        """Whether it matters in which services something fell."""
        group = self._groups.get((target, Topic.FALLEN))
        return group is not None and group.news_at <= moment < group.next_at


def topic_of(batch: Batch) -> Topic:
    kind = leading_notification(batch).kind
    if kind is EventKind.SYSTEM_ALERT:
        return Topic.MONITOR
    return Topic.OVER if kind is EventKind.RESOLUTION else Topic.FALLEN


def services_of(incident: Incident, catalogue: Catalogue) -> frozenset[ServiceId]:
    """The services of those of its components that are still configured."""
    known = filter(catalogue.has, incident.components)
    return frozenset(catalogue.component(component).service for component in known)


def pending_batches(history: Sequence[Notification]) -> list[Batch]:
    """What is pending about one subject, for each target; each system alert by itself."""
    found: dict[str, list[Notification]] = {}
    for earlier in history:
        if earlier.delivery is Delivery.PENDING:
            alone = earlier.event if earlier.kind is EventKind.SYSTEM_ALERT else ""
            found.setdefault(f"{earlier.target}|{alone}", []).append(earlier)
    return [tuple(together) for together in found.values()]


def leading_notification(batch: Batch) -> Notification:
    """The notification that decides how what is pending about one subject is worded: the resolution
    where it came last, the opening where that was never sent, else the last one."""
    if batch[-1].kind is EventKind.RESOLUTION:
        return batch[-1]
    return next((n for n in batch if n.kind is EventKind.OPENING), batch[-1])


def leading_notifications(batch: Batch) -> list[Notification]:
    """The leading notification about each subject of a batch."""
    found: dict[str, list[Notification]] = {}
    for notification in batch:
        found.setdefault(notification.subject, []).append(notification)
    return [leading_notification(tuple(own)) for own in found.values()]


def readiness(
    batch: Batch, history: Sequence[Notification], alerting: Alerting, now: Second
) -> Readiness:
    """Whether a batch may leave. `history` is all that was ever enqueued about its subject."""
    if any(n.attempts and n.due_at > now for n in batch) or _is_paced(
        batch, history, alerting, now
    ):
        return Readiness.HELD
    is_due = any(n.due_at <= now for n in batch)
    return Readiness.READY if is_due else Readiness.WAITING


def _is_paced(
    batch: Batch, history: Sequence[Notification], alerting: Alerting, now: Second
) -> bool:
    """An update waits until the group's interval has passed since the last one; the first update
    waits a little after the opening."""
    if leading_notification(batch).kind is not EventKind.UPDATE:
        return False
    waits = {
        EventKind.OPENING: _FOLLOW_UP * alerting.group_wait,
        EventKind.UPDATE: alerting.group_interval,
    }
    return any(
        earlier.target == batch[0].target
        and earlier.sent_at is not None
        and 0 <= now - earlier.sent_at < waits.get(earlier.kind, 0)
        for earlier in history
    )


def batches(
    readiness_of: Mapping[Batch, Readiness],
    busy: Iterable[str],
    pacing: Pacing,
    moment: float,
    interval: int,
    services: Mapping[str, Collection[ServiceId]],
) -> list[Batch]:
    """What leaves now, at a `moment` of the clock of `Pacing`. `busy` names the target of each
    message in flight, `services` those of each subject."""
    flights = Counter(busy)
    chosen: list[Batch] = []
    for (target, topic), found in groupby(sorted(readiness_of, key=_place), key=_place):
        together = [batch for batch in found if readiness_of[batch] is not Readiness.HELD]
        ready = [batch for batch in together if readiness_of[batch] is Readiness.READY]
        fallen = {s for batch in filter(_opens, ready) for s in services.get(batch[0].subject, ())}
        room = pacing.room(target, Topic(topic), moment, interval, fallen) - flights[target]
        if not ready or room <= 0:
            continue
        is_few = Topic(topic) is Topic.MONITOR or len(together) <= room
        split = ready[:room] if is_few else [tuple(n for batch in together for n in batch)]
        flights[target] += len(split)
        chosen.extend(split)
    return chosen


def _opens(batch: Batch) -> bool:
    return leading_notification(batch).kind is EventKind.OPENING


def _place(batch: Batch) -> tuple[str, str]:
    return (batch[0].target, str(topic_of(batch)))
