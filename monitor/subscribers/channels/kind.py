"""What a way of telling subscribers is: who writes what is sent, and what carries it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from monitor.alerting.channels.kind import ChannelDependencies
from monitor.alerting.ports import Transient
from monitor.catalogues.shown import PageId
from monitor.domain.catalogue import Subscribers
from monitor.domain.checks.observation import Json
from monitor.domain.subscriptions.contact import Contact
from monitor.domain.subscriptions.links import Links
from monitor.domain.subscriptions.subscription import Subscription, SubscriptionId
from monitor.domain.subscriptions.wishes import Request
from monitor.domain.time.interval import Second
from monitor.i18n.formats import Lang
from monitor.i18n.ways import WayKind
from monitor.subscribers.announcements import Said
from monitor.subscribers.channels.told_page import Pages


class ReceiverMissing(Transient):
    """There is nobody just now, as while a program is put up anew; who is still missing when it is
    given up is gone."""


class ReceiverMoved(Exception):
    """Whoever was there is at another address, and gets what is sent there. Its message names
    neither."""

    def __init__(self, to: str) -> None:
        super().__init__("at another address")
        self.to = to


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A public update to be written; `key` and `subject` are the announcement's, `at` is when it
    is dated."""

    key: str
    subject: str
    said: Mapping[str, Said]
    at: Second

    def said_in(self, lang: Lang) -> Said:
        return self.said.get(lang) or next(iter(self.said.values()))


class Writer(Protocol):
    """Writes what one configuration's pages send, each to whoever subscribed there. Equal calls
    give the same id of a message. Both raise Transient where what they repeat cannot be read just
    now, and where that page is not in the configuration."""

    def confirmation(self, asked: Subscription, address: str, now: Second) -> bytes:
        """The one message to an address that nobody has confirmed yet: nothing of it is anybody's
        own text, so that no stranger can have us send theirs."""
        ...

    def update(self, update: Update, to: Subscription, address: str) -> bytes: ...


class Connection(Protocol):
    """Sends one message after the other."""

    async def send(self, address: str, written: bytes, /) -> None:
        """Raises ReceiverGone, ReceiverMissing, ReceiverMoved, ServerAway, Transient, Permanent. No
        reason that is raised names the address, nor repeats what was answered: it goes into the
        log."""
        ...

    def close(self) -> None: ...


class Listening(Protocol):
    """What a listener has: where it reports to, and who is at an address now."""

    async def ask(self, request: Request, /) -> None:
        """Hand over what somebody asked for. Raises Transient where nothing is taken just now."""
        ...

    async def move(self, contact: Contact, to: Contact, /) -> None:
        """Whoever is at an address is at another one from now on. As `ask`."""
        ...

    async def end(self, contact: Contact, /) -> None:
        """Whoever is at that address wants no more, of what was asked for before. As `ask`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One kind under one configuration. `takes_records` where updates are sent as data too;
    `confirms_last` where strangers choose who is asked, who may let us wait: then no update waits
    for what nobody has confirmed; `destination` says of an address who answers there, where one may
    take its time without the others;
    `listen` runs beside it, where people speak to us in the same way."""

    writer: Writer
    connections: Sequence[Connection]
    per_minute: int | None = None
    takes_records: bool = False
    confirms_last: bool = False
    destination: Callable[[str], str] | None = None
    listen: Callable[[Listening], Awaitable[None]] | None = None


Status = Callable[[PageId], Mapping[str, Json]]
"""What a page says of everything, as its `/api/v2` has it. Raises Transient where that cannot be
read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteDependencies:
    """What a route is made of. `exchange` is for requests to addresses of strangers, and its guard
    admits public addresses alone; `own_exchange` is for what the configuration names. `locales` are
    the languages that are published, the default one first."""

    subscribers: Subscribers
    pages: Pages
    locales: Sequence[str]
    links: Links
    exchange: ChannelDependencies
    own_exchange: ChannelDependencies
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberChannel(WayKind):
    """How an address of ours is read stands in `monitor.domain.subscriptions.contact`, and its
    words in the languages; one of another distribution has both as its `way`."""

    open: Callable[[RouteDependencies], Route]
    summary: str


def lang_of(subscription: Subscription) -> Lang:
    return Lang(subscription.locale) if subscription.locale in list(Lang) else Lang.ES


def event_id(key: str, to: SubscriptionId) -> str:
    """The same whenever the same message goes to the same subscriber, so that whoever gets it
    twice can tell."""
    return f"{key}|{to}"
