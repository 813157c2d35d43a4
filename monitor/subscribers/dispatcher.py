"""Tells subscribers: what is new in the journal is planned for everybody it concerns, then sent
over a bounded number of connections, each message to each subscriber once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import structlog

from monitor.alerting.ports import Permanent, ReceiverGone, ServerAway, Transient
from monitor.catalogues.in_force import Catalogues
from monitor.domain.checks.observation import FailureClass
from monitor.domain.leaky_bucket import LeakyBucket, Limit
from monitor.domain.subscriptions.mail_address import BadAddress
from monitor.domain.subscriptions.subscription import (
    Subscription,
    SubscriptionId,
    SubscriptionState,
)
from monitor.domain.subscriptions.wishes import BOUNCED, MOVED, OVER, about, body_of_moving
from monitor.domain.time.clock import Clock
from monitor.i18n.ways import read_any_contact
from monitor.inbox.ports import InboxWriter
from monitor.journal.ports import JournalError
from monitor.runtime.kill_points import reached
from monitor.runtime.tasks import OnThread
from monitor.subscribers.channels.kind import (
    Connection,
    ReceiverMissing,
    ReceiverMoved,
    Route,
    Update,
)
from monitor.subscribers.deliveries import Deliveries, Due, Place, Recorded
from monitor.subscribers.lanes import Batch, Lanes, Outgoing
from monitor.subscribers.planning import Planner
from monitor.subscribers.ports import SubscribersJournal
from monitor.subscribers.progress import Progress
from monitor.subscribers.reporting import Reporter

POLL_S = 1.0
BATCH = 400
GIVE_UP_AFTER_S = 86_400
CONFIRM_LAST_S = 3_600
"""How long a confirmation is tried that goes last: whoever asked for it is there."""
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0
_LONGEST_ASKED_S = 3_600.0
GRACE_S = 1.0
"""For how long a batch waits for those of it that are still under way."""
MOST_PASSED_OVER = 4_000
"""Messages of slow receivers behind which others are still looked for."""


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
    the core reads; `failures` are those of which the pages say what they are."""

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
        failures: Mapping[str, FailureClass] | None = None,
    ) -> None:
        self._journal = journal
        self._deliveries = deliveries
        self._planner = Planner(
            journal=journal, catalogues=catalogues, deliveries=deliveries, kind=kind, route=route,
            clock=clock, failures=failures or {},
        )  # fmt: skip
        self._reporter = Reporter(inbox=inbox, on_thread=on_thread, sleep=sleep)
        self._route = route
        most = route.per_minute
        self._limit = None if most is None else Limit(most=most, window_s=60)
        self._bucket = LeakyBucket()
        self._clock = clock
        self._on_thread = on_thread
        self._sleep = sleep
        self._recorder = Recorder(deliveries, on_thread)
        self.progress = Progress(clock)
        self._lanes = Lanes(clock, len(route.connections))
        self._working: dict[asyncio.Task[None], Connection] = {}
        self._under_way: set[Place] = set()
        self._passed_over = 0
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
            await self._stop_working()
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
        """As `Planner.look`."""
        return self._planner.look()

    async def _send_due(self) -> int:
        """One batch; returns whether there may be more, as how many of it left. After it the server
        may need a rest. Who takes long is not waited for: its connection is free again at a later
        batch."""
        await self._one_is_free()
        due = await self._on_thread(self._due)
        if not due:
            self._pause_s = 0.0
            return 0
        if self._route.confirms_last and not due[0].said:
            # Nothing else waits. What comes meanwhile waits for one answer at the most.
            due = due[: len(self._route.connections)]
        batch = await self._on_thread(lambda: self._batch(due))
        try:
            for connection in self._route.connections:
                if connection not in self._working.values():
                    task = asyncio.create_task(self._work(connection, batch))
                    self._working[task] = connection
            await self._until_taken(batch)
        except BaseException:
            await self._stop_working()
            raise
        left = len(due) - len(batch.waiting)
        before, self._passed_over = self._passed_over, min(MOST_PASSED_OVER, len(batch.waiting))
        # What is still under way ends there: who unsubscribes meanwhile gets nothing more.
        batch.waiting.clear()
        if not batch.is_stopped:
            self._pause_s = 0.0
        return max(left, self._passed_over - before)

    def _due(self) -> Sequence[Due]:
        """What is due and not under way; beyond what was passed over, for there others wait."""
        limit = BATCH + len(self._under_way) + self._passed_over
        found = self._deliveries.due(self._clock.now(), limit)
        return [one for one in found if one.place not in self._under_way]

    async def _one_is_free(self) -> None:
        if len(self._working) == len(self._route.connections):
            await asyncio.wait(self._working, return_when=asyncio.FIRST_COMPLETED)
        self._reap()

    async def _until_taken(self, batch: Batch) -> None:
        """Until all are taken but those of slow receivers, and those that take no time have left.
        Raises what ended a connection's work."""
        while batch.is_going_on and self._working:
            left = len(batch.waiting)
            done, _ = await asyncio.wait(
                self._working, timeout=GRACE_S, return_when=asyncio.FIRST_COMPLETED
            )
            self._reap()
            if not done and len(batch.waiting) == left:
                break
        if self._working:
            await asyncio.wait(self._working, timeout=GRACE_S)
            self._reap()

    def _reap(self) -> None:
        """Raises what ended one of them."""
        for task in [one for one in self._working if one.done()]:
            del self._working[task]
            task.result()

    async def _stop_working(self) -> None:
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)
        self._working.clear()

    def _batch(self, due: Sequence[Due]) -> Batch:
        """Who gets them is read when they leave, and not when they were planned: who unsubscribed
        since gets nothing."""
        ids = {one.subscription for one in due}
        with self._journal.transaction() as tx:
            people = {one.id: one for one in tx.subscriptions.some(ids)}
            contacts = tx.subscriptions.contacts(ids)
        waiting = [
            Outgoing(
                due=one, to=people.get(one.subscription), contact=contacts.get(one.subscription)
            )
            for one in due
        ]
        return Batch(self._lanes, waiting, self._route.destination)

    async def _work(self, connection: Connection, batch: Batch) -> None:
        """Until nothing more may leave, or the server is away. A next message waits until the one
        before is recorded."""
        while not batch.is_stopped and (taken := batch.take()) is not None:
            with self._lanes.sending(taken.destination), self._being_under_way(taken.due):
                outcome = await self._outcome(connection, taken)
                if outcome is None:
                    batch.is_stopped = True
                    return
                await self._recorder.record(outcome)
                self.progress.note()

    @contextmanager
    def _being_under_way(self, due: Due) -> Iterator[None]:
        self._under_way.add(due.place)
        try:
            yield
        finally:
            self._under_way.discard(due.place)

    async def _outcome(self, connection: Connection, taken: Outgoing) -> Recorded | None:
        """None where the server is away."""
        due, to, contact = taken.due, taken.to, taken.contact
        if to is None or contact is None or not _is_wanted(due, to):
            return due.became(is_skipped=True)
        try:
            return await self._attempt(connection, due, to, contact.address)
        except ServerAway as error:
            self._note_away(error)
            return None

    async def _attempt(
        self, connection: Connection, due: Due, to: Subscription, address: str
    ) -> Recorded:
        try:
            await self._sent(connection, due, to, address)
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

    async def _sent(self, connection: Connection, due: Due, to: Subscription, address: str) -> None:
        """Where whoever was there is at another address, there, and the core is told of it.
        Raises what `Connection.send` does, but for that."""
        await self._paced()
        try:
            await connection.send(address, self._written(due, to, address))
        except ReceiverMoved as moved:
            await self._report_moved(to, address, moved.to)
            await self._paced()
            try:
                await connection.send(moved.to, self._written(due, to, moved.to))
            except ReceiverMoved as again:
                raise Transient(str(again)) from None

    async def _report_moved(self, to: Subscription, address: str, new: str) -> None:
        try:
            body = body_of_moving(*(read_any_contact(to.kind, one) for one in (address, new)))
        except BadAddress:
            raise Transient("at no address") from None
        await self._reporter.report(MOVED, body)

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

    def _note_away(self, error: ServerAway) -> None:
        if not self._is_away:
            self._log.error("subscribers.server_away", error=str(error))
        self._is_away = True
        pause = min(_LONGEST_PAUSE_S, max(_FIRST_PAUSE_S, self._pause_s * 2))
        self._pause_s = max(pause, min(_LONGEST_ASKED_S, _asked_for(error)))

    def _note_well(self) -> None:
        if self._is_away:
            self._log.info("subscribers.server_back")
        self._is_away = False


def _asked_for(error: Exception) -> float:
    """Seconds that the other side asks us to wait."""
    return getattr(error, "retry_after", None) or 0.0


def _is_wanted(due: Due, to: Subscription) -> bool:
    """A confirmation goes to who has not confirmed, an update to who has."""
    wanted = SubscriptionState.CONFIRMED if due.said else SubscriptionState.PENDING
    return to.state is wanted
