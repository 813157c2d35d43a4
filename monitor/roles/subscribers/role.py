"""The subscribers role: it tells who asked to be told. It reads the journal, and writes only which
message it sent to whom; without subscribers in the configuration it waits."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import structlog

from monitor.alerting.channels.email import MailConnection
from monitor.alerting.channels.kind import ChannelDependencies
from monitor.catalogues.in_force import Catalogues
from monitor.catalogues.shown import PageId
from monitor.domain.catalogue import Bounces, Page, Subscribers
from monitor.domain.subscriptions.links import Links
from monitor.domain.subscriptions.subscription import SubscriptionId
from monitor.domain.subscriptions.wishes import BOUNCED, about
from monitor.domain.time.clock import read_clock
from monitor.i18n.ways import is_of_others
from monitor.inbox.file import Inbox
from monitor.inbox.ports import InboxFull, InboxUnavailable
from monitor.inbox.read_so_far import read_so_far
from monitor.journal.access import SqlJournal, open_journal_to_read
from monitor.journal.ports import JournalError
from monitor.net.egress_guard import egress_guard, strangers_guard
from monitor.results.log.file import LogTaken, WriterLock
from monitor.roles.catalogues.followed import FollowedCatalogues
from monitor.roles.exit_codes import EXIT_CANNOT_RUN
from monitor.roles.journal import revealed_url
from monitor.roles.registries import all_failures
from monitor.roles.settings import (
    brand_published_dir,
    catalogue_file,
    deliveries_file,
    inboxes_read_file,
    journal_url,
    published_dir,
    subscribers_inbox_file,
    subscribers_key_file,
)
from monitor.roles.starting import begin_role, role_parser, wait_for_catalogues
from monitor.roles.subscribers.page_status import PageStatuses
from monitor.roles.subscribers.past import KnownCatalogues
from monitor.runtime.key_file import read_key
from monitor.runtime.logs import configure_logs
from monitor.runtime.system_clock import SystemClock
from monitor.runtime.tasks import until_one_ends
from monitor.subscribers.bounce_folder import read_folder
from monitor.subscribers.channels.email import mail_spec
from monitor.subscribers.channels.kind import Listening, Route, RouteDependencies
from monitor.subscribers.channels.registry import SUBSCRIBER_CHANNELS
from monitor.subscribers.channels.told_page import told_pages
from monitor.subscribers.clients.dispatcher import ClientDispatcher
from monitor.subscribers.clients.mails import ClientMailWriter
from monitor.subscribers.deliveries import Deliveries, DeliveriesUnavailable
from monitor.subscribers.dispatcher import SubscriberDispatcher
from monitor.subscribers.progress import Progress
from monitor.subscribers.reporting import InboxListening

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

_T = TypeVar("_T")
WATCH_EVERY_S = 2.0
ALIVE_EVERY_S = 5.0
PRUNE_EVERY_S = 60.0
BOUNCES_EVERY_S = 60.0
_AGAIN_S = 5.0
_CLIENTS = "clients"


class SubscribersRole:
    """Dispatches by the configuration in force, and anew where another one comes into force."""

    def __init__(self, data_dir: Path, catalogues: Catalogues) -> None:
        self._data_dir = data_dir
        self._clock = SystemClock()
        self._followed = FollowedCatalogues(catalogue_file(data_dir), catalogues, self._clock)
        self._deliveries = dict[str, Deliveries]()
        self._inbox = Inbox(subscribers_inbox_file(data_dir))
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="deliveries")
        self._stop = asyncio.Event()
        self._log = structlog.get_logger()

    async def run(self) -> None:
        """Until SIGTERM."""
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, lambda: None)
        try:
            await until_one_ends(
                dispatch=self._dispatch_each(),
                prune=self._prune_forever(),
                stop=self._stop.wait(),
            )
        finally:
            self._thread.shutdown(cancel_futures=True)
            self._inbox.close()
            for deliveries in self._deliveries.values():
                deliveries.close()

    async def _on_thread(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _dispatch_each(self) -> None:
        while True:
            catalogue = self._followed.in_force
            subscribers = catalogue.subscribers
            if subscribers is None:
                await self._wait_for_another(subscribers, catalogue.page)
                continue
            try:
                await until_one_ends(
                    watch=self._wait_for_another(subscribers, catalogue.page),
                    dispatch=self._dispatch(subscribers, catalogue.page),
                )
            except (
                JournalError, DeliveriesUnavailable, InboxFull, InboxUnavailable, OSError,
                ValueError,
            ) as error:  # fmt: skip
                self._log.error("subscribers.cannot_dispatch", error=str(error))
                await asyncio.sleep(_AGAIN_S)
                self._followed.look()

    async def _dispatch(self, subscribers: Subscribers, page: Page) -> None:
        """Raises what opening the journal and the key does."""
        configured = self._followed.in_force.operations.journal_url
        url = revealed_url(journal_url(self._data_dir, configured))
        key = read_key(subscribers_key_file(self._data_dir))
        with contextlib.closing(open_journal_to_read(url)) as journal:
            given = RouteDependencies(
                subscribers=subscribers,
                pages=told_pages(self._followed.in_force, subscribers),
                locales=page.locales,
                links=Links(key),
                exchange=ChannelDependencies(clock=self._clock, admit=strangers_guard),
                own_exchange=ChannelDependencies(
                    clock=self._clock, admit=egress_guard(self._private)
                ),
                status=PageStatuses(self._published(page), self._clock),
            )
            known = KnownCatalogues(journal)
            routes = self._routes(subscribers.kinds, given)
            await until_one_ends(
                bounces=self._read_bounces(subscribers.bounces, Links(key)),
                clients=self._clients(journal, subscribers, page),
                **{
                    f"dispatch_{kind}": self._tell(journal, known, kind, route)
                    for kind, route in routes.items()
                },
                **{
                    f"listen_{kind}": self._listen(route.listen)
                    for kind, route in routes.items()
                    if route.listen is not None
                },
            )

    def _routes(self, kinds: Sequence[str], given: RouteDependencies) -> Mapping[str, Route]:
        """Without those whose plugin cannot be used: the others go on."""
        found = dict[str, Route]()
        for kind in kinds:
            try:
                found[kind] = SUBSCRIBER_CHANNELS[kind].open(given)
            except Exception as error:
                # Of ours, what is wrong is said and tried again by who asks; a plugin's may be
                # anything.
                if not is_of_others(kind):
                    raise
                why = f"{type(error).__name__}: {error}"
                self._log.error("subscribers.channel_unusable", kind=kind, error=why)
        return found

    def _published(self, page: Page) -> Mapping[PageId, Path]:
        brands: dict[PageId, Path] = {
            one.id: brand_published_dir(self._data_dir, one) for one in page.brand_pages
        }
        return {None: published_dir(self._data_dir), **brands}

    async def _read_bounces(self, bounces: Bounces | None, links: Links) -> None:
        """For ever. A folder that cannot be read is said once, until it can; mails that came back
        wait for an inbox that is full."""
        if bounces is None:
            await asyncio.Event().wait()
            return
        is_failing = False
        while True:
            try:
                await self._on_thread(
                    partial(read_folder, Path(bounces.maildir), links, self._report_gone)
                )
                is_failing = False
            except (OSError, InboxFull, InboxUnavailable) as error:
                if not is_failing:
                    why = error.strerror if isinstance(error, OSError) else str(error)
                    self._log.error("subscribers.bounces_unreadable", error=why)
                is_failing = True
            await asyncio.sleep(BOUNCES_EVERY_S)

    def _report_gone(self, subscription: SubscriptionId) -> None:
        self._inbox.append(BOUNCED, about(subscription))

    def _private(self) -> tuple[str, ...]:
        return tuple(self._followed.in_force.operations.allow_private)

    def _deliveries_of(self, kind: str) -> Deliveries:
        if kind not in self._deliveries:
            self._deliveries[kind] = Deliveries(deliveries_file(self._data_dir, kind))
        return self._deliveries[kind]

    async def _tell(
        self, journal: SqlJournal, known: KnownCatalogues, kind: str, route: Route
    ) -> None:
        """Tell subscribers of one kind, for ever."""
        dispatcher = SubscriberDispatcher(
            journal=journal,
            catalogues=lambda: known.read(self._clock.now()),
            deliveries=self._deliveries_of(kind),
            inbox=self._inbox,
            kind=kind,
            route=route,
            clock=self._clock,
            on_thread=self._on_thread,
            failures=all_failures(),
        )
        await until_one_ends(
            dispatch=dispatcher.run(), alive=self._stay_alive(kind, dispatcher.progress)
        )

    async def _listen(self, listen: Callable[[Listening], Awaitable[None]]) -> None:
        await listen(InboxListening(self._inbox, self._on_thread))

    async def _clients(self, journal: SqlJournal, subscribers: Subscribers, page: Page) -> None:
        """Tell clients of their credits, where that is wanted."""
        if not subscribers.tells_clients:
            await asyncio.Event().wait()
        dispatcher = ClientDispatcher(
            journal=journal,
            deliveries=self._deliveries_of(_CLIENTS),
            writer=ClientMailWriter(
                sender=subscribers.sender, name=page.name,
                zone=self._followed.in_force.zone,
            ),
            connection=MailConnection(mail_spec(subscribers)),
            clock=self._clock,
            on_thread=self._on_thread,
        )  # fmt: skip
        await until_one_ends(
            dispatch=dispatcher.run(), alive=self._stay_alive(_CLIENTS, dispatcher.progress)
        )

    async def _wait_for_another(self, subscribers: Subscribers | None, page: Page) -> None:
        """Until another configuration of subscribers or of the page is in force."""
        while True:
            await asyncio.sleep(WATCH_EVERY_S)
            self._followed.look()
            now = self._followed.in_force
            if (now.subscribers, now.page) != (subscribers, page):
                return

    async def _stay_alive(self, kind: str, progress: Progress) -> None:
        """Note it for as long as the dispatcher comes any further."""
        alive = self._deliveries_of(kind).note_alive
        while True:
            if not progress.is_stuck:
                with contextlib.suppress(DeliveriesUnavailable):
                    await self._on_thread(partial(alive, read_clock(self._clock)))
            await asyncio.sleep(ALIVE_EVERY_S)

    async def _prune_forever(self) -> None:
        while True:
            with contextlib.suppress(InboxUnavailable):
                await self._on_thread(self._prune)
            await asyncio.sleep(PRUNE_EVERY_S)

    def _prune(self) -> None:
        if subscribers_inbox_file(self._data_dir).exists():
            read = read_so_far(inboxes_read_file(self._data_dir), self._inbox.lineage())
            self._inbox.prune(read)


def main(argv: list[str] | None = None) -> int:
    given = begin_role(role_parser("subscribers"), argv, lambda: configure_logs("subscribers"))
    catalogues = wait_for_catalogues(given.data_dir)
    try:
        lock = WriterLock(deliveries_file(given.data_dir))
    except LogTaken as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_CANNOT_RUN
    except OSError as error:
        structlog.get_logger().error("subscribers.cannot_write", error=str(error))
        return 1
    try:
        asyncio.run(SubscribersRole(given.data_dir, catalogues).run())
    finally:
        lock.release()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
