"""A company's night with fixed times: mail falls, the core dies, everything comes back.

Core, page, feed, calendar, archive and mails are the product's own, over a clock that stands still
until the story moves it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import count
from pathlib import Path
from typing import TypeVar

from monitor.domain.catalogue import Catalogue, ConfiguredTerms, Role, Subscribers
from monitor.domain.incidents.incident import IncidentId, Phase
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.subscriptions.contact import read_contact
from monitor.domain.subscriptions.links import Links
from monitor.domain.subscriptions.subscription import SubscriptionState, Wanted
from monitor.domain.subscriptions.wishes import CONFIRMED, REQUESTED, Request, about, body_of
from monitor.domain.text import Text
from monitor.domain.time.interval import Second
from monitor.i18n.formats import Lang
from monitor.inbox.file import Inbox, InboxReader
from monitor.journal.access import open_journal_to_read
from monitor.subscribers.channels.kind import Route
from monitor.subscribers.channels.told_page import told_pages
from monitor.subscribers.deliveries import Deliveries
from monitor.subscribers.dispatcher import SubscriberDispatcher
from monitor.subscribers.mails import MailWriter
from monitor.subscribers.reception import Reception
from probes.mail.smtp import SmtpSpec
from probes.registry import all_failures
from tests.incidents.operators import Desk
from tests.roles.archive_world import Company, local
from tests.statuspage.reading import Document
from tests.support.patience import PATIENCE_S
from tests.support.worlds import DNS, INTERVAL, MAIL, WEB, World, catalogue, look

T = TypeVar("T")
DAY = "2026-11-14"
BEGIN = local(f"{DAY}T02:00")
SENDER = "Estado <estado@example.com>"
KEY = bytes(range(32))
MONTH = date(2026, 11, 1)
_NAMES = {"es": "Estado del Servicio", "en": "Service status", "pt": "Estado do Serviço"}
_TITLES = {
    "es": "Servidores de nombres: cambio de disco",
    "en": "Name servers: disk replacement",
    "pt": "Servidores de nomes: troca de disco",
}
_IMPACTS = {
    "es": "Uno de los dos servidores de nombres se detiene; el otro responde.",
    "en": "One of the two name servers stops; the other one answers.",
    "pt": "Um dos dois servidores de nomes para; o outro responde.",
}


def hosting() -> Catalogue:
    """Three services; mail is taken in at port 25."""
    made = catalogue()
    names = {
        WEB: {"es": "Sitios", "en": "Sites", "pt": "Sites"},
        DNS: {"es": "Servidores de nombres", "en": "Name servers", "pt": "Servidores de nomes"},
        MAIL: {"es": "Recepción de correo", "en": "Incoming mail", "pt": "Recebimento de e-mail"},
    }
    kinds = {"web-check": "http", "dns-check": "dns", "mail-check": "smtp"}
    return replace(
        made,
        page=replace(
            made.page, url="https://estado.example", company="Alojamiento Ejemplo",
            name=Text(_NAMES),
            locales=tuple(Lang),
        ),
        services=tuple(
            replace(service, name=Text({"es": "Correo", "en": "Mail", "pt": "E-mail"}))
            if service.id == "mail" else service
            for service in made.services
        ),
        terms=(ConfiguredTerms(id="default", fields={"guarantee": "0.9989"}),),
        components=tuple(
            replace(c, role=Role.REQUIRED, depends_on=(), name=Text(names[c.id]))
            for c in made.components
        ),
        checks=tuple(
            replace(
                check, kind=kinds[check.id],
                spec=SmtpSpec(host="mx.example.com", port=25) if check.component == MAIL else None,
            )
            for check in made.checks
        ),
    )  # fmt: skip


@dataclass(slots=True)
class Mailbox:
    """What a mail server took, as the dispatcher sends it."""

    mails: list[EmailMessage] = field(default_factory=list)

    async def send(self, recipient: str, mail: bytes) -> None:
        self.mails.append(message_from_bytes(mail, policy=default))

    def close(self) -> None: ...


class Night:
    """`at` moves the story on to a time of that night; what is read then is read by `page` and its
    neighbours."""

    def __init__(self, folder: Path) -> None:
        self.company = Company(folder, World(folder, hosting(), BEGIN))
        self.world = self.company.world
        self.core_is_alive = True
        self.falls: tuple[Second, Second] = (local(f"{DAY}T03:30"), local(f"{DAY}T05:20"))
        self.mailbox = Mailbox()
        self._inbox = Inbox(folder / "page" / "inbox.db")
        numbers = count(1)
        self._reception = Reception(
            self.world.journal, [InboxReader(folder / "page" / "inbox.db")], KEY,
            self.world.clock, lambda: f"s{next(numbers):011d}",
        )  # fmt: skip
        self._dispatcher = SubscriberDispatcher(
            journal=open_journal_to_read(f"sqlite:///{folder / 'journal.db'}"),
            catalogues=lambda: self.world.catalogues,
            deliveries=Deliveries(folder / "deliveries.db"),
            inbox=Inbox(folder / "subscribers-inbox.db"),
            kind="email",
            route=Route(
                writer=MailWriter(
                    pages=told_pages(
                        self.catalogue, Subscribers(sender=SENDER, host="127.0.0.1")
                    ),
                    links=Links(KEY),
                ),
                connections=[self.mailbox],
            ),
            clock=self.world.clock,
            on_thread=at_once, sleep=self._rest, failures=all_failures(),
        )  # fmt: skip
        self._is_idle = asyncio.Event()

    @property
    def catalogue(self) -> Catalogue:
        return self.world.catalogues.revisions[-1].catalogue

    async def at(self, moment: str) -> None:
        """Minute by minute up to `04:33` of that night, or to a whole date."""
        await self.until(local(moment if "T" in moment else f"{DAY}T{moment}"))

    async def until(self, end: Second) -> None:
        world = self.world
        while world.clock.now() < end:
            now = world.clock.now()
            for component in (WEB, DNS, MAIL):
                is_down = component == MAIL and self.falls[0] <= now < self.falls[1]
                world.log.add(look(component, now, "-" if is_down else "+"))
            world.clock.advance(INTERVAL)
            if self.core_is_alive:
                world.core.tick()
        if self.core_is_alive:
            await self.publish()

    async def publish(self) -> None:
        """The pages, and the mails that are due."""
        await self.company.publish()
        await self._tell()

    def write(self, words: str, *, next_s: int) -> None:
        """By an operator, in Spanish alone."""
        text = Text({"es": words})
        Desk(self.world).commands.update(
            self.incident, text=text, phase=Phase.IDENTIFIED, next_s=next_s
        )

    def kill_the_core(self) -> None:
        """The probers go on; nothing is decided or published any more."""
        self.core_is_alive = False

    def start_the_core(self) -> None:
        self.core_is_alive = True
        self.world.restarted()
        self.company.new_archivist()

    def announce(self, start: str, end: str) -> None:
        window = MaintenanceWindow(
            id=MaintenanceId("disco"), title=Text(_TITLES), impact=Text(_IMPACTS),
            start=local(start), end=local(end), components=(DNS,),
        )  # fmt: skip
        with self.world.journal.transaction() as tx:
            saved = tx.maintenance.save(window)
            tx.maintenance.publish([saved.id], self.world.clock.now())

    async def subscribe(self) -> None:
        """One mailbox for each language, asked for and confirmed."""
        for lang in Lang:
            asked = Request(
                contact=read_contact("email", f"{lang}@example.com"),
                wanted=Wanted(),
                locale=lang.value,
            )
            self._inbox.append(REQUESTED, body_of(asked))
        self._reception.follow(self.catalogue)
        await self._tell()
        with self.world.journal.transaction() as tx:
            waiting = [
                s for s in tx.subscriptions.listed("", 10) if s.state is SubscriptionState.PENDING
            ]
        for one in waiting:
            self._inbox.append(CONFIRMED, about(one.id))
        self._reception.follow(self.catalogue)
        await self._tell()
        self.mailbox.mails.clear()

    async def _tell(self) -> None:
        """Until the dispatcher has nothing to do."""
        self._is_idle.clear()
        running = asyncio.create_task(self._dispatcher.run())
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._is_idle.wait()
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def _rest(self, _: float) -> None:
        self._is_idle.set()
        await asyncio.Event().wait()

    @property
    def incident(self) -> IncidentId:
        (found,) = self.company.incidents()
        return IncidentId(found)

    def page(self, path: str) -> Document:
        return self.company.page(path)

    def mails(self, lang: Lang) -> Sequence[EmailMessage]:
        return [m for m in self.mailbox.mails if m["To"] == f"{lang}@example.com"]


async def at_once(work: Callable[[], T]) -> T:
    return work()
