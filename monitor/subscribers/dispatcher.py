"""Tells subscribers: what is new in the journal is planned for everybody it concerns, then sent
over a bounded number of connections, each message to each subscriber once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import structlog

from monitor.alerting.ports import Permanent, ReceiverGone, ServerAway, Transient
from monitor.catalogues.in_force import Catalogues
from monitor.domain.change import Change
from monitor.domain.incidents.incident import IncidentId
from monitor.domain.leaky_bucket import LeakyBucket, Limit
from monitor.domain.subscriptions.contact import Contact
from monitor.domain.subscriptions.subscription import (
    Subscription,
    SubscriptionId,
    SubscriptionState,
    concerns,
)
from monitor.domain.subscriptions.wishes import BOUNCED, OVER, about
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.inbox.ports import InboxWriter
from monitor.journal.ports import JournalError
from monitor.runtime.kill_points import reached
from monitor.runtime.tasks import OnThread
from monitor.subscribers.announcements import OLD_S, Announcement, announcements
from monitor.subscribers.channels.kind import Connection, ReceiverMissing, Route, Update
from monitor.subscribers.deliveries import Deliveries, Due, Planned, Recorded
from monitor.subscribers.ports import SubscribersJournal, SubscribersTransaction
from monitor.subscribers.progress import Progress
from monitor.subscribers.reporting import Reporter

POLL_S = 1.0
MAINTENANCE_EVERY_S = 10.0
"""Steps of maintenance come with the time, without a change."""
CHANGES_AT_ONCE = 500
BATCH = 400
MOST_WAITING = 10_000
GIVE_UP_AFTER_S = 86_400
CONFIRM_LAST_S = 3_600
"""How long a confirmation is tried that goes last: whoever asked for it is there."""
_FIRST, _LAST = 0, 100
"""Ranks of confirmations: an update begins at 1, and each attempt adds one."""
KEPT_S = 30 * 86_400
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0
_REQUESTED = "subscription.requested"
_CONFIRMED = "subscription.confirmed"


@dataclass(slots=True)
class Recorder:
    """Records outcomes of all connections together: one commit for as many as wait for it."""

    deliveries: Deliveries
    on_thread: OnThread
    _waiting: list[tuple[Recorded, asyncio.Future[None]]] = field(default_factory=list)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def record(self, outcome: Recorded) -> None:
        """Returns once it is on the disk."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((outcome, done))
        self._woken.set()
        await done

    async def run(self) -> None:
        """For ever. Raises DeliveriesUnavailable."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            together, self._waiting = self._waiting, []
            await self.on_thread(partial(self.deliveries.record, [r for r, _ in together]))
            for _, done in together:
                done.set_result(None)


class SubscriberDispatcher:
    """Tells subscribers of one kind. `route` follows the configuration in force; `inbox` is what
    the core reads."""

    def __init__(
        self,
        *,
        journal: SubscribersJournal,
        catalogues: Callable[[], Catalogues],
        deliveries: Deliveries,
        inbox: InboxWriter,
        kind: str,
        route: Route,
        clock: Clock,
        on_thread: OnThread,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._journal = journal
        self._catalogues = catalogues
        self._deliveries = deliveries
        self._reporter = Reporter(inbox=inbox, on_thread=on_thread, sleep=sleep)
        self._kind = kind
        self._route = route
        most = route.per_minute
        self._limit = None if most is None else Limit(most=most, window_s=60)
        self._bucket = LeakyBucket()
        self._clock = clock
        self._on_thread = on_thread
        self._sleep = sleep
        self._recorder = Recorder(deliveries, on_thread)
        self.progress = Progress(clock)
        self._looked_at: float | None = None
        self._pause_s = 0.0
        self._is_away = False
        self._log = structlog.get_logger()

    async def run(self) -> None:
        """For ever. Raises DeliveriesUnavailable."""
        recording = asyncio.create_task(self._recorder.run(), name="record")
        sending = asyncio.create_task(self._forever(), name="send")
        try:
            done, _ = await asyncio.wait((recording, sending), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (recording, sending):
                task.cancel()
            await asyncio.gather(recording, sending, return_exceptions=True)
            for connection in self._route.connections:
                connection.close()

    async def _forever(self) -> None:
        while True:
            self.progress.note()
            try:
                is_behind = await self._on_thread(self.look)
                sent = await self._send_due()
            except JournalError as error:
                self._log.error("subscribers.journal_failed", error=str(error))
                is_behind, sent = False, 0
            if self._pause_s:
                self.progress.note(self._pause_s)
                await self._sleep(self._pause_s)
            elif not sent and not is_behind:
                await self._sleep(POLL_S)

    def look(self) -> bool:
        """Plan what is new; returns whether there is more. Raises JournalError,
        DeliveriesUnavailable."""
        moment, cursor = self._clock.monotonic(), self._deliveries.cursor()
        with self._journal.transaction() as tx:
            last = tx.changes.last()
            is_due = self._looked_at is None or moment - self._looked_at >= MAINTENANCE_EVERY_S
            if cursor == last and not is_due:
                return False
            changes = [] if cursor is None else tx.changes.since(cursor, CHANGES_AT_ONCE)
            read = changes[-1].seq if changes else last
            planned = self._plan(tx, changes, is_first=cursor is None)
        self._deliveries.plan(planned, read, self._clock.now())
        if is_due:
            self._deliveries.forget(Second(self._clock.now() - KEPT_S))
        self._looked_at = moment
        return read < last

    def _plan(
        self, tx: SubscribersTransaction, changes: Sequence[Change], *, is_first: bool
    ) -> list[Planned]:
        """At the first time everything that is public already was told before, to nobody."""
        now = self._clock.now()
        touched = {c.subject for c in changes if c.kind.startswith("incident.")}
        unresolved = {str(i.id) for i in tx.incidents.unresolved()}
        wanted = [IncidentId(one) for one in sorted(touched | unresolved)]
        found = self._announcements(tx, wanted, now)
        known = self._deliveries.known([one.key for one in found])
        asked = [SubscriptionId(c.subject) for c in changes if c.kind == _REQUESTED]
        waiting = tx.subscriptions.unconfirmed(now, MOST_WAITING) if is_first else ()
        unconfirmed = [
            one
            for one in (*tx.subscriptions.some(asked), *waiting)
            if one.kind == self._kind and one.state is SubscriptionState.PENDING
        ]
        rank = _LAST if self._route.confirms_last else _FIRST
        planned = list(_confirmations(unconfirmed, rank))
        news = self._with_records(tx, [one for one in found if one.key not in known], now)
        confirmed = list(tx.subscriptions.confirmed(self._kind)) if news and not is_first else []
        for one in news:
            is_old = one.at < now - OLD_S
            ids = [] if is_old else self._concerned(one, confirmed, planned)
            planned.append(_planned(one, ids))
        planned += self._late(tx, changes)
        return planned

    def _announcements(
        self, tx: SubscribersTransaction, wanted: Sequence[IncidentId], now: Second
    ) -> Sequence[Announcement]:
        return announcements(tx, self._catalogues(), wanted, now)

    def _with_records(
        self, tx: SubscribersTransaction, news: Sequence[Announcement], now: Second
    ) -> Sequence[Announcement]:
        """The same as data too, where this kind sends that, with what became of components."""
        if not self._route.takes_records or not news:
            return news
        keys, subjects = {one.key for one in news}, {IncidentId(one.news.subject) for one in news}
        found = announcements(tx, self._catalogues(), sorted(subjects), now, records_of=keys)
        return [one for one in found if one.update in keys]

    def _concerned(
        self, told: Announcement, confirmed: Sequence[Subscription], planned: Sequence[Planned]
    ) -> list[SubscriptionId]:
        """Whom it concerns, and who was told of the same subject before: whoever heard of a
        beginning hears of the end."""
        before = self._deliveries.told_of(told.news.subject)
        for one in planned:
            if one.subject == told.news.subject:
                before.update(one.subscriptions)
        return [s.id for s in confirmed if s.id in before or concerns(s.wanted, told.news)]

    def _late(self, tx: SubscribersTransaction, changes: Sequence[Change]) -> Iterator[Planned]:
        """Who confirmed that they want to hear of an incident once it was resolved is told so."""
        ids = [SubscriptionId(c.subject) for c in changes if c.kind == _CONFIRMED]
        for one in tx.subscriptions.some(ids):
            if one.kind != self._kind or one.state is not SubscriptionState.CONFIRMED:
                continue
            if one.wanted.incident is None:
                continue
            now = self._clock.now()
            told = self._announcements(tx, [one.wanted.incident], now)
            own = [a for a in told if a.news.subject == one.wanted.incident]
            if own and own[-1].is_last:
                (last, *_) = self._with_records(tx, own[-1:], now)
                yield _planned(last, [one.id])

    async def _send_due(self) -> int:
        """One batch; returns how many left. After it the server may need a rest."""
        due = await self._on_thread(lambda: self._deliveries.due(self._clock.now(), BATCH))
        if not due:
            self._pause_s = 0.0
            return 0
        if self._route.confirms_last and not due[0].said:
            # Nothing else waits. What comes meanwhile waits for one answer at the most.
            due = due[: len(self._route.connections)]
        subscriptions, contacts = await self._on_thread(lambda: self._people(due))
        jobs = iter(due)
        is_stopped = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as working:
                for connection in self._route.connections:
                    working.create_task(
                        self._work(connection, jobs, subscriptions, contacts, is_stopped)
                    )
        except ExceptionGroup as group:
            # One file that fails, fails for all of them.
            raise group.exceptions[0] from group
        if not is_stopped.is_set():
            self._pause_s = 0.0
        return len(due)

    def _people(
        self, due: Sequence[Due]
    ) -> tuple[Mapping[SubscriptionId, Subscription], Mapping[SubscriptionId, Contact]]:
        """Read when it leaves, and not when it was planned: who unsubscribed since gets nothing."""
        ids = {one.subscription for one in due}
        with self._journal.transaction() as tx:
            found = {one.id: one for one in tx.subscriptions.some(ids)}
            return found, tx.subscriptions.contacts(ids)

    async def _work(
        self,
        connection: Connection,
        jobs: Iterator[Due],
        subscriptions: Mapping[SubscriptionId, Subscription],
        contacts: Mapping[SubscriptionId, Contact],
        is_stopped: asyncio.Event,
    ) -> None:
        """Until there are no more jobs, or the server is away. A next message waits until the one
        before is recorded."""
        for due in jobs:
            if is_stopped.is_set():
                return
            to, contact = subscriptions.get(due.subscription), contacts.get(due.subscription)
            if to is None or contact is None or not _is_wanted(due, to):
                await self._recorder.record(due.became(is_skipped=True))
                continue
            try:
                outcome = await self._attempt(connection, due, to, contact.address)
            except ServerAway as error:
                self._note_away(str(error))
                is_stopped.set()
                return
            await self._recorder.record(outcome)
            self.progress.note()

    async def _attempt(
        self, connection: Connection, due: Due, to: Subscription, address: str
    ) -> Recorded:
        await self._paced()
        try:
            await connection.send(address, self._written(due, to, address))
        except ServerAway:
            raise
        except ReceiverGone:
            await self._report(BOUNCED, to.id)
            return due.became()
        except (Transient, Permanent) as error:
            self._log.warning("subscribers.not_sent", to=to.id, about=due.key, error=str(error))
            until = self._tried_for_s(due)
            later = due.tried_again(self._clock.now(), until, _asked_for(error))
            if later.is_given_up and isinstance(error, ReceiverMissing):
                await self._report(BOUNCED, to.id)
            return later
        reached("subscribers.sent")
        self._note_well()
        if due.is_last and to.wanted.incident is not None:
            await self._report(OVER, to.id)
        return due.became(is_sent=True)

    def _tried_for_s(self, due: Due) -> int:
        is_last = self._route.confirms_last and not due.said
        return CONFIRM_LAST_S if is_last else GIVE_UP_AFTER_S

    def _written(self, due: Due, to: Subscription, address: str) -> bytes:
        if not due.said:
            return self._route.writer.confirmation(to, address, self._clock.now())
        update = Update(key=due.key, subject=due.subject, said=due.said, at=due.at)
        return self._route.writer.update(update, to, address)

    async def _report(self, kind: str, subscription: SubscriptionId) -> None:
        await self._reporter.report(kind, about(subscription))

    async def _paced(self) -> None:
        if self._limit is None:
            return
        self._bucket.fill(self._limit, self._clock.monotonic())
        wait = self._bucket.wait_s(self._limit, self._clock.monotonic())
        wait -= self._limit.window_s / self._limit.most
        if wait > 0:
            self.progress.note(wait)
            await self._sleep(wait)

    def _note_away(self, why: str) -> None:
        if not self._is_away:
            self._log.error("subscribers.server_away", error=why)
        self._is_away = True
        self._pause_s = min(_LONGEST_PAUSE_S, max(_FIRST_PAUSE_S, self._pause_s * 2))

    def _note_well(self) -> None:
        if self._is_away:
            self._log.info("subscribers.server_back")
        self._is_away = False


def _confirmations(asked: Sequence[Subscription], rank: int) -> Iterator[Planned]:
    """One for each that was asked for."""
    for one in asked:
        yield Planned(
            key=f"confirm:{one.id}", subject="", at=one.created_at, said={},
            subscriptions=(one.id,), rank=rank,
        )  # fmt: skip


def _asked_for(error: Exception) -> float:
    """Seconds that the other side asks us to wait."""
    return getattr(error, "retry_after", None) or 0.0


def _planned(told: Announcement, ids: Sequence[SubscriptionId]) -> Planned:
    return Planned(
        key=told.key, subject=told.news.subject, at=told.at, said=told.said, subscriptions=ids,
        is_last=told.is_last,
    )  # fmt: skip


def _is_wanted(due: Due, to: Subscription) -> bool:
    """A confirmation goes to who has not confirmed, an update to who has."""
    wanted = SubscriptionState.CONFIRMED if due.said else SubscriptionState.PENDING
    return to.state is wanted
