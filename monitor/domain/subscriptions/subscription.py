"""A subscription: somebody's wish to be told, and how far it has come."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import Impact, IncidentId
from monitor.domain.time.interval import Second

SubscriptionId = NewType("SubscriptionId", str)
"""Opaque and never used again: logs, changes and deliveries carry it instead of an address."""

CONFIRM_WITHIN_S = 86_400
"""How long the link in a confirmation opens, and how long one confirmation to a mailbox is enough,
however often strangers ask for another."""
MOST_COMPONENTS = 200
_SERIOUS = (Impact.MAJOR, Impact.CRITICAL)


class Severity(StrEnum):
    """From which severity on somebody wants to be told."""

    ANY = "any"
    SERIOUS = "serious"


class SubscriptionState(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    ENDED = "ended"


class Ending(StrEnum):
    """Why a subscription ended. Its address is erased in each case."""

    UNSUBSCRIBED = "unsubscribed"
    UNCONFIRMED = "unconfirmed"
    BOUNCED = "bounced"
    REMOVED = "removed"
    JOINED = "joined"
    """Its mailbox had one like it, which now wants what this one wanted: links in older mails go
    on working."""
    OVER = "over"
    """It was about one incident, and that is resolved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody wants to be told of: one incident, or these components, or everything public
    where neither is named."""

    components: tuple[ComponentId, ...] = ()
    incident: IncidentId | None = None
    severity: Severity = Severity.ANY


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """`kind` names what carries its messages, `locale` is their language, `page` is that of a brand
    where it was asked for; None: the company's own."""

    id: SubscriptionId
    kind: str = "email"
    page: str | None = None
    wanted: Wanted
    locale: str
    state: SubscriptionState
    created_at: Second
    confirmed_at: Second | None = None
    ended_at: Second | None = None
    ending: Ending | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What decides whom a public update concerns. `subject` is the incident or the maintenance
    window, `impact` None for maintenance, which is never serious."""

    subject: str
    components: Collection[ComponentId]
    impact: Impact | None = None
    is_about_all: bool = False
    """It names no component, and so concerns who watches any."""


def concerns(wanted: Wanted, news: News) -> bool:
    """Whether a subscriber is told of an update that is the first one about its subject.

    >>> mail, web = ComponentId("mail"), ComponentId("web")
    >>> fall = News(subject="k3f9", components=[mail], impact=Impact.MINOR)
    >>> concerns(Wanted(components=(web,)), fall), concerns(Wanted(components=(mail,)), fall)
    (False, True)
    >>> concerns(Wanted(severity=Severity.SERIOUS), fall)
    False
    """
    if wanted.incident is not None:
        return wanted.incident == news.subject
    if wanted.severity is Severity.SERIOUS and news.impact not in _SERIOUS:
        return False
    is_watched = not wanted.components or news.is_about_all
    return is_watched or any(c in news.components for c in wanted.components)


def may_ask_to_confirm(asked_at: Iterable[Second], now: Second) -> bool:
    """Whether another confirmation may go to a mailbox that got some at these seconds. A clock that
    was set back allows none too many: what lies ahead counts as now."""
    return all(at + CONFIRM_WITHIN_S <= now for at in asked_at)
