"""Messages that are pending: to whom, and what follows from an attempt to send one.

A route is a chain: every message is enqueued for its first target, and for the next one where a
target fails for good.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from monitor.domain.catalogue import Alerting, AlertTarget, Route
from monitor.domain.incidents.incident import Incident, Phase, Update
from monitor.domain.time.interval import Second


class Delivery(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    """Given up: permanent, or tried for too long. The route's next target gets it then."""


class EventKind(StrEnum):
    OPENING = "opening"
    UPDATE = "update"
    REMINDER = "reminder"
    RESOLUTION = "resolution"
    SYSTEM_ALERT = "notice"
    """A system alert, such as that the monitor is offline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """`event` is the event's name (`incident:k3f9a2:opening`), `target` is where the message goes.

    `position` is the target's place in its route. `due_at` is the next moment to try.
    """

    event: str
    target: str
    route: str
    position: int
    kind: EventKind
    subject: str
    """The id of the incident, or of what else it is about."""
    number: int = 0
    """Which update or reminder."""
    due_at: Second
    attempts: int = 0
    delivery: Delivery = Delivery.PENDING
    sent_at: Second | None = None
    error: str = ""


def event_name(kind: EventKind, subject: str, number: int = 0) -> str:
    """The idempotency key of an event: Message-ID and Idempotency-Key derive from it."""
    is_counted = kind in (EventKind.UPDATE, EventKind.REMINDER) or number > 0
    counted = f":{number}" if is_counted else ""
    return f"incident:{subject}:{kind}{counted}" if kind is not EventKind.SYSTEM_ALERT else subject


FIRST_RETRY = 5
LONGEST_RETRY = 300
TRIES_BEFORE_NEXT = 4
"""With another target behind it: about a minute."""
TRIES_IN_ALL = 300
"""With none: about a day."""
LONGEST_WAIT_ASKED = 3_600
"""However long a Retry-After is."""
LONGEST_BACKOFF = LONGEST_RETRY * 6 // 5
"""The longest retry, and by chance a fifth more."""
_ALERTS = (EventKind.OPENING, EventKind.UPDATE, EventKind.REMINDER)
_PATIENCE = 120
"""Where a target asks for a longer wait than this, the next one is tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptOutcome:
    """The outcome of an attempt. `follow_ups` are messages to others, pending because of it."""

    delivery: Delivery
    error: str = ""
    retry_at: Second | None = None
    follow_ups: tuple[Notification, ...] = ()


def pending(
    incident: Incident, kind: EventKind, number: int, alerting: Alerting, due_at: Second
) -> list[Notification]:
    """The first target of each route that concerns any of the incident's components."""
    return [
        _first(route, event_name(kind, incident.id, number), kind, incident.id, number, due_at)
        for route in alerting.routes
        if concerns(route, incident) and route.targets
    ]


def reminders_due(incident: Incident, alerting: Alerting, now: Second) -> list[Notification]:
    """The reminder whose time has come: only the newest, and none once a person has taken the
    incident or while it is being observed."""
    if alerting.remind_every is None or incident.phase is not Phase.INVESTIGATING:
        return []
    if any(update.person is not None for update in incident.updates):
        return []
    number = (now - incident.created_at) // alerting.remind_every
    if number < 1:
        return []
    return pending(incident, EventKind.REMINDER, number, alerting, now)


def concerns(route: Route, incident: Incident) -> bool:
    """Whether a route is about a component that fell by itself: one that fell because of another
    has no alert of its own."""
    own = {part.component for part in incident.affected if not part.is_dependent}
    return route.components is None or not route.components.isdisjoint(own)


def find_target(alerting: Alerting, notification: Notification) -> AlertTarget | None:
    """The target that a message goes to now; None where it is no longer configured."""
    route = _route(alerting, notification.route)
    targets = route.targets if route else ()
    return next((t for t in targets if t.id == notification.target), None)


def followers(
    notification: Notification, history: Sequence[Notification], alerting: Alerting, now: Second
) -> list[Notification]:
    """The route's other targets which have had an earlier message about the subject: whoever was
    woken by the opening also reads what became of it."""
    route = _route(alerting, notification.route)
    if route is None:
        return []
    reached = {
        earlier.target
        for earlier in history
        if earlier.delivery is Delivery.SENT and earlier.route == route.id
    }
    return [
        _onward(notification, route, position, now)
        for position, target in enumerate(route.targets)
        if target.id in reached and target.id != notification.target
    ]


def includes(notification: Notification, update: Update) -> bool:
    """Whether an alert that was sent contained an update: its text is made when it is sent, with
    all updates written by then."""
    if notification.sent_at is None or notification.kind not in _ALERTS:
        return False
    if notification.kind is EventKind.UPDATE:
        return notification.number >= update.number
    # It may have been sent early, grouped with others, and sending may have taken a while.
    worded_at = min(notification.due_at, notification.sent_at)
    return update.number == 1 or update.at < worded_at


def was_given_up(notification: Notification, history: Sequence[Notification]) -> bool:
    """Whether an earlier message about the subject never reached this target."""
    return any(
        earlier.target == notification.target and earlier.delivery is Delivery.FAILED
        for earlier in history
    )


def reaches_nobody(tried: Sequence[Notification], alerting: Alerting) -> bool:
    """Whether alerts reach nobody: on each route of those that were tried, whatever was tried since
    the last delivered message failed, and not only once. `tried` is newest first."""
    by_route: dict[str, list[Notification]] = {}
    for notification in tried:
        by_route.setdefault(notification.route, []).append(notification)
    known = [by_route[route.id] for route in alerting.routes if route.id in by_route]
    return bool(known) and all(map(is_failing, known))


def is_failing(tried: Sequence[Notification]) -> bool:
    """Whether what was tried on one route since its last delivered message failed, and not only
    once. Newest first."""
    for notification in tried:
        if notification.delivery is Delivery.SENT:
            return False
        if notification.delivery is Delivery.FAILED or notification.attempts > 1:
            return True
    return False


def after_success() -> AttemptOutcome:
    return AttemptOutcome(delivery=Delivery.SENT)


def after_transient(
    notification: Notification,
    alerting: Alerting,
    now: Second,
    reason: str,
    retry_after: float | None = None,
    *,
    has_failed_before: bool = False,
) -> AttemptOutcome:
    """Try again later, unless there is another target and this one has used up its attempts.

    `has_failed_before`: an earlier message about the same subject was given up here already, so
    that one attempt is enough.
    """
    has_next = bool(_next(notification, alerting, now))
    asked = min(retry_after or 0.0, LONGEST_WAIT_ASKED)
    tries = TRIES_BEFORE_NEXT if has_next else TRIES_IN_ALL
    gives_up = notification.attempts + 1 >= (1 if has_next and has_failed_before else tries)
    if gives_up or (has_next and asked > _PATIENCE):
        return after_permanent(notification, alerting, now, reason)
    wait = max(backoff(notification), int(asked) + (asked > int(asked)))
    return AttemptOutcome(delivery=Delivery.PENDING, error=reason, retry_at=Second(now + wait))


def after_permanent(
    notification: Notification, alerting: Alerting, now: Second, reason: str
) -> AttemptOutcome:
    """Given up here; the same event is pending for the route's next target at once."""
    return AttemptOutcome(
        delivery=Delivery.FAILED, error=reason, follow_ups=_next(notification, alerting, now)
    )


def after_refusal(
    notification: Notification, alerting: Alerting, now: Second, reason: str
) -> AttemptOutcome:
    """Given up where there is another target. The last one of a route is tried again for long: what
    refuses now may be in the middle of being deployed."""
    has_next = bool(_next(notification, alerting, now))
    if has_next or notification.attempts + 1 >= TRIES_IN_ALL:
        return after_permanent(notification, alerting, now, reason)
    retry_at = Second(now + backoff(notification))
    return AttemptOutcome(delivery=Delivery.PENDING, error=reason, retry_at=retry_at)


def after_removal(
    notification: Notification, incident: Incident | None, alerting: Alerting, now: Second
) -> AttemptOutcome:
    """The target has left the configuration: the message is enqueued for whoever is there now."""
    kind, number = notification.kind, notification.number
    others = pending(incident, kind, number, alerting, now) if incident else []
    reason = f"target {notification.target} is no longer configured"
    return AttemptOutcome(delivery=Delivery.FAILED, error=reason, follow_ups=tuple(others))


def backoff(notification: Notification) -> int:
    """Seconds until the next attempt: doubled each time, a fifth more or less by chance, the same
    chance whenever the same attempt is decided again.

    A relay that comes back does not get all messages in the same second.
    """
    step = min(LONGEST_RETRY, FIRST_RETRY << min(notification.attempts, 10))
    seed = f"{notification.event}|{notification.target}|{notification.attempts}"
    share = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big") / 2**32
    return max(1, round(step * (0.8 + 0.4 * share)))


def _next(notification: Notification, alerting: Alerting, now: Second) -> tuple[Notification, ...]:
    route = _route(alerting, notification.route)
    if route is None or notification.position + 1 >= len(route.targets):
        return ()
    return (_onward(notification, route, notification.position + 1, now),)


def _route(alerting: Alerting, wanted: str) -> Route | None:
    return next((route for route in alerting.every_route if route.id == wanted), None)


def _first(
    route: Route, event: str, kind: EventKind, subject: str, number: int, due_at: Second
) -> Notification:
    return Notification(
        event=event,
        target=route.targets[0].id,
        route=route.id,
        position=0,
        kind=kind,
        subject=subject,
        number=number,
        due_at=due_at,
    )


def _onward(
    notification: Notification, route: Route, position: int, due_at: Second
) -> Notification:
    return Notification(
        event=notification.event,
        target=route.targets[position].id,
        route=route.id,
        position=position,
        kind=notification.kind,
        subject=notification.subject,
        number=notification.number,
        due_at=due_at,
    )
