"""A journal with subscribers, incidents in it, a core that reads inboxes, and a dispatcher."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TypeVar

from monitor.alerting.channels.email import EmailSpec, MailConnection, Security
from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import Catalogue, CatalogueRevision, Subscribers
from monitor.domain.change import MACHINE
from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import Incident, Phase
from monitor.domain.subscriptions.links import Links
from monitor.domain.subscriptions.subscription import (
    Subscription,
    SubscriptionId,
    SubscriptionState,
    Wanted,
)
from monitor.domain.subscriptions.wishes import CONFIRMED, REQUESTED, Request, about, body_of
from monitor.domain.text import Text
from monitor.domain.time.interval import Second
from monitor.i18n.ways import read_any_contact
from monitor.inbox.file import Inbox, InboxReader
from monitor.journal.access import SqlJournal, open_journal, open_journal_to_read
from monitor.runtime.tasks import OnThread
from monitor.subscribers.channels.kind import Connection, Route
from monitor.subscribers.channels.told_page import Pages, told_pages
from monitor.subscribers.deliveries import Deliveries
from monitor.subscribers.dispatcher import SubscriberDispatcher
from monitor.subscribers.mails import MailWriter
from monitor.subscribers.reception import Reception
from probes.registry import all_failures
from tests.journal.builders import incident, update
from tests.support.clock import FakeClock
from tests.support.journals import new_journal
from tests.support.worlds import T0, catalogue

T = TypeVar("T")
KEY = bytes(range(32))
LINKS = Links(KEY)
SENDER = "Estado <estado@example.com>"


class SubscribersWorld:
    def __init__(self, folder: Path, made: Catalogue | None = None) -> None:
        self.folder = folder
        self.url = new_journal(folder / "journal.db")
        self.journal: SqlJournal = open_journal(self.url)
        self.clock = FakeClock(T0)
        self.catalogue = made or catalogue()
        revision = CatalogueRevision(
            number=1, hash="x", text="", effective_from=T0, catalogue=self.catalogue
        )
        self.catalogues = Catalogues([revision])
        self.inbox = Inbox(folder / "page" / "inbox.db")
        self.reports = Inbox(folder / "subscribers-inbox.db")
        self.deliveries = Deliveries(folder / "deliveries.db")
        self._numbers = count(1)
        self.reception = self.received()

    @property
    def pages(self) -> Pages:
        return told_pages(self.catalogue, Subscribers(sender=SENDER, host="127.0.0.1"))

    def received(self) -> Reception:
        """As a core that begins."""
        inboxes = [InboxReader(self.folder / "page" / "inbox.db"),
                   InboxReader(self.folder / "subscribers-inbox.db")]  # fmt: skip
        return Reception(
            self.journal, inboxes, KEY, self.clock, lambda: f"s{next(self._numbers):011d}"
        )

    def follow(self) -> None:
        self.reception.follow(self.catalogue)

    def request(
        self, address: str, wanted: Wanted | None = None, locale: str = "es", kind: str = "email"
    ) -> None:
        """Sent by the form, and taken up."""
        contact = read_any_contact(kind, address)
        asked = Request(contact=contact, wanted=wanted or Wanted(), locale=locale)
        self.inbox.append(REQUESTED, body_of(asked))
        self.follow()

    def confirm(self, id_: SubscriptionId) -> None:
        self.inbox.append(CONFIRMED, about(id_))
        self.follow()

    def subscribe(
        self, address: str, wanted: Wanted | None = None, kind: str = "email"
    ) -> SubscriptionId:
        """Asked for and confirmed."""
        self.request(address, wanted, kind=kind)
        (asked,) = [s for s in self.listed() if s.state is SubscriptionState.PENDING]
        self.confirm(asked.id)
        return asked.id

    def listed(self) -> Sequence[Subscription]:
        with self.journal.transaction() as tx:
            return tx.subscriptions.listed("", 100_000)

    def get(self, id_: SubscriptionId) -> Subscription:
        with self.journal.transaction() as tx:
            found = tx.subscriptions.get(id_)
        assert found is not None
        return found

    def fall(self, name: str = "k3f9a2", component: str = "web") -> Incident:
        """An incident with its first update, now."""
        now = self.clock.now()
        made = incident(name, start=now - 120)
        part = replace(made.affected[0], component=ComponentId(component))
        opened = replace(made, affected=(part,), created_at=now, updates=(update(1, now),))
        return self._save(opened, "opened")

    def write(self, of: Incident, words: str, *, phase: Phase = Phase.INVESTIGATING) -> Incident:
        """One more update; with the resolution everything ends."""
        now = self.clock.now()
        number = len(of.updates) + 1
        said = replace(update(number, now), phase=phase, machine=Text({"es": words, "en": words}))
        after = replace(of, phase=phase, updates=(*of.updates, said))
        if phase is Phase.RESOLVED:
            parts = tuple(replace(p, end=now) for p in of.affected)
            after = replace(after, affected=parts, monitoring_at=now, resolved_at=now)
        return self._save(after, "updated")

    def _save(self, changed: Incident, verb: str) -> Incident:
        with self.journal.transaction() as tx:
            saved = tx.incidents.save(changed)
            tx.changes.append([MACHINE.change(self.clock.now(), f"incident.{verb}", saved.id)])
        return saved

    def dispatcher(
        self, port: int, connections: int = 2, *, per_minute: int | None = None,
        made: Sequence[Connection] | None = None, kind: str = "email", route: Route | None = None,
        waits: list[float] | None = None,
        on_thread: OnThread | None = None,
        sleep: Callable[[float], Awaitable[None]] | None = None,
    ) -> SubscriberDispatcher:  # fmt: skip
        spec = EmailSpec(
            host="127.0.0.1", port=port, security=Security.NONE, sender=SENDER,
            recipients=(SENDER,), timeout_s=5,
        )  # fmt: skip

        async def passing(seconds: float) -> None:
            if waits is not None:
                waits.append(seconds)
            self.clock.advance(seconds)

        mails = self.deliveries
        of_kind = mails if kind == "email" else Deliveries(self.folder / f"deliveries-{kind}.db")
        return SubscriberDispatcher(
            journal=open_journal_to_read(self.url),
            catalogues=lambda: self.catalogues,
            deliveries=of_kind,
            inbox=self.reports,
            kind=kind,
            route=route
            or Route(
                writer=MailWriter(pages=self.pages, links=LINKS),
                connections=made or [MailConnection(spec) for _ in range(connections)],
                per_minute=per_minute,
            ),
            clock=self.clock,
            on_thread=on_thread or at_once,
            sleep=sleep or passing,
            failures=all_failures(),
        )


async def at_once(work: Callable[[], T]) -> T:
    return work()


SOON = Second(T0 + 60)
